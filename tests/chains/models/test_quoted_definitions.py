"""What the quoting model quotes where a question wants a thing explained."""

from __future__ import annotations

import pytest

from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.language import explaining
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

ZENITH = """
    # The top of the sky

    The zenith is the point above your head. More exactly, it lies on the line from the middle of
    the earth through where you stand. Birds fly below.
    """
OTHERS = """
    # Menus

    You can look at the zenith by the letter Z. The zenith is in the menu, too. Astronomers like
    the zenith.
    """
FILES = """
    # Backups

    Backups are described in Section 2.5, “Saving your work”. Section 4.1 gives instructions on
    backups. For more information on backups, see the manual. A backup is made each time that the
    file is saved. It has the date in its name. Here is a screenshot of a backup. Backups of other
    programs may be read.
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
    assert explaining.defined_subject(question) == subject


def test_two_things_are_read_from_one_question() -> None:
    asked = read_question("What is the zenith and what is the nadir?")
    assert asked.defined[1:] == (frozenset({"zenith"}), frozenset({"nadir"}))


def test_what_only_says_where_to_read_on_is_not_quoted(minilm: BookEmbeddings) -> None:
    answer = ask(minilm, "How is a backup made?", FILES, max_words=80)
    assert "A backup is made each time that the file is saved. [1]" in answer
    for words in ("described in", "Section 4.1", "For more information", "screenshot"):
        assert words not in answer


def test_a_definition_is_followed_by_what_explains_it_further(minilm: BookEmbeddings) -> None:
    answer = ask(minilm, "What is the zenith?", ZENITH, OTHERS, max_words=34)
    assert (
        "The zenith is the point above your head. [1] More exactly, it lies on the line from the "
        "middle of the earth through where you stand. [1]"
    ) in answer
