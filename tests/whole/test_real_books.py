"""Questions to the robotics textbook, answered with quotes: what a reader of a real book gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from chains.answering.inputs import PROMPT_INPUTS
from chains.embeddings.provider import open_embeddings
from chains.errors import ContentNotFound
from chains.events import Delta, Source
from chains.index.library import Library
from chains.index.retriever import BookRetriever
from chains.index.store import open_store
from chains.models.model import Model
from chains.models.quotes.quoting_model import QuotingChatModel
from chains.prompts.prompt import load_prompt
from chains.question import Question, Selection
from chains.tutor import TutorChain
from ingestion.indexer import Report
from quart_app.settings import WebSettings

BATTERIES = "02-physical-fundamentals/04-power-systems.mdx"


@pytest.fixture(scope="module")
def tutor(robotics_book: tuple[WebSettings, Report]) -> Iterator[TutorChain]:
    settings, _ = robotics_book
    prompt = load_prompt("answer", settings, PROMPT_INPUTS)
    with open_store(settings, open_embeddings(settings)) as store:
        retriever = BookRetriever(library=Library(store))
        yield TutorChain(
            retriever, {"answer": prompt}, Model(QuotingChatModel(), "quotes", kind="quotes")
        )


async def cited(tutor: TutorChain, question: Question) -> list[Source]:
    """The sources that the answer cites, in order."""
    events = [event async for event in tutor.astream(question)]
    return [source for e in events if isinstance(e, Delta) for source in e.sources]


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("What is the Zero Moment Point?", "Zero Moment Point (ZMP) Theory"),
        ("what is zmp", "Zero Moment Point (ZMP) Theory"),
        ("What is a battery management system?", "Battery Management Systems (BMS)"),
    ],
)
async def test_the_section_on_what_is_asked_is_among_the_first_two_cited(
    tutor: TutorChain, question: str, section: str
) -> None:
    sources = await cited(tutor, Question(question))
    assert section in [source.title for source in sources[:2]]


@pytest.mark.parametrize("knows_page", [True, False])
@pytest.mark.parametrize(
    "heading",
    [
        "Lithium-Ion Batteries",
        "Lithium-Polymer Batteries",
        "Battery Management Systems (BMS)",
        "Cooling Strategies",
    ],
)
async def test_explain_this_is_answered_from_the_section_that_was_highlighted(
    tutor: TutorChain, books: Path, heading: str, knows_page: bool
) -> None:
    text = (books / "humanoid-robotics" / BATTERIES).read_text("utf-8")
    sentence = text.split(f"### {heading}\n\n")[1].split("\n")[0]
    book = tutor.retriever.library.book()
    page = book.url(book.files[BATTERIES]) if knows_page else None
    sources = await cited(tutor, Question("explain this", (Selection(sentence, page=page),)))
    assert (sources[0].file, sources[0].title) == (BATTERIES, heading)


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "Who won the World Cup?", "explain this"]
)
async def test_what_the_book_does_not_cover_is_refused_with_suggestions(
    tutor: TutorChain, question: str
) -> None:
    with pytest.raises(ContentNotFound) as refused:
        await tutor.ainvoke(Question(question))
    assert len(refused.value.suggestions) == 3


async def test_nearly_every_heading_finds_its_chapter(tutor: TutorChain) -> None:
    """Recall of files among what may be cited; 0.99 when this was written."""
    chapters: dict[str, set[str]] = defaultdict(set)
    for file in tutor.retriever.library.book().files.values():
        for section in file.sections[1:]:
            chapters[section.path[-1]].add(file.file)
    found = 0
    for heading, files in chapters.items():
        passages = await tutor.retriever.ainvoke(heading)
        found += not files.isdisjoint(passage.metadata["file"] for passage in passages)
    assert len(chapters) > 250
    assert found / len(chapters) >= 0.95
