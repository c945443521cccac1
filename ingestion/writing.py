"""Writing: the one step that brings the index to what an ingestion found."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from chains.index.scope import Scope
from chains.index.store import reaching_index
from ingestion.changes import Changes

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore
    from qdrant_client import models
    from qdrant_client.client_base import QdrantBase

POINTS_A_WRITE = 64
"""A Qdrant server takes requests of 32 MB by default; a chunk with its sentences makes 100 KB."""


def write_changes(
    store: QdrantVectorStore,
    changes: Changes,
    points: Iterable[models.PointStruct],
    measure: Callable[[], Scope] | None = None,
) -> None:
    """Apply the changes; `points` are those of the missing chunks, with their vectors.

    Points are written as they come, so that never many of them are in memory; then `measure` is
    asked for the scope of the book. The index takes all or nothing: readers have the old version
    until the new one is whole. From the last writes on, Ctrl-C waits until it is.

    Raises StoreError where the disk lacks the room, where the writes fail, and where another
    ingestion has written to the same Qdrant server since the comparison; and what making the
    points raises.
    """
    with ExitStack() as calm, reaching_index(), _rewriting(store, changes) as write:
        for batch in _batches(points):
            write(_upsert(batch))
        if measure is not None:
            changes = changes.with_scope(measure())
        calm.enter_context(_undisturbed())
        for operation in _operations(changes):
            write(operation)


@contextmanager
def _rewriting(
    store: QdrantVectorStore, changes: Changes
) -> Iterator[Callable[[models.UpdateOperation], object]]:
    """Takes the writes, one at a time, of what becomes the index at the end of the block."""
    from chains.index.aliases import rewriting
    from chains.index.edge.edge_client import EdgeClient
    from chains.index.store import COLLECTION, create_collection

    client: QdrantBase = store.client
    size = changes.book.vector_size
    if isinstance(client, EdgeClient):
        with client.rewriting(empty=changes.is_anew, added=_added(changes)) as new:
            if changes.is_anew:
                create_collection(new, size)
            yield lambda operation: new.batch_update_points(COLLECTION, [operation])
        return
    book, current = store.collection_name, changes.current
    with rewriting(client, size, empty=changes.is_anew, current=current, alias=book) as name:
        yield lambda operation: client.batch_update_points(name, [operation])


def check_room(store: QdrantVectorStore, changes: Changes) -> None:
    """Raise StoreError where the disk of an embedded index lacks the room for the changes."""
    from chains.index.edge.edge_client import EdgeClient

    client: QdrantBase = store.client
    if isinstance(client, EdgeClient):
        client.check_room(empty=changes.is_anew, added=_added(changes))


def _added(changes: Changes) -> int:
    """About how many bytes of vectors and texts are new, before there are any vectors."""
    vector = 4 * changes.book.vector_size
    vectors = sum(1 + len(chunk.sentences) for chunk in changes.missing) * vector
    texts = sum(2 * len(chunk.content) for chunk in changes.missing)  # its sentences, too
    return vectors + 4 * (texts + sum(len(one.text) for one in changes.files))


def _operations(changes: Changes) -> Iterator[models.UpdateOperation]:
    """What is to be written beside the points of missing chunks."""
    from qdrant_client import models

    from chains.index.records import book_point, chunk_payload, file_point, scope_point
    from chains.index.starters import starters_id

    for batch in _batches(file_point(one.file, one.text) for one in changes.files):
        yield _upsert(batch)
    for chunk in changes.moved:
        moved = models.SetPayload(payload=chunk_payload(chunk), points=[chunk.id])
        yield models.OverwritePayloadOperation(overwrite_payload=moved)
    # The questions of a page go with it.
    if gone := [*changes.gone, *changes.gone_files, *map(starters_id, changes.gone_files)]:
        yield models.DeleteOperation(delete=models.PointIdsList(points=list(gone)))
    yield _upsert([scope_point(changes.book.scope), book_point(changes.book)])


def _batches(points: Iterable[models.PointStruct]) -> Iterator[list[models.PointStruct]]:
    left = iter(points)
    while batch := list(islice(left, POINTS_A_WRITE)):
        yield batch


def _upsert(points: list[models.PointStruct]) -> models.UpsertOperation:
    from qdrant_client import models

    return models.UpsertOperation(upsert=models.PointsList(points=points))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C is not heard within; other threads than the main one never hear it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
