"""Ingestion into a real index with real vectors: what is embedded, kept, removed and refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from chains.embeddings.provider import open_embeddings
from chains.errors import StoreError
from chains.index.book import Book
from chains.index.library import Library
from chains.index.passages import Passage
from chains.index.records import list_chunks, read_book, read_page
from chains.index.retriever import BookRetriever
from chains.index.search import find_candidates
from chains.index.store import COLLECTION, create_collection, open_store
from chains.settings import Settings
from ingestion.changes import find_changes
from ingestion.folder.book_folder import read_book_folder
from ingestion.indexer import Report, embed_missing, ingest
from ingestion.options import Published
from ingestion.writing import write_changes

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore

MOTORS = """---
title: Motors
---

# Motors

A motor turns current into torque. It gets warm.

## Servo {#servo}

A servo holds its angle.

## Gears

Gears trade speed for torque.
"""
BALANCE = "# Balance\n\nThe zero moment point is where the ground pushes.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "book"
    root.mkdir()
    (root / "01-motors.md").write_text(MOTORS)
    (root / "02-balance.md").write_text(BALANCE)
    return root


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_construct(data=tmp_path / "data")


def reading(settings: Settings) -> Any:
    return open_store(settings, open_embeddings(settings))


def everything(settings: Settings) -> tuple[Book, dict[str, Any]]:
    """The book and its chunks, as the index holds them, with their vectors."""
    with reading(settings) as store:
        chunks = list_chunks(store)
        records = store.client.retrieve(COLLECTION, list(chunks), with_vectors=True)
        return read_book(store), {str(one.id): (one.payload, one.vector) for one in records}


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def counts(report: Report) -> tuple[int, int, int]:
    return report.chunks, report.embedded, report.removed


def test_a_book_is_written_with_vectors_of_chunks_sentences_and_words(
    root: Path, settings: Settings
) -> None:
    steps: list[tuple[int, int]] = []
    report = ingest(root, settings, progress=lambda done, total: steps.append((done, total)))
    assert (report.files, report.sections, counts(report)) == (2, 4, (4, 4, 0))
    assert steps == [(done, 4) for done in range(5)]
    book, chunks = everything(settings)
    assert (book.title, book.root, book.base_url) == ("Book", str(root.resolve()), "/book/")
    assert report.version == book.version
    assert [file.route for file in book.files.values()] == ["motors", "balance"]
    for payload, vectors in chunks.values():
        assert len(vectors["chunk"]) == book.vector_size == 384
        assert len(vectors["sentences"]) == len(payload["metadata"]["sentences"])
        assert vectors["words"].indices
    with reading(settings) as store:
        assert read_page(store, "01-motors.md") == MOTORS


def test_the_index_finds_what_was_ingested(root: Path, settings: Settings) -> None:
    ingest(root, settings)
    with reading(settings) as store:
        [found] = store.similarity_search("What is the zero moment point?", k=1)
    assert found.metadata["file"] == "02-balance.md"


def test_a_second_run_embeds_and_writes_nothing(root: Path, settings: Settings) -> None:
    first = ingest(root, settings)
    before = everything(settings), (settings.data / "index" / "current").read_text()
    second = ingest(root, settings)
    assert (counts(second), second.version) == ((4, 0, 0), first.version)
    assert (everything(settings), (settings.data / "index" / "current").read_text()) == before


def test_a_book_that_grew_page_by_page_is_searched_like_one_read_at_once(
    root: Path, settings: Settings, tmp_path: Path
) -> None:
    names, found = ["a.md", "b.md", "c.md"], []
    for steps in ([names], [["c.md"], names]):
        data = settings.model_copy(update={"data": tmp_path / f"{len(steps)} steps"})
        folder = tmp_path / "growing"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(root, folder)
        for step in steps:
            for name in step:
                (folder / name).write_text("# Notes\n\nA gyroscope measures turning.\n")
            ingest(folder, data)
        with reading(data) as store:
            vector = [*store.embeddings.embed_query("gyroscope")]
            hits = find_candidates(store, "gyroscope", vector, {})
            retriever = BookRetriever(library=Library(store))
            passages = cast("list[Passage]", retriever.invoke("What does a gyroscope measure?"))
        found.append(([hit.id for hit in hits], [passage.id for passage in passages]))
        assert {p.chunk.file for p in passages[:3]} == {"a.md", "b.md", "c.md"}
    assert found[0] == found[1]


def test_an_edit_embeds_its_section_and_leaves_the_rest(root: Path, settings: Settings) -> None:
    first = ingest(root, settings)
    _, before = everything(settings)
    change(root / "01-motors.md", "A servo holds its angle.", "A servo keeps to its angle.")
    report = ingest(root, settings)
    assert counts(report) == (4, 1, 1)
    assert report.version != first.version
    book, after = everything(settings)
    assert sum(after[id_] == kept for id_, kept in before.items() if id_ in after) == 3
    gears = book.files["01-motors.md"].sections[-1]
    with reading(settings) as store:
        assert read_page(store, "01-motors.md")[gears.start :].startswith("## Gears")


def test_a_chunk_that_moves_within_its_section_keeps_its_vectors(
    root: Path, settings: Settings
) -> None:
    ingest(root, settings)
    _, before = everything(settings)
    change(root / "01-motors.md", "## Gears\n", "## Gears\n\n{/* still a draft */}\n")
    assert counts(ingest(root, settings)) == (4, 0, 0)
    _, after = everything(settings)
    moved = [id_ for id_ in before if before[id_] != after[id_]]
    assert len(moved) == 1
    (old, old_vectors), (new, new_vectors) = before[moved[0]], after[moved[0]]
    assert old["metadata"]["start"] < new["metadata"]["start"]
    assert old_vectors == new_vectors


def test_what_is_gone_from_the_folder_goes_from_the_index(root: Path, settings: Settings) -> None:
    ingest(root, settings)
    (root / "02-balance.md").unlink()
    assert counts(ingest(root, settings)) == (3, 0, 1)
    book, chunks = everything(settings)
    assert list(book.files) == ["01-motors.md"]
    assert {payload["metadata"]["file"] for payload, _ in chunks.values()} == {"01-motors.md"}


def test_a_file_that_turns_bad_keeps_its_last_version(root: Path, settings: Settings) -> None:
    ingest(root, settings)
    (root / "02-balance.md").write_bytes(b"\xff")
    change(root / "01-motors.md", "It gets warm.", "It gets hot.")
    report = ingest(root, settings)
    assert (report.is_complete, report.embedded, report.removed) == (False, 1, 1)
    with reading(settings) as store:
        assert list(read_book(store).files) == ["01-motors.md", "02-balance.md"]
        assert read_page(store, "02-balance.md") == BALANCE
        assert len(list_chunks(store)) == 4


def test_nothing_is_removed_when_every_file_is_bad(root: Path, settings: Settings) -> None:
    ingest(root, settings)
    before = everything(settings)
    for path in root.iterdir():
        path.write_bytes(b"\0")
    report = ingest(root, settings)
    assert (report.files, report.version, len(report.skipped)) == (0, "", 2)
    assert everything(settings) == before


@pytest.mark.parametrize("replace", [False, True])
def test_an_interruption_leaves_the_index_as_it_was(
    root: Path, settings: Settings, replace: bool
) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    ingest(root, settings)
    before = everything(settings)
    (root / "01-motors.md").write_text(MOTORS.replace("o", "0"))
    with pytest.raises(KeyboardInterrupt):
        ingest(root, settings, replace=replace, progress=interrupt)
    assert everything(settings) == before


def test_an_interrupted_first_run_leaves_no_book_and_the_next_one_works(
    root: Path, settings: Settings
) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(root, settings, progress=interrupt)
    with pytest.raises(StoreError, match="no book in"), reading(settings):
        pass
    assert counts(ingest(root, settings)) == (4, 4, 0)


def test_another_book_is_refused_unless_it_is_to_replace(
    root: Path, settings: Settings, tmp_path: Path
) -> None:
    ingest(root, settings, base_url="https://example.org/b/")
    other = tmp_path / "other"
    shutil.copytree(root, other)
    before = everything(settings)
    with pytest.raises(StoreError, match=r"--book.*--replace"):
        ingest(other, settings)
    assert everything(settings) == before
    ingest(other, settings, replace=True)
    book, chunks = everything(settings)
    assert (book.root, book.base_url, len(chunks)) == (str(other.resolve()), "/book/", 4)


def test_the_address_of_the_pages_is_kept_until_another_is_given(
    root: Path, settings: Settings
) -> None:
    first = ingest(root, settings, base_url="https://example.org/b/")
    assert ingest(root, settings).version == first.version
    book, _ = everything(settings)
    assert book.url(book.files["01-motors.md"], "servo") == "https://example.org/b/motors#servo"
    second = ingest(root, settings, base_url="/docs/")
    assert (second.embedded, everything(settings)[0].base_url) == (0, "/docs/")
    assert second.version != first.version


def test_other_embeddings_are_refused_unless_they_are_to_replace(
    root: Path, settings: Settings, tmp_path: Path
) -> None:
    ingest(root, settings)
    other = settings.model_copy(update={"embedding_path": own_model(tmp_path / "own-model")})
    with pytest.raises(StoreError, match="--replace"):
        ingest(root, other)
    assert counts(ingest(root, other, replace=True)) == (4, 4, 0)
    assert everything(other)[0].embeddings.startswith("onnx-")


def own_model(folder: Path) -> Path:
    """The built-in model with a note in it, which makes it another one."""
    from chains.embeddings.minilm import _package_files

    folder.mkdir()
    for path in _package_files():
        shutil.copy(path, folder / path.name)
    with (folder / "model.onnx").open("ab") as model:
        model.write(b"\x72\x06\x0a\x01a\x12\x01b")  # an entry of metadata_props
    return folder


def test_an_index_in_use_is_refused(root: Path, settings: Settings) -> None:
    ingest(root, settings)
    for replace in (False, True):
        with reading(settings), pytest.raises(StoreError, match="in use"):
            ingest(root, settings, replace=replace)


def test_a_damaged_index_is_reported_and_can_be_replaced(root: Path, settings: Settings) -> None:
    ingest(root, settings)
    (config,) = (settings.data / "index").glob(f"*/{COLLECTION}/edge_config.json")
    config.write_text("{")
    with pytest.raises(StoreError, match="--replace"):
        ingest(root, settings)
    assert counts(ingest(root, settings, replace=True)) == (4, 4, 0)


@pytest.fixture
def oracle(settings: Settings) -> Iterator[QdrantVectorStore]:
    """A store like ours, over qdrant-client's own local mode."""
    from langchain_qdrant import QdrantVectorStore, RetrievalMode
    from qdrant_client import QdrantClient

    from chains.index.bm25 import Bm25

    embeddings = open_embeddings(settings)
    client = QdrantClient(":memory:")
    create_collection(client, embeddings.size)
    yield QdrantVectorStore(
        client,
        COLLECTION,
        embeddings,
        retrieval_mode=RetrievalMode.HYBRID,
        vector_name="chunk",
        sparse_embedding=Bm25(settings.language),
        sparse_vector_name="words",
        validate_collection_config=False,
    )
    client.close()


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")
def test_a_qdrant_of_another_kind_gets_the_same_points(
    root: Path, settings: Settings, oracle: QdrantVectorStore
) -> None:
    embeddings = open_embeddings(settings)
    recorded = None
    for text in (MOTORS, MOTORS.replace("A servo holds", "\n\nA servo keeps"), "# New\n\nNew.\n"):
        (root / "01-motors.md").write_text(text)
        folder = read_book_folder(root)
        changes = find_changes(oracle, folder, recorded, Published("/book/"))
        write_changes(oracle, changes, embed_missing(oracle, embeddings, changes))
        recorded = read_book(oracle)
        ingest(root, settings)
        with reading(settings) as store:
            assert read_book(store) == recorded
            assert list_chunks(store) == list_chunks(oracle)


def test_the_robotics_book_goes_in_whole_and_again_in_no_time(
    books: Path, robotics_book: tuple[Settings, Report]
) -> None:
    settings, first = robotics_book
    assert (first.files, first.embedded, first.skipped) == (14, first.chunks, ())
    second = ingest(books / "humanoid-robotics", settings)
    assert (second.embedded, second.removed, second.version) == (0, 0, first.version)
    with reading(settings) as store:
        book, chunks = read_book(store), list_chunks(store)
        assert len(chunks) == first.chunks
        texts = {file: read_page(store, file) for file in book.files}
    for payload in chunks.values():
        place = payload["metadata"]
        sections = book.files[place["file"]].sections
        [section] = [
            one
            for one in sections
            if (list(one.path), one.occurrence) == (place["section"], place["occurrence"])
        ]
        start, end = section.start + place["start"], section.start + place["end"]
        assert texts[place["file"]][start:end] == payload["page_content"]
    assert texts == {
        file: (books / "humanoid-robotics" / file).read_text("utf-8") for file in texts
    }


@pytest.mark.slow
def test_the_rust_book_goes_in_whole(books: Path, settings: Settings) -> None:
    report = ingest(books / "rust", settings)
    assert (report.embedded, report.skipped) == (report.chunks, ())
    assert ingest(books / "rust", settings).embedded == 0


def test_the_language_is_found_at_ingestion_and_kept_with_the_index(
    root: Path, settings: Settings
) -> None:
    (root / "01-motors.md").write_text(
        "# 配列\n\n配列は同じ型の要素を連続したメモリに格納します。\n"
    )
    (root / "02-balance.md").unlink()
    ingest(root, settings)
    assert everything(settings)[0].language == "japanese"
    (root / "01-motors.md").write_text(MOTORS)
    ingest(root, settings)
    assert everything(settings)[0].language == "japanese"
    ingest(root, settings, replace=True)
    assert everything(settings)[0].language == "english"


def test_a_language_that_is_named_is_taken_whatever_the_text_is(
    root: Path, settings: Settings
) -> None:
    german = settings.model_copy(update={"language": "german"})
    ingest(root, german)
    assert everything(settings)[0].language == "german"
    french = settings.model_copy(update={"language": "french"})
    with pytest.raises(StoreError, match=r"a book in german, not french.*--replace"):
        ingest(root, french)
    ingest(root, french, replace=True)
    assert everything(settings)[0].language == "french"
