"""Writes to an embedded collection: qdrant-client's operations in the engine's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qdrant_edge as edge
from qdrant_client import models

from chains.index.edge.types import refuse_fields, to_filter, to_vectors, unknown


def to_operation(operation: Any) -> edge.UpdateOperation:
    """One of the writes of `batch_update_points`."""
    if type(operation) not in OPERATIONS:
        raise unknown(operation)
    return OPERATIONS[type(operation)](operation)


def to_selector(chosen: Any) -> models.PointIdsList | models.FilterSelector:
    """The points that a write is about: ids or a filter, alone or in their wrapping."""
    if isinstance(chosen, models.PointIdsList | models.FilterSelector):
        return chosen
    if isinstance(chosen, models.Filter):
        return models.FilterSelector(filter=chosen)
    if isinstance(chosen, list):
        return models.PointIdsList(points=chosen)
    raise unknown(chosen)


def to_change(payload: models.Payload, chosen: Any, key: str | None = None) -> models.SetPayload:
    """A change of the payload of those points."""
    selector = to_selector(chosen)
    if isinstance(selector, models.FilterSelector):
        return models.SetPayload(payload=payload, filter=selector.filter, key=key)
    return models.SetPayload(payload=payload, points=selector.points, key=key)


def _upsert(operation: models.UpsertOperation) -> edge.UpdateOperation:
    points = operation.upsert
    if not isinstance(points, models.PointsList):
        raise unknown(points)
    refuse_fields(points, {"points"})
    return edge.UpdateOperation.upsert_points(
        [edge.Point(p.id, to_vectors(p.vector), p.payload or {}) for p in points.points]
    )


def _delete(operation: models.DeleteOperation) -> edge.UpdateOperation:
    chosen = operation.delete
    if isinstance(chosen, models.FilterSelector):
        return edge.UpdateOperation.delete_points_by_filter(to_filter(chosen.filter))
    return edge.UpdateOperation.delete_points(chosen.points)


def _set(operation: models.SetPayloadOperation) -> edge.UpdateOperation:
    change = operation.set_payload
    payload, key = change.payload, change.key
    if change.filter is not None:
        return edge.UpdateOperation.set_payload_by_filter(to_filter(change.filter), payload, key)
    return edge.UpdateOperation.set_payload(change.points or [], payload, key)


def _overwrite(operation: models.OverwritePayloadOperation) -> edge.UpdateOperation:
    change = operation.overwrite_payload
    refuse_fields(change, {"payload", "points", "filter"})
    if change.filter is not None:
        return edge.UpdateOperation.overwrite_payload_by_filter(
            to_filter(change.filter), change.payload
        )
    return edge.UpdateOperation.overwrite_payload(change.points or [], change.payload)


OPERATIONS: dict[type, Callable[[Any], edge.UpdateOperation]] = {
    models.UpsertOperation: _upsert,
    models.DeleteOperation: _delete,
    models.SetPayloadOperation: _set,
    models.OverwritePayloadOperation: _overwrite,
}
