"""Which sentences of the sources support a sentence of an answer, and how well."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chains.answering.proof.exact import Exact, conflict
from chains.answering.proof.grounds import Ground, Grounds, plain, terms_of_word, things_of

SUPPORTED = 0.55
"""What a proof needs at least, where a vector was at hand: half of it is the share of the words,
by weight, and half the cosine. docs/decisions has the figures."""
SUPPORTED_BY_WORDS = 0.6
"""The share of the words that it needs where none was."""
SHORT, SUPPORTED_IF_SHORT = 3, 0.85
"""Fewer terms than these, as in “The program compiles”, stand in many a sentence that says
something else, so they need more."""
CERTAIN = 0.9
"""The share of the words from which a vector would change nothing."""
AROUND = 0.5
"""What a word counts that stands in the headings above a proof or in the sentences before it."""
LOOKED_AT = 5
"""How many sentences are looked at, best first, beside the best one of each source."""
NEAR = 0.15
"""How much worse a proof may be than a better sentence that something speaks against."""
_CLAUSE_END = re.compile(r"[,;:] ")
_TURNED = ("negation", "direction")


@dataclass(frozen=True, eq=False, slots=True)
class Verdict:
    """How well the best proof supports a sentence, from 0 to 1, and the `proofs`, best first: none
    where the sources do not support it.

    `against` says what speaks against the best one, if anything (see `conflict`). `is_certain`
    means that a vector would not change the verdict.
    """

    support: float
    proofs: tuple[Ground, ...] = ()
    against: str = ""
    is_certain: bool = False

    def proofs_of(self, cited: Collection[int]) -> tuple[Ground, ...]:
        """The best proof in each source that is cited, or else the best of all."""
        best: dict[int, Ground] = {}
        for ground in self.proofs:
            best.setdefault(ground.source, ground)
        own = tuple(ground for source, ground in best.items() if source in cited)
        return own or self.proofs[:1]


def word_for_word(text: str, grounds: Grounds) -> Verdict | None:
    """What supports a text that stands in a source as it is; None where it does not."""
    whole = grounds.whole.get(plain(text).casefold())
    return Verdict(1.0, tuple(whole), is_certain=True) if whole else None


def decide(text: str, grounds: Grounds, vector: NDArray[np.float32] | None = None) -> Verdict:
    """What supports a sentence of an answer, with or without its `vector`.

    A proof holds enough of its words and is near to it in meaning, and no exact thing speaks
    against it. Where the best proof says the opposite, a worse one does not help.
    """
    if found := word_for_word(text, grounds):
        return found
    claim = things_of(text, grounds.language)
    total = sum(map(grounds.weight, claim.terms))
    if not total or not grounds.sentences:
        return Verdict(0.0, is_certain=True)
    common = grounds.everywhere(claim.words)
    shared = frozenset(term for word in common for term in terms_of_word(word, grounds.language))
    covers = np.array([_coverage(claim, one, shared, grounds) for one in grounds.sentences]) / total
    scores = covers if vector is None else (covers + grounds.vectors @ vector) / 2
    asked = SUPPORTED_BY_WORDS if vector is None else SUPPORTED
    if len(claim.terms) < SHORT:
        asked = SUPPORTED_IF_SHORT
    order = _looked_at(scores, grounds)
    best = float(scores[order[0]])
    proofs: list[Ground] = []
    first_against = ""
    for at in order:
        if scores[at] < asked or (first_against and not proofs and scores[at] < best - NEAR):
            break
        ground = grounds.sentences[at]
        against = _against(claim, ground, common, grounds.names)
        first_against = first_against or against
        if against in _TURNED and not proofs:
            break
        if not against:
            proofs.append(ground)
    is_certain = bool(proofs) and float(covers.max()) >= CERTAIN
    support = max(0.0, min(1.0, best))
    return Verdict(support, tuple(proofs), first_against, is_certain)


def _against(claim: Exact, ground: Ground, common: frozenset[str], names: frozenset[str]) -> str:
    """What speaks against a claim in what supports it. What one clause says whole, a negation in
    another one does not deny."""
    around = replace(ground.context, words=ground.context.words | common)
    against = conflict(claim, ground.exact, around, names)
    if against == "negation" and not claim.negated:
        for clause in _CLAUSE_END.split(ground.text):
            said = things_of(clause, ground.language)
            if claim.terms <= said.terms:
                return conflict(claim, said, around, names)
    return against


def _looked_at(scores: NDArray[np.float64], grounds: Grounds) -> list[int]:
    """The best sentences, and the best one of each source, best first."""
    order = [int(at) for at in np.argsort(-scores)]
    best: dict[int, int] = {}
    for at in order:
        best.setdefault(grounds.sentences[at].source, at)
    looked_at = {*order[:LOOKED_AT], *best.values()}
    return [at for at in order if at in looked_at]


def _coverage(claim: Exact, ground: Ground, shared: frozenset[str], grounds: Grounds) -> float:
    """How much of the weight of a sentence's terms a ground holds; `shared` are those of them that
    stand nearly everywhere in the book."""
    own = ground.exact.terms
    around = ground.context.terms | shared
    there = sum(map(grounds.weight, claim.terms & own))
    return there + AROUND * sum(map(grounds.weight, (claim.terms & around) - own))
