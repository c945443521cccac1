"""A large book goes into the index bit by bit: what is embedded is written before there is much."""

from __future__ import annotations

import gc
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from qdrant_client.models import PointStruct
from typing_extensions import override

from chains.embeddings.base import ChunkVectors, Spans
from chains.errors import ServiceUnavailable
from chains.index.records import read_version
from chains.index.store import open_store
from chains.settings import Settings
from ingestion import indexer
from ingestion.indexer import ingest
from ingestion.writing import POINTS_A_WRITE
from tests.support.fake_embeddings import FakeEmbeddings

SECTIONS = 4 * POINTS_A_WRITE


class Counting(FakeEmbeddings):
    """Counts the points that are in memory at its most, and the texts that are `given` each time;
    `fails_at` is a chunk that fails."""

    most = 0
    fails_at: int | None = None

    def __init__(self) -> None:
        super().__init__()
        self.given: list[int] = []

    @override
    def embed_chunks(self, texts: Sequence[str], spans: Sequence[Spans]) -> Generator[ChunkVectors]:
        self.given.append(len(texts))
        for number, vectors in enumerate(super().embed_chunks(texts, spans)):
            if number == self.fails_at:
                raise ServiceUnavailable("embeddings", "they are away")
            if number % 20 == 0:
                # By type(): isinstance would ask a weak reference whose object is gone.
                points = sum(issubclass(type(one), PointStruct) for one in gc.get_objects())
                self.most = max(self.most, points)
            yield vectors


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "book"
    root.mkdir()
    write(root, "turns")
    return root


def write(root: Path, verb: str) -> None:
    sections = (f"## Part {number}\n\nPart {number} {verb}.\n\n" for number in range(SECTIONS))
    (root / "parts.md").write_text("# Parts\n\n" + "".join(sections))


@pytest.fixture
def embeddings(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(indexer, "open_embeddings", lambda _settings: counting)
    return counting


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_construct(data=tmp_path / "data")


def test_never_more_than_two_writes_of_points_are_in_memory(
    root: Path, settings: Settings, embeddings: Counting
) -> None:
    report = ingest(root, settings)
    assert report.embedded == SECTIONS
    assert 0 < embeddings.most <= 2 * POINTS_A_WRITE


def test_the_texts_of_a_book_are_never_all_made_for_the_embeddings(
    root: Path, settings: Settings, embeddings: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "CHUNKS_A_TIME", 100)
    told: list[tuple[int, int]] = []
    ingest(root, settings, progress=lambda done, total: told.append((done, total)))
    assert embeddings.given == [100, 100, SECTIONS - 200]
    assert told == [(done, SECTIONS) for done in range(SECTIONS + 1)]


def test_embeddings_that_fail_when_half_is_written_leave_the_index_as_it_was(
    root: Path, settings: Settings, embeddings: Counting
) -> None:
    before = ingest(root, settings)
    write(root, "stands")
    embeddings.fails_at = 2 * POINTS_A_WRITE
    with pytest.raises(ServiceUnavailable):
        ingest(root, settings)
    with open_store(settings, embeddings) as store:
        assert read_version(store) == before.version
    assert len([one for one in (settings.data / "index").iterdir() if one.is_dir()]) == 1
