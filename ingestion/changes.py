"""Changes: how the index differs from a book's folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from chains.embeddings.base import BookEmbeddings
from chains.index.book import CHUNK_KINDS, Book, Chunk, file_id
from chains.index.scope import Scope
from ingestion.folder.book_folder import BookFile, BookFolder
from ingestion.options import Published

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore
    from qdrant_client import models

    from chains.index.bm25 import Bm25

PAGE = 256
"""Points a request."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What to write. Of the `chunks` that the index will hold, `missing` ones have no vectors yet,
    `moved` ones have, and stand at another place of their section now; `lost` are those that it
    held so far. `gone` are ids of chunks, `gone_files` of file records. `is_anew` says that nothing
    of what the index held stays; `current` is the collection of a Qdrant server that the folder
    was compared with."""

    book: Book
    is_anew: bool
    chunks: tuple[Chunk, ...]
    missing: tuple[Chunk, ...]
    moved: tuple[Chunk, ...]
    lost: tuple[Chunk, ...]
    gone: Mapping[str, str]
    files: tuple[BookFile, ...]
    gone_files: Mapping[str, str]
    edited: frozenset[str]
    current: str | None = None

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
    published: Published,
) -> Changes:
    """Compare a folder with the index, of which `recorded` is the book, None to begin from nothing.

    A file of the index that cannot be read in the folder now is left as it is.
    """
    from chains.index.records import chunk_payload

    held = _held(store, folder, recorded)
    chunks = {chunk.id: chunk for one in folder.files for chunk in one.chunks}
    file_payloads = {one.file.id: _file_payload(one) for one in folder.files}
    here = {id_: _digest(id_, chunk_payload(chunk)) for id_, chunk in chunks.items()}
    here |= {id_: _digest(id_, payload) for id_, payload in file_payloads.items()}
    everything = {id_: _digest(id_, payload) for id_, payload in held.kept.items()} | here
    gone = {id_: held.chunks[id_].file for id_ in held.chunks if id_ not in everything}
    return Changes(
        book=_book(folder, published, store, everything),
        is_anew=recorded is None,
        chunks=(*chunks.values(), *_chunks_in(held.kept.values())),
        missing=tuple(chunk for id_, chunk in chunks.items() if id_ not in held.chunks),
        moved=tuple(
            chunk
            for id_, chunk in chunks.items()
            if id_ in held.chunks and held.chunks[id_].digest != here[id_]
        ),
        lost=_chunks_in(_payloads(store, gone)),
        gone=gone,
        files=tuple(
            one for one in folder.files if held.files.get(one.file.id) != file_payloads[one.file.id]
        ),
        gone_files={
            id_: one["metadata"]["file"] for id_, one in held.files.items() if id_ not in everything
        },
        edited=_edited(held.files, file_payloads),
        current=_current(store),
    )


def _digest(id_: str, payload: Any) -> bytes:
    """Of a point with its payload: of a large book there is no room for all payloads twice."""
    return hashlib.sha256(msgspec.json.encode([id_, payload], order="deterministic")).digest()


def _chunks_in(payloads: Iterable[Any]) -> tuple[Chunk, ...]:
    from chains.index.records import chunk_of

    return tuple(chunk_of(one) for one in payloads if one["metadata"]["kind"] in CHUNK_KINDS)


def _current(store: QdrantVectorStore) -> str | None:
    from chains.index.aliases import current_collection
    from chains.index.edge.edge_client import EdgeClient

    if isinstance(store.client, EdgeClient):
        return None
    return current_collection(store.client, store.collection_name)


def _edited(held: Mapping[str, Any], now: Mapping[str, Any]) -> frozenset[str]:
    """The names of files that are in both, and not the same for an author."""
    both = ((held[id_], payload) for id_, payload in now.items() if id_ in held)
    changed = (after for before, after in both if _seen(before) != _seen(after))
    return frozenset(payload["metadata"]["file"] for payload in changed)


def _seen(payload: Any) -> tuple[str, str, str]:
    """What an author would call the page: its text, its title and its address. Another page in
    front of it changes its place in the book, and is no change of this one."""
    metadata = payload["metadata"]
    return payload["page_content"], metadata["title"], metadata["route"]


class _HeldChunk(NamedTuple):
    file: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Held:
    """What the index has, by id: its chunks, the payloads of its files, and as `kept` the payloads
    of files that cannot be read now, with those of their chunks."""

    chunks: Mapping[str, _HeldChunk]
    files: Mapping[str, Any]
    kept: dict[str, Any]


def _held(store: QdrantVectorStore, folder: BookFolder, recorded: Book | None) -> _Held:
    from chains.index.records import each_chunk

    if recorded is None:
        return _Held({}, {}, {})
    ids = [file.id for file in recorded.files.values()]
    files = {str(one.id): one.payload for one in _records(store, ids)}
    unread = _unread(folder, recorded)
    kept = {file_id(file): files[file_id(file)] for file in unread}
    chunks: dict[str, _HeldChunk] = {}
    for id_, payload in each_chunk(store):
        file = payload["metadata"]["file"]
        chunks[id_] = _HeldChunk(file, _digest(id_, payload))
        if file in unread:
            kept[id_] = payload
    return _Held(chunks, files, kept)


def _payloads(store: QdrantVectorStore, ids: Iterable[str]) -> Iterator[Any]:
    wanted = [*ids]
    for start in range(0, len(wanted), PAGE):
        for record in _records(store, wanted[start : start + PAGE]):
            yield record.payload


def _records(store: QdrantVectorStore, ids: Sequence[str]) -> Sequence[models.Record]:
    return store.client.retrieve(store.collection_name, [*ids])


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
    folder: BookFolder,
    published: Published,
    store: QdrantVectorStore,
    everything: Mapping[str, bytes],
) -> Book:
    """The book's record; its version stands for all that readers can see of it."""
    embeddings = cast("BookEmbeddings", store.embeddings)
    book = Book(
        title=published.title or folder.title,
        root=str(folder.root),
        base_url=published.base_url,
        url_style=published.url_style,
        given_title=published.title,
        embeddings=embeddings.name,
        vector_size=embeddings.size,
        language=cast("Bm25", store.sparse_embeddings).language,
        version="",
    )
    digest = hashlib.sha256(msgspec.json.encode(book, order="deterministic"))
    for _, shown in sorted(everything.items()):
        digest.update(shown)
    return replace(book, version=digest.hexdigest()[:16])
