"""What a book covers is measured when it changes, and no more often."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chains.answering.gate.calibration import FEWEST
from chains.index.records import read_book, scope_point
from chains.index.scope import Scope, Vocabulary
from chains.index.store import COLLECTION, open_store
from chains.settings import Settings
from ingestion import indexer
from ingestion.indexer import ingest
from tests.support.fake_embeddings import FakeEmbeddings

SECTION = "## Part {0}\n\nThe part with the name {0} turns around its axis {1} in a second.\n\n"
NAMES = [f"{one}{other}on" for one in "bdfgklmnpr" for other in "aeiou"]


class Counting(FakeEmbeddings):
    """Counts the texts that are embedded on their own."""

    asked = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked += len(texts)
        return super().embed_documents(texts)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "book"
    root.mkdir()
    parts = [SECTION.format(name, "twice") for name in NAMES]
    (root / "parts.md").write_text("# Parts\n\n" + "".join(parts))
    return root


@pytest.fixture
def embeddings(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(indexer, "open_embeddings", lambda _settings: counting)
    return counting


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_construct(data=tmp_path / "data")


def scope_of(settings: Settings) -> Scope:
    with open_store(settings, FakeEmbeddings()) as store:
        return read_book(store).scope


def keep_words(settings: Settings, more: dict[str, int], rule: str = "") -> None:
    """Write more words into the index, as if they stood in chunks."""
    with open_store(settings, FakeEmbeddings()) as store:
        scope = read_book(store).scope
        words = scope.vocabulary
        frequencies = {**words.frequencies, **more}
        words = Vocabulary(words.chunks, frequencies, rule or words.rule)
        store.client.upsert(COLLECTION, [scope_point(replace(scope, vocabulary=words))])


def change(root: Path, *names: str) -> None:
    text = (root / "parts.md").read_text()
    for name in names:
        text = text.replace(SECTION.format(name, "twice"), SECTION.format(name, "thrice"))
    (root / "parts.md").write_text(text)


def test_an_ingestion_keeps_words_scale_and_curve_with_the_index(
    root: Path, settings: Settings, embeddings: Counting
) -> None:
    report = ingest(root, settings)
    scope = scope_of(settings)
    assert scope.vocabulary.chunks == report.chunks
    assert scope.vocabulary.frequencies["baon"] == 1
    assert not scope.vocabulary.lacks("axis")
    assert [point.threshold for point in scope.scale.curve][::10] == [0, 0.5, 1]
    assert 0 < embeddings.asked <= 350


def test_an_unchanged_run_embeds_nothing_and_keeps_the_scope(
    root: Path, settings: Settings, embeddings: Counting
) -> None:
    ingest(root, settings)
    before, asked = scope_of(settings), embeddings.asked
    assert ingest(root, settings).embedded == 0
    assert (scope_of(settings), embeddings.asked) == (before, asked)


def test_edits_add_up_to_the_words_that_a_new_index_counts(
    root: Path, settings: Settings, embeddings: Counting, tmp_path: Path
) -> None:
    ingest(root, settings)
    change(root, "baon")
    ingest(root, settings)
    other = root / "other.md"
    other.write_text("# Other\n\nThe gyroscope of the part turns.\n")
    ingest(root, settings)
    assert scope_of(settings).vocabulary.frequencies["gyroscop"] == 1
    other.write_text("# Other\n\nThe part turns.\n")
    ingest(root, settings)
    assert scope_of(settings).scale.changed > 0
    anew = Settings.model_construct(data=tmp_path / "anew")
    ingest(root, anew)
    assert scope_of(settings).vocabulary == scope_of(anew).vocabulary


def test_an_edit_leaves_the_words_of_other_chunks_uncounted(
    root: Path, settings: Settings, embeddings: Counting
) -> None:
    ingest(root, settings)
    keep_words(settings, {"planted": 7})
    change(root, "baon")
    ingest(root, settings)
    assert scope_of(settings).vocabulary.frequencies["planted"] == 7
    keep_words(settings, {"planted": 7}, rule="another release")
    change(root, "beon")
    ingest(root, settings)
    assert "planted" not in scope_of(settings).vocabulary.frequencies


def test_a_small_edit_counts_the_words_again_and_keeps_the_scale(
    root: Path, settings: Settings, embeddings: Counting
) -> None:
    ingest(root, settings)
    before, asked = scope_of(settings), embeddings.asked
    change(root, "baon")
    ingest(root, settings)
    after = scope_of(settings)
    assert embeddings.asked == asked
    assert after.vocabulary.frequencies["thric"] == 1
    assert (after.scale.changed, after.scale.curve) == (2, before.scale.curve)


def test_edits_that_add_up_to_a_tenth_measure_again(
    root: Path, settings: Settings, embeddings: Counting
) -> None:
    ingest(root, settings)
    asked = embeddings.asked
    change(root, "baon", "beon")
    ingest(root, settings)
    assert (scope_of(settings).scale.changed, embeddings.asked) == (4, asked)
    change(root, "bion")
    ingest(root, settings)
    assert scope_of(settings).scale.changed == 0
    assert embeddings.asked == 2 * asked


def test_a_short_book_gets_a_scale_that_fits_most(
    root: Path, settings: Settings, embeddings: Counting
) -> None:
    sections = (root / "parts.md").read_text().split("## ")
    (root / "parts.md").write_text("## ".join(sections[: FEWEST - 1]))
    ingest(root, settings)
    assert scope_of(settings).scale.curve == ()
    assert embeddings.asked == 0
