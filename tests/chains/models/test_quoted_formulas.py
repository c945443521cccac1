"""A formula is quoted with the sentence that it completes."""

from __future__ import annotations

import pytest

from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.settings import Settings
from tests.chains.models.test_quoted_kinds import ask

MOTORS = r"""
    # Motors

    Robots turn their joints. The torque of a motor is defined as the product of its constant and
    its current:

    $$
    \tau = k_t I
    $$

    where the constant is given by the maker of the motor. Motors get warm. The power of a motor is

    \[ P = \tau \omega \]

    Heat is lost to the air.

    $$
    Q = h A
    $$
    """


@pytest.fixture(scope="module")
def minilm() -> BookEmbeddings:
    return open_embeddings(Settings.model_construct())


def test_a_sentence_that_ends_in_a_formula_brings_it(minilm: BookEmbeddings) -> None:
    answer = ask(minilm, "What is the torque of a motor?", MOTORS, max_words=40)
    assert "of its constant and its current:\n\n$$\n\\tau = k_t I\n$$\n\n[1]" in answer
    answer = ask(minilm, "What is the power of a motor?", MOTORS, max_words=20)
    assert "The power of a motor is [1]\n\n\\[ P = \\tau \\omega \\]" in answer


def test_a_formula_that_no_sentence_needs_is_left_out(minilm: BookEmbeddings) -> None:
    answer = ask(minilm, "Where does the heat of a motor go?", MOTORS, max_words=40)
    assert "Heat is lost to the air. [1]" in answer
    assert "Q = h A" not in answer


def test_what_explains_the_signs_of_a_formula_is_not_quoted_without_it(
    minilm: BookEmbeddings,
) -> None:
    answer = ask(minilm, "Who gives the constant of the motor?", MOTORS, max_words=60)
    assert ("where the constant" in answer) <= ("k_t I" in answer)


def test_powers_and_indices_are_quoted_as_such(minilm: BookEmbeddings) -> None:
    book = """
    # Numbers

    The largest number of n bits, n being any count, is 2<sup>n</sup> − 1. A byte has eight bits.

    Pure water is H<sub>2</sub>O, as 2 chemists found in 1783.
    """
    answer = ask(minilm, "What is the largest number of n bits?", book, max_words=20)
    assert "of n bits, n being any count, is 2<sup>n</sup> − 1. [1]" in answer
    answer = ask(minilm, "What is pure water?", book, max_words=20)
    assert "Pure water is H<sub>2</sub>O, as 2 chemists found in 1783. [1]" in answer
