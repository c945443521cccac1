"""What supports a sentence of several clauses."""

from __future__ import annotations

import numpy as np
import pytest

from chains.answering.proof.decision import decide
from chains.answering.proof.grounds import Grounds
from tests.support.grounds import passages

STATIC = "Static walking keeps the mass above both feet."
DYNAMIC = "Dynamic walking relies on the next step to catch a fall."
SAID = "Static walking keeps the mass above both feet, {} dynamic walking relies on the next step."
OTHER = "Horn built a robot of oak and iron in Boston."


def grounds(*sources: tuple[str, ...]) -> Grounds:
    return Grounds(passages(*sources), "english")


@pytest.mark.parametrize("joint", ["while", "whereas", "and", "but"])
def test_what_the_book_says_in_two_sentences_is_proven_by_both(joint: str) -> None:
    found = decide(SAID.format(joint), grounds((STATIC, DYNAMIC)))
    assert [ground.text for ground in found.proofs_of(())] == [STATIC, DYNAMIC]


def test_both_sentences_are_taken_from_the_source_that_is_cited() -> None:
    found = decide(SAID.format("while"), grounds((STATIC, DYNAMIC), (OTHER, STATIC, DYNAMIC)))
    shown = [[(one.source, one.place) for one in found.proofs_of(cited)] for cited in ((2,), ())]
    assert shown == [[(2, 1), (2, 2)], [(1, 0), (1, 1)]]


def test_two_sentences_of_two_sources_prove_nothing_together() -> None:
    found = decide(SAID.format("while"), grounds((STATIC,), (DYNAMIC,)))
    assert not found.is_together
    assert found.proofs == ()


def test_a_clause_that_no_source_says_takes_the_proof_away() -> None:
    near = np.array([1.0, 0.0], dtype=np.float32)
    known = grounds((STATIC, DYNAMIC))
    known.vectors = np.tile(near, (2, 1))
    said = "Static walking keeps the mass above both feet, {}."
    assert decide(said.format("of course"), known, near).proofs[0].text == STATIC
    found = decide(said.format("and the sea is full of salt"), known, near)
    assert (found.proofs, found.against) == ((), "clause")


@pytest.mark.parametrize(
    "said",
    [
        SAID.format("while").replace("step", "wall"),
        SAID.format("while").replace("relies", "does not rely"),
    ],
    ids=["another word", "a negation"],
)
def test_a_clause_that_is_said_otherwise_has_no_proof(said: str) -> None:
    assert not decide(said, grounds((STATIC, DYNAMIC))).is_together


def test_what_stands_around_a_proof_says_nothing_of_its_clause() -> None:
    said = (
        "Static walking relies on the next step to catch a fall, and the mass is above both feet."
    )
    assert not decide(said, grounds((STATIC, DYNAMIC))).is_together
