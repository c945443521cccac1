from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_qdrant import QdrantVectorStore, RetrievalMode
from qdrant_client import QdrantClient

from chains.errors import StoreError
from chains.index.bm25 import Bm25
from chains.index.book import BOOK_ID, Book, Chunk, File, Section, Sentence
from chains.index.edge.edge_client import EdgeClient
from chains.index.records import (
    book_point,
    chunk_of,
    chunk_payload,
    chunk_point,
    file_point,
    list_chunks,
    read_book,
    read_page,
    read_version,
)
from chains.index.store import (
    CHUNK_VECTOR,
    COLLECTION,
    SENTENCES_VECTOR,
    WORDS_VECTOR,
    create_collection,
)
from tests.support.fake_embeddings import FakeEmbeddings

pytestmark = pytest.mark.filterwarnings(
    # The oracle scans everything, so an index of the payload is nothing to it.
    "ignore:Payload indexes have no effect:UserWarning"
)

SECTIONS = (Section((), 0, "", 0, 12), Section(("Gait", "Phases 🤖"), 1, "phases", 12, 90))
BOOK = Book("Robots", "/books/robots", "/book/", "fake", 16, "v1")


def page(name: str, position: int = 0) -> File:
    return File(name, "Gait", name.removesuffix(".md"), SECTIONS, position)


def chunk(file: str = "2-gait.md", content: str = "Steps:\n\n- heel\n- toe") -> Chunk:
    sentences = (Sentence(0, 6, "Steps:"), Sentence(10, 14, "heel", 0), Sentence(17, 20, "toe", 0))
    return Chunk(file, ("Gait", "Phases 🤖"), 1, 3, 23, content, sentences, 2)


@pytest.fixture(params=["edge", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[QdrantVectorStore]:
    client: Any = EdgeClient(tmp_path) if request.param == "edge" else QdrantClient(":memory:")
    create_collection(client, 16)
    yield QdrantVectorStore(
        client,
        COLLECTION,
        FakeEmbeddings(),
        RetrievalMode.HYBRID,
        CHUNK_VECTOR,
        sparse_embedding=Bm25(),
        sparse_vector_name=WORDS_VECTOR,
    )
    client.close()


def write_book(store: QdrantVectorStore, *names: str, book: Book = BOOK) -> None:
    points = [file_point(page(name, n), f"text of {name}") for n, name in enumerate(names)]
    store.client.upsert(COLLECTION, [*points, book_point(book)])


def write_chunks(store: QdrantVectorStore, *chunks: Chunk) -> None:
    spans = [
        [(s.start + len(c.heading), s.end + len(c.heading)) for s in c.sentences] for c in chunks
    ]
    vectors = FakeEmbeddings().embed_chunks([c.embedded_text for c in chunks], spans)
    store.client.upsert(
        COLLECTION, [chunk_point(store, c, v) for c, v in zip(chunks, vectors, strict=True)]
    )


def test_a_book_comes_back_as_it_was_written(store: QdrantVectorStore) -> None:
    write_book(store, "index.md", "2-gait.md", "10-end.md")
    book = read_book(store)
    assert replace(book, files={}) == BOOK
    assert book.files["2-gait.md"] == page("2-gait.md", 1)
    assert list(book.files) == ["index.md", "2-gait.md", "10-end.md"]
    assert read_version(store) == "v1"


def test_a_book_of_many_files_comes_back_whole(store: QdrantVectorStore) -> None:
    names = [f"{number}.md" for number in range(600)]
    write_book(store, *names)
    assert list(read_book(store).files) == names


def test_pages_come_back_as_they_were_written(store: QdrantVectorStore) -> None:
    write_book(store, "2-gait.md")
    assert read_page(store, "2-gait.md") == "text of 2-gait.md"
    with pytest.raises(KeyError, match=r"\.\./secret"):
        read_page(store, "../secret")


def test_chunks_come_back_as_they_were_written(store: QdrantVectorStore) -> None:
    table = replace(chunk(content="| a | b |"), sentences=())
    write_book(store, "2-gait.md")
    write_chunks(store, chunk(), table)
    payloads = list_chunks(store)
    assert payloads == {c.id: chunk_payload(c) for c in (chunk(), table)}
    assert chunk_of(payloads[chunk().id]) == chunk()
    assert chunk_of(payloads[table.id]) == table


def test_a_chunk_is_found_by_meaning_and_by_word_and_brings_its_sentences(
    store: QdrantVectorStore,
) -> None:
    write_book(store, "2-gait.md")
    write_chunks(store, chunk(), chunk(content="Batteries and volts"))
    (found, *_) = store.similarity_search("heels and toes", k=2)
    assert found.page_content == chunk().content
    (record,) = store.client.retrieve(COLLECTION, [chunk().id], with_vectors=[SENTENCES_VECTOR])
    assert isinstance(record.vector, dict)
    expected = [FakeEmbeddings().embed_query(s.text) for s in chunk().sentences]
    np.testing.assert_allclose(np.asarray(record.vector[SENTENCES_VECTOR]), expected, atol=1e-6)


def test_files_and_book_are_never_found_by_a_search(store: QdrantVectorStore) -> None:
    write_book(store, "2-gait.md")
    assert store.similarity_search("text of gait") == []


def test_an_empty_index_says_to_ingest(store: QdrantVectorStore) -> None:
    for read in (read_book, read_version):
        with pytest.raises(StoreError, match="run `scholiast ingest PATH`"):
            read(store)
    assert list_chunks(store) == {}


def test_a_book_of_another_schema_is_refused(store: QdrantVectorStore) -> None:
    write_book(store, "2-gait.md", book=replace(BOOK, schema=0))
    with pytest.raises(StoreError, match=r"schema 0.*scholiast ingest /books/robots`"):
        read_book(store)
    store.client.set_payload(COLLECTION, {"schema": 7, "more": 1}, [BOOK_ID], key="metadata")
    with pytest.raises(StoreError, match=r"A newer release of Scholiast wrote .*; upgrade"):
        read_book(store)


def test_a_book_of_other_embeddings_is_refused(store: QdrantVectorStore) -> None:
    write_book(store, "2-gait.md", book=replace(BOOK, embeddings="other:large", vector_size=99))
    with pytest.raises(StoreError, match=r"other:large \(99\), not fake.*--replace"):
        read_book(store)


def test_a_book_in_another_language_is_refused(store: QdrantVectorStore) -> None:
    write_book(store, "2-gait.md", book=replace(BOOK, language="german"))
    with pytest.raises(StoreError, match=r"SCHOLIAST_LANGUAGE.*--replace"):
        read_book(store)
