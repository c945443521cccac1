"""What supports a sentence, and what speaks against it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from chains.answering.proof.decision import decide
from chains.answering.proof.grounds import Grounds
from tests.support.grounds import ENERGY, GAIT, passages


def proofs(text: str, vector: NDArray[np.float32] | None = None) -> list[tuple[int, str]]:
    grounds = Grounds(passages(GAIT, ENERGY), "english")
    return [(ground.source, ground.text) for ground in decide(text, grounds, vector).proofs]


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        ("A **gait** is a rhythm of steps.", GAIT[0]),
        ("A gait is the rhythm of the steps.", GAIT[0]),
        ("The stance phase of a cycle of 1.1 s takes 60 % of it.", GAIT[1]),
        ("Wabot, the robot, was built by Kato in Tokyo.", GAIT[2]),
        ("Without sensors a robot does not walk.", GAIT[3]),
        ("Energy is stored by a battery.", ENERGY[0]),
    ],
)
def test_a_sentence_in_the_same_or_other_words_has_its_proof(text: str, proof: str) -> None:
    assert proofs(text)[0][1] == proof


@pytest.mark.parametrize(
    "text",
    [
        "The stance phase of a cycle of 1.2 s takes 60 % of it.",
        "Its stance phase takes 60 g of a cycle of 1.1 s.",
        "Horn built the robot Wabot in Tokyo.",
        "A gait is not a rhythm of steps.",
        "A robot does walk without sensors.",
        "Running is slower than walking.",
        "Honda sold a car to a farmer.",
    ],
)
def test_another_number_unit_name_negation_or_direction_has_none(text: str) -> None:
    assert proofs(text) == []


def test_what_the_best_proof_denies_no_worse_one_supports() -> None:
    grounds = Grounds(passages(("Robots walk on legs.", "Legs of robots: walk, run.")), "english")
    assert decide("Robots do not walk on legs.", grounds).proofs == ()
    assert decide("Robots do not walk on legs.", grounds).against == "negation"


@pytest.mark.parametrize("text", ["", "*", "x", "🦾", "_ _", "½", "' '"])
def test_a_sentence_without_words_has_no_proof_and_does_no_harm(text: str) -> None:
    assert proofs(text) == []


def test_words_are_compared_in_the_language_of_the_book() -> None:
    text = "Die Felder werden im Frühjahr bestellt."
    grounds = Grounds(passages((text,)), "german")
    assert decide("Im Frühjahr werden Felder bestellt.", grounds).proofs
    chinese = Grounds(passages(("数组的长度是固定的。",)), "chinese")
    assert decide("数组长度固定。", chinese).proofs
    assert not decide("链表没有长度。", chinese).proofs
