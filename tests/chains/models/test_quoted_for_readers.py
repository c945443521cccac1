"""What is quoted for questions as readers ask them: short ones, that go on from something."""

from __future__ import annotations

import pytest

from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.models.quotes.asked_for import read_question
from chains.settings import Settings
from tests.chains.models.test_quoted_kinds import ask

CHECK = """
    # Building

    `cargo check` tells whether the code compiles, and makes no program. It is much faster than a
    build, so many people run it often while they write. The build of the pyramids took twenty
    years instead.

    Builds can be configured, and each build is a file on the disk of the machine.
    """
TOOLTIPS = """
    # Footnotes

    Footnotes can be shown as tooltips, which readers like. Add this to the settings:

    ```yaml
    footnotes: tooltips
    ```

    A page may have as many footnotes as it wants.
    """
CHANGES = """
    # Changelog

    ## Version 9.2

    The search bar was fixed, and the search bar is faster.
    """
SEARCH = """
    # Settings of plugins

    A plugin that is named in the settings turns the others off, so the bar of `search` is shown
    again once it is named there, too.
    """
RENDERED = """
    # Notes

    A note inside of a note is written by repeating the class of the note:

    ```markdown
    A note that is long. (1)
    { .note }
    ```

    A note that is long.
    """
DRIFT = """
    # Drift of clocks

    The drift of a clock is how far it goes wrong in a day. Makers measured it at 1.6 seconds a day
    for a clock of the year 1903.

    Most towns bought a clock.
    """


@pytest.fixture(scope="module")
def minilm() -> BookEmbeddings:
    return open_embeddings(Settings.model_construct())


def test_a_follow_up_is_answered_with_the_words_of_the_question_before(
    minilm: BookEmbeddings,
) -> None:
    question, before = "And when would I do so instead?", "What does cargo check do?"
    assert "cargo check" in ask(minilm, question, CHECK, before=before, max_words=20)
    assert "pyramids" in ask(minilm, question, CHECK, max_words=20)


def test_a_question_on_what_is_selected_is_answered_with_its_words(
    minilm: BookEmbeddings,
) -> None:
    selected = ("whether the code compiles",)
    said = ask(minilm, "And instead?", CHECK, selections=selected, max_words=20)
    assert "cargo check" in said
    assert "cargo check" not in ask(minilm, "And instead?", CHECK, max_words=20)


@pytest.mark.parametrize(
    "question", ["How do I turn tooltips of footnotes on?", "How to have tooltips on footnotes?"]
)
def test_how_to_do_something_is_shown_with_its_code(minilm: BookEmbeddings, question: str) -> None:
    assert "```yaml\nfootnotes: tooltips\n```" in ask(minilm, question, TOOLTIPS)


def test_how_something_is_asks_for_no_code(minilm: BookEmbeddings) -> None:
    assert "```" not in ask(minilm, "How do footnotes look?", TOOLTIPS, max_words=40)


@pytest.mark.parametrize(
    ("question", "is_listing"),
    [
        ("Which page statuses are there already?", True),
        ("What can I do in an unsafe block?", True),
        ("Which process is this?", False),
        ("What does the class hold?", False),
    ],
)
def test_a_question_for_several_things_is_known_by_its_words(
    question: str, is_listing: bool
) -> None:
    assert read_question(question).listing == is_listing


def test_a_list_of_changes_is_not_taken_for_an_explanation(minilm: BookEmbeddings) -> None:
    said = ask(minilm, "Why is the search bar gone?", CHANGES, SEARCH)
    assert said.startswith("The book has this on it, in “Settings of plugins”")


def test_what_code_makes_is_not_quoted_beside_the_code(minilm: BookEmbeddings) -> None:
    said = ask(minilm, "How can I put a note inside of a note that is long?", RENDERED)
    assert said.count("A note that is long.") == 1
    assert "```markdown\nA note that is long. (1)\n{ .note }\n```" in said


def test_a_paragraph_is_read_from_the_sentence_that_names_the_noun(minilm: BookEmbeddings) -> None:
    said = ask(minilm, "How many seconds a day was the drift of a clock in 1903?", DRIFT)
    named = said.index("The drift of a clock is")
    assert named < said.index("Makers measured it")
    assert "\n" not in said[named:].strip()
