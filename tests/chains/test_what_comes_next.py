"""What a reader says after an answer, about a page, or to begin with."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from chains.errors import ContentNotFound
from chains.events import Answer, Grounding, chunk_uuid
from chains.index.library import Library
from chains.question import Question, Selection, Turn
from chains.tutor import TutorChain
from tests.support.tutors import ZMP, quoting_tutor, scripted

WALKING = "https://robots.example/book/motion/walking"
HANDS, LAST = "04-hands/01-hands.md", "05-in-service/02-safety.md"


@pytest.fixture
def quoting(library: Library) -> TutorChain:
    return quoting_tutor(library)


def turn_after(question: Question, answer: Answer) -> Turn:
    ids = tuple(chunk_uuid(source.chunk_id) for source in answer.sources)
    return Turn(question.text, (), answer.text, ids)


def files_of(answer: Answer) -> set[str]:
    return {source.file for source in answer.sources}


def quoted(answer: Answer) -> set[str]:
    return {part.strip() for part in answer.text.replace("\n", " ").split("]") if part.strip()}


@pytest.mark.parametrize(
    "message", ["I don't understand", "simpler, please", "an example?", "why?", "quiz me", "Mehr?"]
)
async def test_what_goes_on_about_an_answer_gets_its_sources_again(
    quoting: TutorChain, message: str
) -> None:
    first = await quoting.ainvoke(ZMP)
    after = await quoting.ainvoke(Question(message, history=(turn_after(ZMP, first),)))
    assert [s.chunk_id for s in after.sources] == [s.chunk_id for s in first.sources]
    assert after.finish.status == "completed"
    assert not quoted(first) & quoted(after)  # and says something else


async def test_an_example_that_is_asked_for_is_one(quoting: TutorChain) -> None:
    asked = Question("What does a battery management system do?")
    first = await quoting.ainvoke(asked)
    assert "Suppose" not in first.text
    example = await quoting.ainvoke(Question("an example?", history=(turn_after(asked, first),)))
    assert "Suppose a recovery step draws 3,000 W" in example.text


async def test_talk_between_an_answer_and_what_goes_on_about_it_changes_nothing(
    quoting: TutorChain,
) -> None:
    first = await quoting.ainvoke(ZMP)
    history = turn_after(ZMP, first), Turn("Explain this", ("It tips.",), "It falls.")
    after = await quoting.ainvoke(Question("an example?", history=history))
    assert [s.chunk_id for s in after.sources] == [s.chunk_id for s in first.sources]


async def test_sources_that_are_gone_leave_the_question_to_the_whole_book(
    quoting: TutorChain,
) -> None:
    gone = Turn(ZMP.text, (), "A point.", ("01234567-89ab-cdef-0123-456789abcdef",))
    answer = await quoting.ainvoke(Question("Why does it matter?", history=(gone,)))
    assert answer.sources
    with pytest.raises(ContentNotFound):
        await quoting.ainvoke(Question("quiz me", history=(replace(gone, question="Huh?"),)))


@pytest.mark.parametrize(
    "message",
    [
        "Summarize",
        "What is this page about?",
        "key points, please",
        "I don't understand this chapter",
        "List the examples given on this page",
        "What does this page say about preview control?",
        "本页讲了什么？",
    ],
)
async def test_what_names_the_page_is_answered_from_it(quoting: TutorChain, message: str) -> None:
    answer = await quoting.ainvoke(Question(message, page=WALKING))
    assert files_of(answer) == {"03-motion/02-walking.mdx"}
    assert len(answer.sources) == 6
    assert answer.finish.sources_used > 0


async def test_a_summary_has_something_of_each_part_of_the_page(quoting: TutorChain) -> None:
    answer = await quoting.ainvoke(Question("Summarize this page", page=WALKING))
    sections = [source.section for source in answer.sources]
    assert sections[0] == "Walking"
    assert sections[-1] == "Walking > Learned walking"
    assert answer.finish.sources_used >= 5


async def test_what_the_page_does_not_hold_is_asked_of_the_whole_book(quoting: TutorChain) -> None:
    batteries = Question("What does this page say about battery packs?", page=WALKING)
    assert "05-in-service/01-power.mdx" in files_of(await quoting.ainvoke(batteries))
    with pytest.raises(ContentNotFound):
        await quoting.ainvoke(
            Question("What does this page say about the French Revolution?", page=WALKING)
        )


async def test_what_comes_next_is_the_page_after_it(quoting: TutorChain) -> None:
    after = await quoting.ainvoke(Question("What comes next?", page=WALKING))
    assert files_of(after) == {HANDS}
    book = quoting.retriever.library.latest
    last = await quoting.ainvoke(Question("next page", page=book.url(book.files[LAST])))
    assert (last.text, last.sources) == (f"This is the last page of “{book.title}”.", ())


async def test_a_language_model_gets_the_message_with_the_same_sources(library: Library) -> None:
    async with scripted(library, "A foot [1].") as (tutor, endpoint):
        first = await tutor.ainvoke(ZMP)
        await tutor.ainvoke(Question("an example?", history=(turn_after(ZMP, first),)))
        await tutor.ainvoke(Question("summarize", page=WALKING))
    texts = [cast("str", request.body["messages"][-1]["content"]) for request in endpoint.requests]
    assert len(texts) == 3  # no call to reword any of them
    assert "The reader asks: an example?\n" in texts[1]
    assert texts[1].split("The reader asks")[0] == texts[0].split("The reader asks")[0]
    assert "The reader asks: summarize (Walking)\n" in texts[2]


async def test_talk_gets_a_kind_sentence_without_sources_or_model(library: Library) -> None:
    async with scripted(library, "never") as (tutor, endpoint):
        for message, begins in [
            ("hi", "Hello!"),
            ("Danke!", "Gern geschehen!"),
            ("who are you?", "I am the tutor of “Humanoid Robots: A Short Textbook”"),
        ]:
            answer = await tutor.ainvoke(Question(message, page=WALKING))
            assert answer.text.startswith(begins)
            assert answer.sources == ()
            end = answer.finish
            assert (end.status, end.total_tokens, end.grounding) == (
                "completed",
                0,
                Grounding(0, 0),
            )
    assert endpoint.requests == []


async def test_with_a_selection_the_selection_is_meant(quoting: TutorChain) -> None:
    tips = Selection("The foot tips over its edge", page=WALKING)
    first = await quoting.ainvoke(Question("What is an IMU?"))
    history = (turn_after(Question("What is an IMU?"), first),)
    answer = await quoting.ainvoke(
        Question("I don't understand", (Selection(ZMP.text), tips), history=history)
    )
    assert [s.chunk_id for s in answer.sources] != [s.chunk_id for s in first.sources]
