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


def conflict_of(claim: str, proof: str) -> str:
    """What speaks against a claim whose proof has all but the small words of it."""
    return decide(claim, Grounds(passages((proof,)), "english")).against


def test_a_shorter_form_of_a_name_is_the_same_name_and_another_first_name_is_not() -> None:
    durkheim = "Following Comte, Durkheim said that society was like an organism."
    assert conflict_of("To Émile Durkheim society was like an organism.", durkheim) == ""
    other = "Following Comte, David Durkheim said that society was like an organism."
    assert conflict_of("To Émile Durkheim society was like an organism.", other) == "name"
    sensors = "The Ultrasonic Sensors emit waves of sound."
    assert conflict_of("The Ultrasonic Tactile Sensors emit waves of sound.", sensors) == "name"


def test_what_is_excepted_is_not_denied() -> None:
    proof = "You won't get any output aside from the line Finished when you build again."
    assert (
        conflict_of("When you build again, you get output aside from Finished.", proof)
        == "negation"
    )


def test_an_acronym_of_the_words_before_it_is_no_name() -> None:
    proof = "Degrees of freedom are the ways in which a body can move."
    claim = "Degrees of freedom ({}) are the ways in which a body can move."
    assert conflict_of(claim.format("DOF"), proof) == ""
    assert conflict_of(claim.format("ZMP"), proof) == "name"


@pytest.mark.parametrize(
    ("claim", "against"),
    [
        ("The `search` function looks for the query in each line.", ""),
        ("The `find` function looks for the query in each line.", "name"),
        ("The `find()` function looks for the query in each line.", "name"),
        ("The find function looks for the query in each line.", ""),
        ("The function looks for the query in each `line`.", ""),
    ],
)
def test_a_name_in_code_has_to_stand_in_the_proof(claim: str, against: str) -> None:
    book = "The search function looks for the query in each line of the file."
    found = decide(claim, Grounds(passages((book,)), "english"))
    assert (found.against, bool(found.proofs)) == (against, not against)


def test_an_answer_of_no_is_no_negation_of_what_follows_it() -> None:
    proof = "The build does not remove templates."
    assert conflict_of("No, the build does not remove templates.", proof) == ""
    assert conflict_of("No, the build does remove templates.", proof) == "negation"
    assert conflict_of("No build does remove templates.", "The build does remove templates.")


def test_a_prefix_before_a_hyphen_is_no_negation() -> None:
    proof = "Move the code of the project into the folder of sources."
    assert conflict_of("Move the code of the non-cargo project into the folder.", proof) == ""


def test_a_word_that_says_that_something_lacks_meets_a_negation() -> None:
    proof = "The six degrees of freedom of the base have no actuators."
    assert conflict_of("The six degrees of freedom of the base lack actuators.", proof) == ""
    assert conflict_of("The six degrees of freedom of the base have actuators.", proof)


def test_what_one_clause_says_whole_another_one_does_not_deny() -> None:
    proof = "Notes do not work in tables, as tables scroll and places in tables are tricky."
    assert conflict_of("Tables scroll, and places in tables are tricky.", proof) == ""
    assert conflict_of("Notes work in tables.", proof) == "negation"


def test_a_negation_of_half_of_what_is_said_denies_nothing() -> None:
    proof = "A sensor at rest on a table does not read zero; it reads nine upward."
    assert conflict_of("A sensor at rest on a table reads nine upward.", proof) == ""
    assert conflict_of("A sensor at rest on a table reads zero.", proof) == "negation"
