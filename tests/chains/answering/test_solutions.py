"""Solutions of exercises are for readers who ask for them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from langchain_core.messages import HumanMessage

from chains.embeddings.provider import open_embeddings
from chains.index.library import Library
from chains.index.store import open_store
from chains.models.quotes.evidence import EVIDENCE, Evidence
from chains.models.quotes.quoting_model import HELD_BACK, QuotingChatModel
from chains.question import Question, Selection
from ingestion.indexer import ingest
from tests.conftest import settings_of
from tests.support.tutors import quoting_tutor, scripted

PAGE = """\
# Motors

A motor turns current into torque, and its torque grows with the current.

## Exercise

What torque does the motor of a knee need at a current of six amperes?

:::details Solution

The motor of a knee needs a torque of forty-two newton metres at six amperes.

:::
"""
ASKED = "What torque does the motor of a knee need at six amperes?"
SOLVED = "forty-two"
HINT = "give a hint at most"


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A book whose exercise is solved in a box."""
    root = tmp_path_factory.mktemp("solved")
    (root / "book").mkdir()
    (root / "book" / "motors.md").write_text(PAGE, encoding="utf-8")
    settings = settings_of(root / "data")
    ingest(root / "book", settings)
    with open_store(settings, open_embeddings(settings)) as store:
        yield Library(store)


async def test_a_solution_is_not_quoted_until_the_reader_asks_for_it(solved: Library) -> None:
    tutor = quoting_tutor(solved)
    kept = await tutor.ainvoke(Question(ASKED))
    assert any(SOLVED in source.quote for source in kept.sources)
    assert SOLVED not in kept.text
    asked = await tutor.ainvoke(Question(f"What is the solution: {ASKED}"))
    assert SOLVED in asked.text


async def test_a_model_learns_which_source_is_a_solution_not_asked_for(
    solved: Library,
) -> None:
    async with scripted(solved, "Mind the current [1].") as (tutor, endpoint):
        await tutor.ainvoke(Question(ASKED))
        await tutor.ainvoke(Question(f"Show me the solution of this: {ASKED}"))
        selection = Selection("The motor of a knee needs a torque of forty-two newton metres")
        await tutor.ainvoke(Question(ASKED, (selection,)))
    first, *others = (str(request.body["messages"]) for request in endpoint.requests)
    assert HINT in first
    assert first.index(HINT) < first.index(SOLVED)
    assert all(SOLVED in other and HINT not in other for other in others)


def test_what_the_book_has_on_it_may_be_a_solution_alone() -> None:
    evidence = Evidence("Why?", np.ones(2, dtype=np.float32), (), held_back=True)
    message = HumanMessage("Why?", additional_kwargs={EVIDENCE: evidence})
    assert QuotingChatModel().invoke([message]).text == HELD_BACK
