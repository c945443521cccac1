from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chains.errors import StoreError
from chains.index.book import BOOK_ID, Book, File, file_id
from chains.index.library import KNOWN_QUESTIONS, Library
from chains.index.records import book_point, file_point
from chains.index.store import COLLECTION, open_store
from chains.settings import Settings
from tests.support.fake_embeddings import FakeEmbeddings

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[QdrantVectorStore]:
    settings = Settings.model_construct(data=tmp_path)
    with open_store(settings, FakeEmbeddings(), create=True) as store:
        yield store


def write(store: QdrantVectorStore, version: str, *names: str) -> None:
    files = [File(name, "Gait", name, (), position) for position, name in enumerate(names)]
    book = Book("Robots", "/robots", "/book/", "fake", 16, version)
    points = [file_point(file, f"{version} of {file.file}") for file in files]
    store.client.upsert(COLLECTION, [*points, book_point(book)])


def listed(book: Book) -> tuple[str, Sequence[str]]:
    return book.version, list(book.files)


def test_the_book_is_read_once_as_long_as_its_version_stays(store: QdrantVectorStore) -> None:
    write(store, "v1", "a.md")
    library = Library(store)
    first = library.book()
    assert listed(first) == ("v1", ["a.md"])
    store.client.delete(COLLECTION, [file_id("a.md")])
    assert library.book() is first


def test_an_ingestion_is_seen_by_the_next_call_and_not_by_what_was_handed_out(
    store: QdrantVectorStore,
) -> None:
    write(store, "v1", "a.md")
    library = Library(store)
    before = library.book()
    write(store, "v2", "a.md", "b.md")
    assert listed(library.book()) == ("v2", ["a.md", "b.md"])
    assert listed(before) == ("v1", ["a.md"])
    assert library.page("b.md") == "v2 of b.md"


async def test_the_event_loop_gets_the_same_book_and_pages(store: QdrantVectorStore) -> None:
    write(store, "v1", "a.md")
    library = Library(store)
    assert await library.read_book() is library.book()
    assert await library.read_page("a.md") == library.page("a.md") == "v1 of a.md"


def test_the_vectors_of_the_last_questions_are_known(store: QdrantVectorStore) -> None:
    write(store, "v1", "a.md")
    library = Library(store)
    for number in range(KNOWN_QUESTIONS + 1):
        library.keep_vector(f"Why {number}?", [float(number)])
    assert library.vector_of("Why 0?") is None
    assert library.vector_of("Why 1?") == [1.0]
    assert library.vector_of(f"Why {KNOWN_QUESTIONS}?") == [float(KNOWN_QUESTIONS)]


@pytest.mark.parametrize("name", ["", "b.md", "../a.md", "A.md"])
async def test_a_page_that_is_not_in_the_book_has_no_text(
    store: QdrantVectorStore, name: str
) -> None:
    write(store, "v1", "a.md")
    with pytest.raises(KeyError):
        await Library(store).read_page(name)


def test_an_index_without_a_book_says_to_ingest(store: QdrantVectorStore) -> None:
    with pytest.raises(StoreError, match="scholiast ingest"):
        Library(store)
    write(store, "v1", "a.md")
    library = Library(store)
    store.client.delete(COLLECTION, [BOOK_ID])
    with pytest.raises(StoreError, match="scholiast ingest"):
        library.book()


def test_questions_are_embedded_as_the_chunks_were(store: QdrantVectorStore) -> None:
    write(store, "v1")
    assert Library(store).embeddings is store.embeddings
