"""Sentences whose sides may not be exchanged."""

from __future__ import annotations

import pytest

from chains.answering.proof.exact import conflict
from chains.answering.proof.grounds import things_of


def against(claim: str, proof: str) -> str:
    said, shown = things_of(claim, "english"), things_of(proof, "english")
    return conflict(said, shown, shown)


@pytest.mark.parametrize(
    ("claim", "proof"),
    [
        ("Walking is faster than running.", "Running is faster than walking."),
        ("Iron is lighter than wood.", "Wood is lighter than iron."),
        ("Poverty causes crime.", "Crime causes poverty."),
        ("Cities change because of riots.", "Riots are caused by changes of cities."),
        ("A motor converts motion into current.", "A motor converts current into motion."),
    ],
)
def test_exchanged_sides_speak_against_a_proof(claim: str, proof: str) -> None:
    assert against(claim, proof) == "direction"


@pytest.mark.parametrize(
    ("claim", "proof"),
    [
        ("Walking is slower than running.", "Running is faster than walking."),
        ("Vectors hold more values than arrays.", "Arrays hold fewer values than vectors."),
        ("Riots lead to changes of cities.", "Cities change because of riots."),
        ("Smoking causes cancer.", "Cancer is often due to smoking."),
        (
            "A stack is faster than a heap.",
            "The stack is faster than the heap, as its top is known.",
        ),
    ],
)
def test_the_same_said_from_the_other_side_is_no_conflict(claim: str, proof: str) -> None:
    assert against(claim, proof) == ""


@pytest.mark.parametrize(
    ("claim", "proof"),
    [
        (
            "You should panic when failure is expected.",
            "However, when failure is expected, it is better to return a result than to panic.",
        ),
        ("Current limits the power.", "The power is limited by heat rather than by current."),
        ("A robot stands on wheels.", "It stands on legs instead of wheels."),
    ],
)
def test_what_something_else_is_preferred_to_is_not_what_is_said(claim: str, proof: str) -> None:
    assert against(claim, proof) == "direction"


@pytest.mark.parametrize(
    ("claim", "proof"),
    [
        ("Return a result when failure is expected.", "Return a result rather than panic then."),
        ("Do not panic then.", "Return a result rather than panic then."),
        ("Heat limits the power, not current.", "Heat rather than current limits the power."),
        ("Legs climb stairs.", "Wheels are cheaper than legs. Yet legs climb stairs."),
        ("A robot weighs more than a bird.", "A robot weighs more than a bird."),
    ],
)
def test_what_is_preferred_is_no_conflict(claim: str, proof: str) -> None:
    assert against(claim, proof) == ""


def test_other_opposites_count_beside_the_same_sides() -> None:
    claim = "Running is always faster than walking."
    assert against(claim, "Running is never faster than walking.") != ""
