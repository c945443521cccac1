from __future__ import annotations

import numpy as np
import pytest

from chains.answering.relevance import THRESHOLDS, Strictness, judge, refuse, suggestions
from chains.index.book import Book, Chunk, File, Section
from chains.index.library import Library
from chains.index.passages import Candidate, Passage
from chains.index.retriever import BookRetriever
from chains.index.scope import Scope, Vocabulary
from chains.question import Question, Selection

OWN = [
    "What does the human form buy, and what does it cost?",
    "How many motions does a leg need?",
    "Why do robots walk with bent knees?",
    "What does a gearbox hide?",
    "How does a robot know which way is up?",
    "What is ZMP?",
    "When must a robot step to avoid a fall?",
    "What is the friction cone?",
    "How long does a charge last?",
    "Why is an emergency stop not simple?",
    "What are the pros and cons of the friction cone?",
    "Can you elaborate on the drawbacks of gear ratios?",
]
OTHERS = [
    "What is the capital of France?",
    "How do I bake sourdough bread?",
    "How do I borrow a value in Rust?",
]


async def found(library: Library, question: Question) -> list[Passage]:
    passages = await BookRetriever(library=library).ainvoke(question.text, question=question)
    return [passage for passage in passages if isinstance(passage, Passage)]


async def passes(library: Library, question: Question) -> bool:
    return judge(question, await found(library, question)).passed


@pytest.mark.parametrize("text", OWN)
async def test_what_the_book_answers_passes(library: Library, text: str) -> None:
    assert await passes(library, Question(text))


@pytest.mark.parametrize("text", [*OTHERS, "explain this", "?", "何ですか"])
async def test_what_it_does_not_cover_is_refused_with_the_nearest_sections(
    library: Library, text: str
) -> None:
    passages = await found(library, Question(text))
    assert not judge(Question(text), passages).passed
    nearest = suggestions(passages)
    assert [suggestion.index for suggestion in nearest] == [1, 2, 3]
    assert len({(suggestion.file, suggestion.section) for suggestion in nearest}) == 3
    assert all(suggestion.url.startswith("/book/") for suggestion in nearest)


async def test_what_is_selected_counts_as_asked(library: Library) -> None:
    own = Selection("A complementary filter trusts the gyroscope at high frequencies.")
    assert await passes(library, Question("explain this", (own,)))
    foreign = Selection("Sourdough needs a starter, flour, water and a night of rest.")
    assert not await passes(library, Question("explain this", (foreign,)))


WORDS = Vocabulary(100, {"robot": 60, "biped": 20, "walk": 30, "knee": 4, "zmp": 3, "consid": 9})


def passage(
    file: str, section: str, nearness: float, content: str = "Text.", *, selected: bool = False
) -> Passage:
    """One whose cosine with the question is `nearness`, of a book with these `WORDS`."""
    path = ("Chapter", section)
    files = {file: File(file, "Chapter", file, (Section(path, 0, "", 0, 9),))}
    book = Book("Robots", "/robots", "/book/", "fake", 2, "v1", files=files, scope=Scope(WORDS))
    chunk = Chunk(file, path, 0, 0, 9, content, ())
    vector = np.array([nearness, (1 - nearness**2) ** 0.5], dtype=np.float32)
    candidate = Candidate(chunk.id, chunk, vector, 0.0)
    return Passage.of(candidate, book, [1.0, 0.0], np.zeros((0, 2), np.float32), selected=selected)


def test_suggestions_are_the_nearest_first_and_one_a_section() -> None:
    passages = [
        passage("a.md", "Summary", 0.1),
        passage("a.md", "Gait", 0.3, "One."),
        passage("a.md", "Gait", 0.2, "Two."),
        passage("b.md", "Summary", 0.15),
        passage("b.md", "Toes", 0.05),
    ]
    found = [(one.index, one.file, one.title) for one in suggestions(passages)]
    assert found == [(1, "a.md", "Gait"), (2, "b.md", "Summary"), (3, "a.md", "Summary")]


def test_words_that_the_passages_hold_make_up_for_some_distance() -> None:
    near = passage("a.md", "Gait", 0.3, "The ZMP of a biped.")
    assert judge(Question("What is ZMP?"), [near]).passed
    far = passage("a.md", "Gait", 0.1, "The ZMP of a biped.")
    assert not judge(Question("What is ZMP?"), [far]).passed


def test_what_the_whole_book_lacks_is_not_answered_by_what_is_near() -> None:
    near = passage("a.md", "Gait", 0.55, "The ZMP of a biped.")
    assert not judge(Question("What is LIPM?"), [near]).passed
    assert not judge(Question("Which biped does Tesla build?"), [near]).passed
    assert judge(Question("Which biped has a ZMP?"), [near]).passed


def test_a_word_that_is_lacking_is_no_harm_among_enough_others() -> None:
    near = passage("a.md", "Gait", 0.6, "A biped robot can walk with its knee near the ZMP.")
    assert judge(Question("Should a biped robot walk with a straightened knee?"), [near]).passed


def test_a_refusal_names_the_words_that_the_book_lacks_as_the_reader_wrote_them() -> None:
    near = passage("a.md", "Gait", 0.55, "The ZMP of a biped robot.")
    verdict = judge(Question("Which biped robot is Waterproofed by Tesla?"), [near])
    assert (verdict.touched, verdict.missing) == (True, ("Waterproofed", "Tesla"))
    assert str(refuse(verdict, [near])) == (
        "The book touches this in “Chapter > Gait”, but says nothing about “Waterproofed” or "
        "“Tesla”. The nearest sections are listed."
    )


def test_a_question_of_another_subject_touches_nothing() -> None:
    far = passage("a.md", "Gait", 0.1, "The ZMP of a biped robot.")
    verdict = judge(Question("What is the capital of France?"), [far])
    assert not verdict.touched
    assert str(refuse(verdict, [far])).startswith("The book does not seem to cover this.")


def test_names_in_code_need_not_be_in_the_book() -> None:
    near = passage("a.md", "Gait", 0.45, "A biped robot can walk.")
    code = "\n```\nlet imu = walk(robot);\n```"
    assert judge(Question(f"Does this biped robot walk?{code}"), [near]).passed
    assert not judge(Question("Does this imu walk?"), [near]).passed


@pytest.mark.parametrize(("strictness", "passed"), [("open", 3), ("even", 2), ("strict", 1)])
def test_the_setting_moves_the_threshold(strictness: Strictness, passed: int) -> None:
    texts = "The ZMP of a biped."
    near = [passage("a.md", "Gait", nearness, texts) for nearness in (0.25, 0.32, 0.5)]
    asked = Question("What is the ZMP of a biped?")
    verdicts = [judge(asked, [one], strictness=strictness) for one in near]
    assert [verdict.passed for verdict in verdicts] == [False] * (3 - passed) + [True] * passed
    assert {verdict.threshold for verdict in verdicts} == {THRESHOLDS[strictness]}


def test_a_few_words_that_were_selected_are_let_in() -> None:
    fragment = Question("explain this", (Selection("Consider:"),))
    assert judge(fragment, [passage("a.md", "Gait", 0.28, selected=True)]).passed
    assert not judge(fragment, [passage("a.md", "Gait", 0.28)]).passed


def test_a_book_without_passages_covers_nothing() -> None:
    assert not judge(Question("What is ZMP?"), []).passed
    assert suggestions([]) == ()
