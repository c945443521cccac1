from __future__ import annotations

import numpy as np
import pytest

from chains.answering.relevance import judge, suggestions
from chains.index.book import Book, Chunk, File, Section
from chains.index.library import Library
from chains.index.passages import Candidate, Passage
from chains.index.retriever import BookRetriever
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


def passage(
    file: str, section: str, nearness: float, content: str = "Text.", *, selected: bool = False
) -> Passage:
    """One whose cosine with the question is `nearness`."""
    path = ("Chapter", section)
    files = {file: File(file, "Chapter", file, (Section(path, 0, "", 0, 9),))}
    book = Book("Robots", "/robots", "/book/", "fake", 2, "v1", files=files)
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
    assert not judge(Question("What is LIPM?"), [near]).passed
    assert judge(Question("What is LIPM?"), [passage("a.md", "Gait", 0.5)]).passed
    assert not judge(Question("What is LIPM?"), [passage("a.md", "Gait", 0.4)]).passed
    far = passage("a.md", "Gait", 0.1, "The ZMP of a biped.")
    assert not judge(Question("What is ZMP?"), [far]).passed


def test_a_few_words_that_were_selected_are_let_in() -> None:
    fragment = Question("explain this", (Selection("Consider:"),))
    assert judge(fragment, [passage("a.md", "Gait", 0.38, selected=True)]).passed
    assert not judge(fragment, [passage("a.md", "Gait", 0.38)]).passed


def test_a_book_without_passages_covers_nothing() -> None:
    assert not judge(Question("What is ZMP?"), []).passed
    assert suggestions([]) == ()
