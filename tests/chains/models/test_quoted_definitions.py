"""What the quoting model quotes where a question wants a thing explained."""

from __future__ import annotations

import pytest

from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.language import wording
from chains.models.quotes.asked_for import read_question
from chains.settings import Settings
from tests.chains.models.test_quoted_kinds import ask

SKY = """
    # Points of the sky

    The pole of the upper half of the sky is far from its horizon. The nadir is the point below
    your feet, seen from where you stand. The altitude is an angle above the horizon, and the
    azimuth is an angle along it. The zenith is the point above your head, seen from where you
    stand.
    """
LOCKS = """
    # Threads

    Threads share their memory.

    ## Mutexes

    Objects of this kind guard what several threads write. Without them the last one to write wins.

    ## Rules for mutexes

    A thread may not lock a mutex twice. A mutex is not copied. Is a mutex ever free of cost? The
    answer is no, since a mutex calls the system.
    """


@pytest.fixture(scope="module")
def minilm() -> BookEmbeddings:
    return open_embeddings(Settings.model_construct())


@pytest.mark.parametrize(
    "question", ["What is the zenith and what is the nadir?", "What are the nadir and the zenith?"]
)
def test_of_two_things_each_is_explained(minilm: BookEmbeddings, question: str) -> None:
    answer = ask(minilm, question, SKY, max_words=40)
    assert "The zenith is the point above your head" in answer
    assert "The nadir is the point below" in answer


def test_an_answer_to_a_question_of_the_book_is_not_quoted_without_it(
    minilm: BookEmbeddings,
) -> None:
    assert "The answer is no" not in ask(minilm, "Is a mutex free of cost?", LOCKS)


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("What is a mutex in C++?", "a mutex"),
        ("What is dark matter and how do we know it exists?", "dark matter"),
        ("What is supply and demand?", "supply and demand"),
        ("What is the difference between a mutex and a lock?", ""),
        ("Who invented the mutex?", ""),
    ],
)
def test_what_stands_beside_the_thing_is_not_explained(question: str, subject: str) -> None:
    assert wording.defined_subject(question) == subject


def test_two_things_are_read_from_one_question() -> None:
    asked = read_question("What is the zenith and what is the nadir?")
    assert asked.defined[1:] == (frozenset({"zenith"}), frozenset({"nadir"}))
