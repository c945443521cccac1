from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chains.embeddings.provider import open_embeddings
from chains.index.library import Library
from chains.index.search import find_candidates
from chains.index.starters import Starters, read_starters
from chains.index.store import open_store
from chains.question import Question
from chains.settings import Settings
from ingestion import choosing as module
from ingestion.folder.book_folder import BookFile
from ingestion.indexer import ingest
from tests.support.tutors import quoting_tutor

KETTLES = """# Kettles

## Heating

A **kettle** is a vessel that heats water. It stands on a stove.

## How much water does a kettle hold?

Most kettles hold about two liters of water.

## Exercises

A whistle is a sound that you should describe.
"""
TREES = """# Trees

## Bark

The bark is the outer layer of a tree trunk. Oaks have rough bark.
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_construct(data=tmp_path / "data")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    book = tmp_path / "book"
    book.mkdir()
    (book / "a.md").write_text(KETTLES, encoding="utf-8")
    (book / "b.md").write_text(TREES, encoding="utf-8")
    return book


def kept(settings: Settings, *files: str) -> list[Starters | None]:
    with open_store(settings, open_embeddings(settings)) as store:
        found = read_starters(store, files)
    return [found.get(file) for file in files]


def questions(starters: Starters | None) -> list[str]:
    assert starters is not None
    return [starter.question for starter in starters.questions]


def test_a_page_has_the_questions_that_its_definitions_and_headings_answer(
    root: Path, settings: Settings
) -> None:
    ingest(root, settings)
    kettles, trees, book = kept(settings, "a.md", "b.md", "")
    assert questions(kettles) == ["What is a kettle?", "How much water does a kettle hold?"]
    assert questions(trees)[0] == "What is the bark?"
    assert set(questions(book)) == {"What is a kettle?", "What is the bark?"}


def test_each_question_of_the_example_book_finds_its_own_section_first(library: Library) -> None:
    files = library.latest.files
    read = read_starters(library.store, ["", *files])
    assert len(read[""].questions) == 3
    for file in files:
        assert 1 <= len(read[file].questions) <= 3, file
        for starter in read[file].questions:
            vector = library.embeddings.embed_query(starter.question)
            best = find_candidates(library.store, starter.question, vector, {})[0].chunk
            assert (best.file, best.section) == (file, starter.section), starter


def test_a_page_that_has_not_changed_is_not_asked_again(
    root: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(root, settings)
    asked: list[str] = []
    choose = module._choose

    def noted(store: Any, one: BookFile, *others: Any) -> Any:
        asked.append(one.file.file)
        return choose(store, one, *others)

    monkeypatch.setattr(module, "_choose", noted)
    ingest(root, settings)
    assert asked == []
    changed = TREES.replace("rough bark", "thick bark")
    (root / "b.md").write_text(changed, encoding="utf-8")
    ingest(root, settings)
    assert asked == ["b.md"]
    (root / "b.md").unlink()
    ingest(root, settings)
    assert kept(settings, "b.md") == [None]


def test_an_index_without_questions_gets_them_from_the_next_run(
    root: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "_choose", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ingest(root, settings)
    assert kept(settings, "a.md", "") == [None, None]
    ingest(root, settings)
    assert len(questions(kept(settings, "")[0])) == 2


async def test_readers_are_shown_the_questions_of_their_book(library: Library) -> None:
    tutor = quoting_tutor(library)
    hello = await tutor.ainvoke(Question("hi"))
    sentence, _, shown = hello.text.partition("\n\n")
    assert sentence.startswith("Hello!")
    assert len(shown.splitlines()) == 3
    for line in shown.splitlines():
        answer = await tutor.ainvoke(Question(line.removeprefix("- ")))
        assert answer.finish.sources_used > 0


async def test_a_reader_who_asks_for_a_quiz_gets_a_question_of_the_page(library: Library) -> None:
    quiz = await quoting_tutor(library).ainvoke(
        Question("quiz me on this page", page="/book/motion/balance")
    )
    own = read_starters(library.store, ["03-motion/01-balance.mdx"])["03-motion/01-balance.mdx"]
    assert any(starter.question in quiz.text for starter in own.questions)
    assert quiz.text.endswith("]")
    assert "Suppose" not in quiz.text
