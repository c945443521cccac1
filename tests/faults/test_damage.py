"""Parts of an index that are gone, cut or emptied: it is damaged, and never “no book”."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import cast
from uuid import UUID

import numpy as np
import pytest
from langchain_qdrant import QdrantVectorStore
from numpy.typing import NDArray
from qdrant_client import models

import chains.index.retriever
from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.errors import DamagedIndex
from chains.index.book import SCHEMA
from chains.index.edge.edge_client import EdgeClient
from chains.index.edge.versions import PASSING
from chains.index.library import Library
from chains.index.passages import Passage
from chains.index.retriever import BookRetriever
from chains.index.search import read_sentence_vectors
from chains.index.store import CHUNK_VECTOR, COLLECTION, open_store
from chains.settings import Settings
from ingestion.indexer import ingest
from tests.conftest import EXAMPLE_BOOK, settings_of
from tests.support.commands import refused, run
from tests.support.folders import copy_folder

QUESTION = "What is a gait?"
FIX = r"run `scholiast ingest PATH --replace`, which keeps it until the new one is whole"


@cache
def embeddings() -> BookEmbeddings:
    return open_embeddings(Settings(data=Path("unused")))


def read(data: Path) -> None:
    """Only open the index, as everything does first."""
    with closing(EdgeClient(data / "index")) as client:
        client.get_collection(COLLECTION)


@contextmanager
def opened(data: Path) -> Iterator[Library]:
    settings = settings_of(data)
    with open_store(settings, embeddings()) as store:
        yield Library(store)


def answered(data: Path) -> list[tuple[str | None, str, bytes]]:
    """What a question finds, with the vectors of its sentences."""
    with opened(data) as library:
        found = BookRetriever(library=library).invoke(QUESTION)
    passages = [cast("Passage", one) for one in found]
    return [
        (one.id, one.page_content, one.sentences[: len(one.chunk.sentences)].tobytes())
        for one in passages
    ]


def parts_of(data: Path) -> list[Path]:
    """The files of the engine, but for those that it makes again, and the folders that have any."""
    [version] = [path.parent for path in data.rglob("finished")]
    below = [path for path in version.glob("*/**/*") if path.is_file()]
    files = {path for path in below if not {path.name, path.parent.name} & {*PASSING}}
    folders = {folder for file in files for folder in file.relative_to(version).parents[:-1]}
    return sorted(files | {version / folder for folder in folders})


def test_each_part_that_is_gone_makes_a_damaged_index(example_copy: Path, tmp_path: Path) -> None:
    before, aside = answered(example_copy), tmp_path / "aside"
    parts = parts_of(example_copy)
    assert len(parts) > 60
    for part in parts:
        part.rename(aside)
        with pytest.raises(DamagedIndex, match=FIX) as damaged:
            read(example_copy)
        assert str(example_copy / "index") in str(damaged.value)
        aside.rename(part)
    assert answered(example_copy) == before


@pytest.mark.parametrize("keep", [0, 0.5])
def test_so_does_each_file_that_is_cut(example_copy: Path, keep: float) -> None:
    for part in parts_of(example_copy):
        if not part.is_file():
            continue
        whole, size = part.read_bytes(), part.stat().st_size
        with part.open("rb+") as file:
            file.truncate(int(size * keep))
        with pytest.raises(DamagedIndex, match=FIX):
            read(example_copy)
        with part.open("rb+") as file:
            file.write(whole.rstrip(b"\0"))
            file.truncate(size)


def test_where_zeros_take_the_place_of_what_was_written_answers_are_right_or_it_is_damaged(
    example_copy: Path, tmp_path: Path
) -> None:
    before, data = answered(example_copy), tmp_path / "data"
    names = [
        part.relative_to(example_copy)
        for part in parts_of(example_copy)
        if part.is_file() and "payload_index" not in str(part)
    ]
    damaged = 0
    for name in names:
        _copy(example_copy, data)
        size = (data / name).stat().st_size
        with (data / name).open("wb") as file:
            file.truncate(size)
        with suppress(DamagedIndex):
            assert answered(data) == before, name
            continue
        damaged += 1
    assert damaged > len(names) / 2


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    copy_folder(source, target)


@pytest.mark.parametrize("gone", ["", "book", "book/edge_config.json", "book/segments"])
def test_what_the_record_names_is_never_called_no_book(example_copy: Path, gone: str) -> None:
    [record] = example_copy.rglob("current")
    place = record.with_name(record.read_text().strip()) / gone
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    for command in ("status", "serve"):
        said = refused(1, command)
        assert "is damaged" in said
        assert "no book" not in said
    assert ingest(EXAMPLE_BOOK, settings_of(example_copy), replace=True).embedded
    assert answered(example_copy)


def test_an_index_of_a_release_that_recorded_no_files_is_read_as_before(example_copy: Path) -> None:
    before = answered(example_copy)
    [files] = example_copy.rglob("finished")
    (files.parent / "files").unlink()
    assert answered(example_copy) == before
    for segments in files.parent.glob("*/segments"):
        shutil.rmtree(segments)
    with pytest.raises(DamagedIndex, match=FIX):
        answered(example_copy)


@pytest.mark.parametrize("kept", [0, 1, 100])
def test_of_a_release_that_told_sentences_apart_in_another_way_an_index_answers(
    example_data: Path, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:

    def as_before(store: QdrantVectorStore, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        now = read_sentence_vectors(store, ids)
        return {name: np.vstack([rows, rows[:1]])[:kept] for name, rows in now.items()}

    monkeypatch.setattr(chains.index.retriever, "read_sentence_vectors", as_before)
    with opened(example_data) as library:
        found = BookRetriever(library=library).invoke(QUESTION)
    for passage in found:
        assert isinstance(passage, Passage)
        assert len(passage.sentences) == len(passage.chunk.sentences)
    result = run("ask", QUESTION)
    assert (result.exit_code, "[1]" in result.stdout) == (0, True)


def test_a_point_that_is_no_chunk_ends_a_question_as_a_damaged_index(example_copy: Path) -> None:
    with opened(example_copy) as library:
        store = library.store
        vector = store.embeddings.embed_query(QUESTION)  # type: ignore[union-attr]
        foreign = models.PointStruct(id=str(UUID(int=1)), vector={CHUNK_VECTOR: vector}, payload={})
        store.client.upsert(store.collection_name, [foreign])
        with pytest.raises(DamagedIndex, match=FIX):
            BookRetriever(library=library).invoke(QUESTION)


def test_what_a_newer_release_wrote_is_not_to_be_replaced(example_copy: Path) -> None:
    [version] = example_copy.rglob("version.info")
    written = version.read_text()
    version.write_text("99.0.0")
    assert "A newer release of Scholiast wrote the index" in refused(1, "status")
    assert "--replace" not in refused(1, "status")
    version.write_text(written)
    with opened(example_copy) as library:
        store = library.store
        newer = {"metadata": {"schema": SCHEMA + 1, "kind": "book"}}
        store.client.set_payload(store.collection_name, newer, _books(library))
    said = refused(1, "status")
    assert "A newer release of Scholiast wrote the index" in said
    assert "scholiast ingest" not in said


def _books(library: Library) -> models.Filter:
    is_book = models.FieldCondition(key="metadata.kind", match=models.MatchValue(value="book"))
    return models.Filter(must=[is_book])
