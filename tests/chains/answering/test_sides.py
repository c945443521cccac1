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


INVERSE = "On the other hand, inverse kinematics is the way from a position to joint angles."


@pytest.mark.parametrize(
    ("claim", "around"),
    [
        ("Forward kinematics is the way from a position to joint angles.", ""),
        ("Forward kinematics is the way from a position to joint angles.", "Forward kinematics."),
        ("A motor is the way from a position to joint angles.", "A gear."),
    ],
)
def test_what_is_said_of_something_else_is_no_proof(claim: str, around: str) -> None:
    said, shown, context = (things_of(text, "english") for text in (claim, INVERSE, around))
    assert conflict(said, shown, context) == "subject"


@pytest.mark.parametrize(
    ("claim", "proof"),
    [
        ("It is the way from a position to angles.", INVERSE),
        ("Kinematics is the way from a position to angles.", INVERSE),
        ("Numerical inverse kinematics is the way from positions to angles.", INVERSE),
        ("Society is what people share.", "A culture is a way of life, and society is shared."),
        ("A bias is an error.", "Kato showed that a bias is an error."),
        ("Torque turns a joint.", "Force is what moves it, torque what turns a joint."),
    ],
)
def test_a_subject_that_the_proof_has_or_has_not_named_is_no_conflict(
    claim: str, proof: str
) -> None:
    assert against(claim, proof) == ""


def test_a_subject_of_the_text_around_is_meant_by_its_sentences() -> None:
    claim, proof, around = "A battery is heavy.", "These cells are heavy.", "Batteries. Of a robot."
    said, shown, context = (things_of(text, "english") for text in (claim, proof, around))
    assert conflict(said, shown, context) == ""


@pytest.mark.parametrize(
    ("proof", "expected"),
    [("Kinematics has a forward and an inverse problem.", ""), ("It has inverse ones.", "number")],
)
def test_so_many_kinds_as_are_counted_have_to_be_enumerated(proof: str, expected: str) -> None:
    assert against("There are two problems: forward and inverse ones.", proof) == expected


def test_other_opposites_count_beside_the_same_sides() -> None:
    claim = "Running is always faster than walking."
    assert against(claim, "Running is never faster than walking.") != ""
