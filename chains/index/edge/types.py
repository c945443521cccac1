"""What qdrant-client and Qdrant's embedded engine call the same thing: types, both ways.

Covers what the index of a book and langchain-qdrant use. Anything else raises
NotImplementedError with its name, so that no condition is ever dropped in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any
from uuid import UUID

import qdrant_edge as edge
from numpy import ndarray
from pydantic import BaseModel
from qdrant_client import models

NO_MATTER = {"consistency", "ordering", "timeout", "wait"}
"""Options that make no difference to one copy in this process."""


def to_filter(condition: models.Filter) -> edge.Filter:
    """The conditions of a search, scroll, count or write."""
    refuse_fields(condition, {"must", "should", "must_not"})
    return edge.Filter(
        must=_conditions(condition.must),
        should=_conditions(condition.should),
        must_not=_conditions(condition.must_not),
    )


def _conditions(conditions: Any) -> list[Any] | None:
    if conditions is None:
        return None
    given = conditions if isinstance(conditions, list) else [conditions]
    return [_by_type(CONDITIONS, condition) for condition in given]


def _field_condition(condition: models.FieldCondition) -> edge.FieldCondition:
    refuse_fields(condition, {"key", "match", "range"})
    between = condition.range
    if between is not None and not isinstance(between, models.Range):
        raise unknown(between)
    return edge.FieldCondition(
        condition.key,
        match=_by_type(MATCHES, condition.match) if condition.match else None,
        range=edge.RangeFloat(**between.model_dump()) if between else None,
    )


MATCHES: dict[type, Callable[[Any], Any]] = {
    models.MatchValue: lambda match: edge.MatchValue(match.value),
    models.MatchAny: lambda match: edge.MatchAny(match.any),
    models.MatchExcept: lambda match: edge.MatchExcept(match.except_),
}
CONDITIONS: dict[type, Callable[[Any], Any]] = {
    models.Filter: to_filter,
    models.FieldCondition: _field_condition,
    models.HasIdCondition: lambda condition: edge.HasIdCondition(set(condition.has_id)),
    models.HasVectorCondition: lambda condition: edge.HasVectorCondition(condition.has_vector),
    models.IsEmptyCondition: lambda condition: edge.IsEmptyCondition(condition.is_empty.key),
    models.IsNullCondition: lambda condition: edge.IsNullCondition(condition.is_null.key),
}


def to_vectors(vectors: Any) -> Any:
    """The vectors of a point: one, or several by name."""
    if isinstance(vectors, Mapping):
        return {name: to_vector(vector) for name, vector in vectors.items()}
    return to_vector(vectors)


def to_vector(vector: Any) -> Any:
    """A vector: dense, several dense, or sparse."""
    if isinstance(vector, models.SparseVector):
        return edge.SparseVector(vector.indices, vector.values)
    if isinstance(vector, ndarray):
        return vector.tolist()
    if isinstance(vector, list):
        return vector
    raise unknown(vector)


def to_fields(wanted: Any) -> Any:
    """Which fields of the payload to return: all, none, or some."""
    if isinstance(wanted, bool):
        return wanted
    if isinstance(wanted, models.PayloadSelectorInclude):
        return edge.PayloadSelector.Include(wanted.include)
    if isinstance(wanted, models.PayloadSelectorExclude):
        return edge.PayloadSelector.Exclude(wanted.exclude)
    return edge.PayloadSelector.Include(list(wanted))


def from_record(record: edge.Record) -> models.Record:
    """A stored point, with what was asked for of it."""
    # Not checked again: it was when it was written, and a book has thousands.
    return models.Record.model_construct(
        id=from_id(record.id), payload=record.payload, vector=_from_vectors(record.vector)
    )


def from_id(id_: Any) -> Any:
    """A point's id: a number, or a UUID with dashes."""
    return str(id_) if isinstance(id_, UUID) else id_


def _from_vectors(vectors: Any) -> Any:
    if isinstance(vectors, dict):
        return {name: _from_vector(vector) for name, vector in vectors.items()}
    return vectors


def _from_vector(vector: Any) -> Any:
    if isinstance(vector, edge.SparseVector):
        return models.SparseVector(indices=vector.indices, values=vector.values)
    return vector


def refuse_fields(given: BaseModel, known: Container[str]) -> None:
    """Raise NotImplementedError where a field is set that the translation would lose."""
    for name in given.model_fields_set:
        if name not in known and getattr(given, name) is not None:
            raise NotImplementedError(f"{type(given).__name__}.{name} in the embedded index")


def refuse_options(options: Mapping[str, Any]) -> None:
    """Raise NotImplementedError for an option whose absence would change the answer."""
    for name, value in options.items():
        if name not in NO_MATTER and value is not None:
            raise NotImplementedError(f"{name} in the embedded index")


def unknown(given: object) -> NotImplementedError:
    """The error for a type that has no translation."""
    return NotImplementedError(f"{type(given).__name__} in the embedded index")


def _by_type(table: Mapping[type, Callable[[Any], Any]], given: object) -> Any:
    if type(given) not in table:
        raise unknown(given)
    return table[type(given)](given)
