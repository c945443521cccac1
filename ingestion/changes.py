"""Changes: how the index differs from a book's folder, and the one write that brings it there."""

from __future__ import annotations

import hashlib
import json
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from chains.embeddings.base import BookEmbeddings
from chains.index.book import CHUNK_KINDS, Book, Chunk, file_id
from chains.index.scope import Scope
from ingestion.folder.book_folder import BookFile, BookFolder

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore
    from qdrant_client import models
    from qdrant_client.client_base import QdrantBase

    from chains.index.bm25 import Bm25

POINTS_A_WRITE = 64
"""A Qdrant server takes requests of 32 MB by default; a chunk with its sentences makes 100 KB."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What to write. Of the `chunks` that the index will hold, `missing` ones have no vectors yet,
    `moved` ones have, and stand at another place of their section now; `gone` are ids of chunks,
    `gone_files` of file records. `is_anew` says that nothing of what the index held stays."""

    book: Book
    is_anew: bool
    chunks: tuple[Chunk, ...]
    missing: tuple[Chunk, ...]
    moved: tuple[Chunk, ...]
    gone: tuple[str, ...]
    files: tuple[BookFile, ...]
    gone_files: tuple[str, ...]

    def is_nothing(self, recorded: Book | None) -> bool:
        """Whether the index is as it should be, and was not left half-written."""
        writes = self.missing, self.moved, self.gone, self.files, self.gone_files
        is_same = recorded is not None and replace(recorded, files={}) == self.book
        return is_same and not any(writes)

    def with_scope(self, scope: Scope) -> Changes:
        """These changes with what the book covers."""
        return replace(self, book=replace(self.book, scope=scope))


def find_changes(
    store: QdrantVectorStore,
    folder: BookFolder,
    recorded: Book | None,
    base_url: str,
) -> Changes:
    """Compare a folder with the index, of which `recorded` is the book, None to begin from nothing.

    A file of the index that cannot be read in the folder now is left as it is.
    """
    from chains.index.records import chunk_of, chunk_payload

    held = _held(store, folder, recorded)
    chunks = {chunk.id: chunk for one in folder.files for chunk in one.chunks}
    payloads = {id_: chunk_payload(chunk) for id_, chunk in chunks.items()}
    file_payloads = {one.file.id: _file_payload(one) for one in folder.files}
    everything = held.kept | payloads | file_payloads
    return Changes(
        book=_book(folder, base_url, store, everything),
        is_anew=recorded is None,
        chunks=(
            *chunks.values(),
            *(chunk_of(one) for one in held.kept.values() if _is_chunk(one)),
        ),
        missing=tuple(chunk for id_, chunk in chunks.items() if id_ not in held.chunks),
        moved=tuple(
            chunk
            for id_, chunk in chunks.items()
            if id_ in held.chunks and held.chunks[id_] != payloads[id_]
        ),
        gone=tuple(held.chunks.keys() - everything.keys()),
        files=tuple(
            one for one in folder.files if held.files.get(one.file.id) != file_payloads[one.file.id]
        ),
        gone_files=tuple(held.files.keys() - everything.keys()),
    )


def _is_chunk(payload: Mapping[str, Any]) -> bool:
    return payload["metadata"]["kind"] in CHUNK_KINDS


def write_changes(
    store: QdrantVectorStore,
    changes: Changes,
    points: Sequence[models.PointStruct],
) -> None:
    """Apply the changes; `points` are those of the missing chunks, with their vectors.

    The embedded index takes all or nothing. A server takes several calls that fit its limit, the
    book's record, and with it the new version, in the last. Ctrl-C waits until it is done.

    Raises StoreError where the disk lacks the room, and where the writes fail.
    """
    from chains.index.edge.edge_client import EdgeClient
    from chains.index.store import COLLECTION, create_collection, reaching_index

    client: QdrantBase = store.client
    operations = list(_operations(changes, points))
    with _undisturbed(), reaching_index():
        if isinstance(client, EdgeClient):
            with client.rewriting(empty=changes.is_anew, added=_added(changes)) as new:
                if changes.is_anew:
                    create_collection(new, changes.book.vector_size)
                new.batch_update_points(COLLECTION, operations)
            return
        if changes.is_anew:
            client.delete_collection(COLLECTION)
            create_collection(client, changes.book.vector_size)
        for operation in operations:
            client.batch_update_points(COLLECTION, [operation])


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


@dataclass(frozen=True, slots=True)
class _Held:
    """Payloads in the index by id; `kept` are those of files that cannot be read now."""

    chunks: Mapping[str, Any]
    files: Mapping[str, Any]
    kept: dict[str, Any]


def _held(store: QdrantVectorStore, folder: BookFolder, recorded: Book | None) -> _Held:
    from chains.index.records import list_chunks
    from chains.index.store import COLLECTION

    if recorded is None:
        return _Held({}, {}, {})
    chunks = list_chunks(store)
    ids = [file.id for file in recorded.files.values()]
    files = {str(record.id): record.payload for record in store.client.retrieve(COLLECTION, ids)}
    unread = _unread(folder, recorded)
    kept = {file_id(file): files[file_id(file)] for file in unread}
    kept |= {id_: held for id_, held in chunks.items() if held["metadata"]["file"] in unread}
    return _Held(chunks, files, kept)


def _unread(folder: BookFolder, recorded: Book) -> set[str]:
    """The files whose last version stays, because the one in the folder cannot be read."""
    faults = {skipped.file for skipped in folder.skipped if skipped.is_fault}
    folders = tuple(file for file in faults if file.endswith("/"))
    routes = {one.file.route for one in folder.files}
    return {
        name
        for name, file in recorded.files.items()
        if (name in faults or name.startswith(folders)) and file.route not in routes
    }


def _file_payload(one: BookFile) -> Any:
    from chains.index.records import file_point

    return file_point(one.file, one.text).payload


def _book(
    folder: BookFolder, base_url: str, store: QdrantVectorStore, everything: Mapping[str, Any]
) -> Book:
    """The book's record; its version stands for all that readers can see of it."""
    embeddings = cast("BookEmbeddings", store.embeddings)
    book = Book(
        title=folder.title,
        root=str(folder.root),
        base_url=base_url,
        embeddings=embeddings.name,
        vector_size=embeddings.size,
        language=cast("Bm25", store.sparse_embeddings).language,
        version="",
    )
    shown = json.dumps([asdict(book), sorted(everything.items())], sort_keys=True)
    return replace(book, version=hashlib.sha256(shown.encode()).hexdigest()[:16])


def _operations(
    changes: Changes, points: Sequence[models.PointStruct]
) -> Iterator[models.UpdateOperation]:
    from qdrant_client import models

    from chains.index.records import book_point, chunk_payload, file_point, scope_point
    from chains.index.starters import starters_id

    written = [*points, *(file_point(one.file, one.text) for one in changes.files)]
    for first in range(0, len(written), POINTS_A_WRITE):
        yield _upsert(written[first : first + POINTS_A_WRITE])
    for chunk in changes.moved:
        moved = models.SetPayload(payload=chunk_payload(chunk), points=[chunk.id])
        yield models.OverwritePayloadOperation(overwrite_payload=moved)
    # The questions of a page go with it.
    if gone := [*changes.gone, *changes.gone_files, *map(starters_id, changes.gone_files)]:
        yield models.DeleteOperation(delete=models.PointIdsList(points=list(gone)))
    yield _upsert([scope_point(changes.book.scope), book_point(changes.book)])


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
