"""How lists and steps are quoted, from chunks cut from real Markdown."""

from __future__ import annotations

import pytest

from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.settings import Settings
from tests.chains.models.test_quoted_kinds import ask

STEPS = """
    # Standing up

    A humanoid robot stands up from the floor in these steps:

    1. Roll onto the chest.
    2. Push up on both hands.
    3. Draw in both knees.
       1. Draw in the left knee.
       2. Draw in the right knee.
    4. Rise.

    It takes the robot four seconds.

    It's important to keep the hands of the robot clear of the knees.
    """
LONG = """
    # Checks

    These are the checks before a walk:

    - Look at the battery of the robot, which has to hold at least half of its charge for a walk.
    - Look at the joints of the robot, each of which has to turn freely through all of its range.
    - Look at the soles of the robot, none of which may be worn, wet, or covered with any dust.
    - Look at the floor in front of the robot, which has to be level and clear for ten meters.
    - Look at the people around.
    """


@pytest.fixture(scope="module")
def minilm() -> BookEmbeddings:
    return open_embeddings(Settings.model_construct())


@pytest.mark.parametrize("question", ["How does it stand up, step by step?", "Which steps?"])
def test_steps_keep_their_numbers(minilm: BookEmbeddings, question: str) -> None:
    answer = ask(minilm, question, STEPS)
    lines = [line for line in answer.splitlines() if line.strip()[:1].isdigit()]
    assert [line for line in lines if not line.startswith(" ")] == [
        "1. Roll onto the chest. [1]",
        "2. Push up on both hands. [1]",
        "3. Draw in both knees. [1]",
        "4. Rise. [1]",
    ]


def test_where_a_step_is_left_out_the_others_have_no_numbers(minilm: BookEmbeddings) -> None:
    pages = STEPS.replace("Push up on both hands.", "See above [7].")
    answer = ask(minilm, "Which steps are there to stand up?", pages)
    assert "- Roll onto the chest. [1]\n- Draw in both knees. [1]" in answer


def test_a_list_that_is_asked_for_may_be_half_as_long_again(minilm: BookEmbeddings) -> None:
    answer = ask(minilm, "Which checks are there before a walk?", LONG, max_words=64)
    assert answer.count("- Look at") == 5
    assert (
        ask(minilm, "Why is the battery of the robot looked at?", LONG, max_words=64).count("- ")
        < 5
    )


def test_a_sentence_below_a_list_does_not_bring_its_last_item(minilm: BookEmbeddings) -> None:
    answer = ask(minilm, "How many seconds does it take the robot?", STEPS)
    assert "It takes the robot four seconds." not in answer
    important = ask(minilm, "Why are hands of the robot kept clear of the knees?", STEPS)
    assert "It's important to keep the hands of the robot clear of the knees. [1]" in important


def test_a_line_that_introduces_what_is_left_out_is_left_out(minilm: BookEmbeddings) -> None:
    page = STEPS.replace("4. Rise.", "4. Rise with both knees. For example:\n\n   ![](rise.png)")
    answer = ask(minilm, "Which steps are there to stand up?", page)
    assert "4. Rise with both knees. [1]" in answer
    assert "For example" not in answer
