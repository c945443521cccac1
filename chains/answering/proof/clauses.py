"""What supports a sentence clause by clause, where a book says in two sentences what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from chains.answering.proof.decision import Verdict, decide
from chains.answering.proof.grounds import Ground, Grounds

Embed = Callable[[str], Sequence[float]]

MOST_CLAUSES = 3
FAR = 2
"""Sentences from the proof of one clause to that of the next, at most."""
_JOINT = re.compile(r";\s+|,\s+(?:which|and|but|so|while|whereas)\s+(?:then\s+|also\s+)?")
"""What joins clauses that each say something. Behind “because” or “if” stands what makes the other
clause true, which it does not say alone."""


def decide_by_clauses(text: str, grounds: Grounds, embed: Embed) -> Verdict | None:
    """What supports each clause of a sentence; None where one of them has no proof, or these do
    not stand near each other in one source."""
    clauses = _JOINT.split(text)
    if not 1 < len(clauses) <= MOST_CLAUSES:
        return None
    verdicts: list[Verdict] = []
    for clause in clauses:
        verdicts.append(decide(clause, grounds, np.asarray(embed(clause), dtype=np.float32)))
        if not verdicts[-1].proofs:
            return None
    proofs = _neighbours([verdict.proofs for verdict in verdicts])
    support = min(verdict.support for verdict in verdicts)
    return Verdict(support, proofs, is_together=True) if proofs else None


def _neighbours(choices: Sequence[Sequence[Ground]]) -> tuple[Ground, ...]:
    """A proof of each clause, in the order in which they stand in one source, near each other; of
    several such rows, that with the best proof of the first clause."""
    for first in choices[0]:
        row = [first]
        for options in choices[1:]:
            row += [one for one in options if _follows(row[-1], one)][:1]
        if len(row) == len(choices):
            return tuple(dict.fromkeys(row))
    return ()


def _follows(one: Ground, other: Ground) -> bool:
    return one.source == other.source and 0 <= other.place - one.place <= FAR
