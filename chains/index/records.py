"""How the book is written into points of the index, and read back from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from chains.embeddings.base import BookEmbeddings, ChunkVectors
from chains.errors import StoreError, newer_index
from chains.index.book import (
    BOOK_ID,
    CHUNK_KINDS,
    SCHEMA,
    SCOPE_ID,
    Book,
    Chunk,
    File,
    Sentence,
    file_id,
)
from chains.index.scope import Scope
from chains.index.store import (
    CHUNK_VECTOR,
    SENTENCES_VECTOR,
    WORDS_VECTOR,
    as_written,
    damaged,
    place_in,
)
from chains.page_urls import UrlStyle

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore
    from qdrant_client import models

    from chains.index.bm25 import Bm25

PAGE = 256
"""Points a request when all of a kind are read."""

Payload = dict[str, Any]


class Origin(NamedTuple):
    """The folder of a book, the address of its pages, and the schema that it was written in; and
    what the author gave beside: how addresses end, and the title."""

    root: str
    base_url: str
    schema: int
    url_style: UrlStyle = ""
    given_title: str = ""


def chunk_point(
    store: QdrantVectorStore, chunk: Chunk, vectors: ChunkVectors
) -> models.PointStruct:
    """A chunk with the vectors that `embed_chunks` made of it, and its words."""
    from qdrant_client import models

    words = store.sparse_embeddings.embed_documents([chunk.embedded_text])[0]
    named: dict[str, Any] = {
        CHUNK_VECTOR: vectors.chunk,
        WORDS_VECTOR: models.SparseVector(indices=words.indices, values=words.values),
    }
    if vectors.sentences:
        named[SENTENCES_VECTOR] = vectors.sentences
    return models.PointStruct(id=chunk.id, vector=named, payload=chunk_payload(chunk))


def chunk_payload(chunk: Chunk) -> Payload:
    """What is kept of a chunk beside its vectors."""
    return _payload(
        chunk.content,
        kind=chunk.kind,
        file=chunk.file,
        section=list(chunk.section),
        occurrence=chunk.occurrence,
        start=chunk.start,
        end=chunk.end,
        repeat=chunk.repeat,
        sentences=[[s.start, s.end, s.text, s.lead] for s in chunk.sentences],
    )


def file_point(file: File, text: str) -> models.PointStruct:
    """A page of the book with its source text."""
    from qdrant_client import models

    return models.PointStruct(id=file.id, vector={}, payload=_payload(text, **_plain(file)))


def book_point(book: Book) -> models.PointStruct:
    """Whose index this is."""
    from qdrant_client import models

    fields = _plain(replace(book, files={}, scope=Scope()))
    del fields["files"], fields["scope"]
    return models.PointStruct(id=BOOK_ID, vector={}, payload=_payload("", **fields))


def scope_point(scope: Scope) -> models.PointStruct:
    """What the book covers."""
    from qdrant_client import models

    text = msgspec.json.encode(scope).decode()
    return models.PointStruct(id=SCOPE_ID, vector={}, payload=_payload(text, kind="scope"))


def read_book(store: QdrantVectorStore) -> Book:
    """The book with its files, these by path and in reading order.

    The store counts words in the language of the book from then on. Raises StoreError where there
    is none, and where it was made by another version of Scholiast, with other embeddings than the
    store's, or in another language than the one that the settings name.
    """
    fields = _book_fields(store)
    schema = fields.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise newer_index(place_in(store))
    if schema != SCHEMA:
        raise StoreError(
            f"The index was made by another version of Scholiast (schema {schema}, here {SCHEMA}); "
            f"run `scholiast ingest {fields.get('root', 'PATH')}`."
        )
    with as_written(store):
        book = Book(**fields)
    words = cast("Bm25", store.sparse_embeddings)
    check_made_alike(book, cast("BookEmbeddings", store.embeddings), words)
    words.settle(book.language)
    pages, scope = list(_read(store, ["file"], ["metadata"])), _read_scope(store)
    with as_written(store):
        files = msgspec.convert([payload["metadata"] for _, payload in pages], list[File])
    ordered = sorted(files, key=lambda file: (file.position, file.file))
    return replace(book, files={file.file: file for file in ordered}, scope=scope)


def read_origin(store: QdrantVectorStore) -> Origin | None:
    """Where the book came from, whatever release wrote it; None where there is none."""
    for record in store.client.retrieve(store.collection_name, [BOOK_ID]):
        if record.payload:
            fields = record.payload["metadata"]
            known = {name: fields[name] for name in Origin._fields if name in fields}
            return Origin(**known)
    return None


def read_version(store: QdrantVectorStore) -> str:
    """The version of the book that the index holds now. Raises StoreError where there is none."""
    return str(_book_fields(store)["version"])


def read_page(store: QdrantVectorStore, file: str) -> str:
    """The source text of a file of the book. Raises KeyError for any other name."""
    for record in store.client.retrieve(store.collection_name, [file_id(file)]):
        if record.payload:
            return str(record.payload["page_content"])
    raise KeyError(file)


def list_chunks(store: QdrantVectorStore) -> dict[str, Payload]:
    """The payload of every chunk of the index, by id."""
    return dict(each_chunk(store))


def each_chunk(store: QdrantVectorStore) -> Iterator[tuple[str, Payload]]:
    """Id and payload of every chunk, as they are read."""
    return _read(store, CHUNK_KINDS)


def chunk_of(payload: Mapping[str, Any]) -> Chunk:
    """The chunk that a payload describes."""
    metadata = payload["metadata"]
    return Chunk(
        file=metadata["file"],
        section=tuple(metadata["section"]),
        occurrence=metadata["occurrence"],
        start=metadata["start"],
        end=metadata["end"],
        content=payload["page_content"],
        sentences=tuple(Sentence(*sentence) for sentence in metadata["sentences"]),
        repeat=metadata["repeat"],
        kind=metadata["kind"],
    )


def check_made_alike(book: Book, embeddings: BookEmbeddings, words: Bm25) -> None:
    """Raise StoreError where the index was not made with these embeddings and this language."""
    again = f"or run `scholiast ingest {book.root} --replace`."
    if book.embeddings != embeddings.name:
        raise StoreError(
            f"The index was made with the embeddings {book.embeddings} ({book.vector_size}), not "
            f"{embeddings.name}; set SCHOLIAST_EMBEDDINGS back, {again}"
        )
    if words.asked not in ("auto", book.language):
        raise StoreError(
            f"The index was made for a book in {book.language}, not {words.asked}; "
            f"set SCHOLIAST_LANGUAGE back, {again}"
        )


def _payload(content: str, **metadata: Any) -> Payload:
    return {"page_content": content, "metadata": metadata}


def _plain(record: File | Book) -> Payload:
    """The fields of a record as JSON has them, with lists for tuples."""
    fields: Payload = msgspec.json.decode(msgspec.json.encode(record))
    return fields


def _read_scope(store: QdrantVectorStore) -> Scope:
    for record in store.client.retrieve(store.collection_name, [SCOPE_ID]):
        if record.payload:
            with as_written(store):
                return msgspec.json.decode(record.payload["page_content"], type=Scope)
    return Scope()


def _book_fields(store: QdrantVectorStore) -> Payload:
    for record in store.client.retrieve(store.collection_name, [BOOK_ID]):
        if record.payload:
            fields: Payload = record.payload["metadata"]
            return fields
    if getattr(store.client, "is_finished", False):
        raise damaged(store, "what it says of its book is missing")
    raise StoreError("The index holds no book yet; run `scholiast ingest PATH`.")


def _read(
    store: QdrantVectorStore, kinds: Sequence[str], fields: bool | list[str] = True
) -> Iterator[tuple[str, Payload]]:
    """Id and payload of all points of some kinds, by id."""
    from qdrant_client import models

    of_kind = models.Filter(
        must=[models.FieldCondition(key="metadata.kind", match=models.MatchAny(any=[*kinds]))]
    )
    offset = None
    while True:
        records, offset = store.client.scroll(
            store.collection_name, of_kind, limit=PAGE, offset=offset, with_payload=fields
        )
        yield from ((str(record.id), record.payload or {}) for record in records)
        if offset is None:
            return
