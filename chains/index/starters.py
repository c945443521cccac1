"""Starters: questions that the book answers well, chosen at ingestion and kept with the index.

Each page has a record with its own, and the book one with three of them. They are no part of the
book's version: the same pages give the same questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid5

import msgspec

from chains.index.book import NAMESPACE, file_id

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore
    from qdrant_client import models

KIND = "starters"
A_PAGE = 3
"""Questions of a page, and of the book."""


@dataclass(frozen=True, slots=True)
class Starter:
    """A question, and the section that answers it: its heading path, and which of those with this
    path in the file it is. `score` says how well, by the cosine and the kind of the question."""

    question: str
    section: tuple[str, ...]
    occurrence: int = 0
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Starters:
    """The questions of a page, of the book where `file` is "". `made_from` is a digest of what
    they were chosen from."""

    file: str
    made_from: str
    questions: tuple[Starter, ...] = ()
    kind: str = KIND

    @property
    def id(self) -> str:
        """UUID of the record."""
        return starters_id(file_id(self.file))


def starters_id(file: str) -> str:
    """The id of the record of the questions of a page, by the id of the page's own record."""
    return str(uuid5(NAMESPACE, f"{KIND}/{file}"))


def starters_point(starters: Starters) -> models.PointStruct:
    """The record as a point of the index."""
    from qdrant_client import models

    fields = msgspec.to_builtins(starters)
    return models.PointStruct(
        id=starters.id, vector={}, payload={"page_content": "", "metadata": fields}
    )


def read_starters(store: QdrantVectorStore, files: Iterable[str] = ("",)) -> Mapping[str, Starters]:
    """The records of these pages, of the book for "", by file; those that are there."""
    ids = [starters_id(file_id(file)) for file in files]
    records = store.client.retrieve(store.collection_name, ids)
    read = (msgspec.convert((record.payload or {})["metadata"], Starters) for record in records)
    return {one.file: one for one in read}
