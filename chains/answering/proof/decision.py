"""Which sentences of the sources support a sentence of an answer, and how well."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chains.answering.proof.exact import conflict
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
CLAUSE, CLAUSE_ALONE = 0.3, 0.85
"""The share of the words of each clause that the proof of a sentence holds at least, and that the
proof of the clause alone does."""
_JOINT = re.compile(r";\s+|,\s+(?:and|but|so|while|whereas)\s+")
_CLAUSE_END = re.compile(r"[,;:] ")
_TURNED = ("negation", "direction")


@dataclass(frozen=True, eq=False, slots=True)
class Verdict:
    """How well the best proof supports a sentence, from 0 to 1, and the `proofs`, best first: none
    where the sources do not support it. `is_together` means that those of one source support it
    only together.

    `against` says what speaks against the best one, if anything (see `conflict`; “clause” where it
    leaves out a clause). `is_certain` means that a vector would not change the verdict.
    """

    support: float
    proofs: tuple[Ground, ...] = ()
    against: str = ""
    is_certain: bool = False
    is_together: bool = False

    def proofs_of(self, cited: Collection[int]) -> tuple[Ground, ...]:
        """The best proof in each source that is cited, or else the best of all; of those that
        belong together, all of such a source."""
        own = [ground for ground in self.proofs if ground.source in cited]
        if self.is_together:
            first = own or self.proofs
            return tuple(ground for ground in first if ground.source == first[0].source)
        best: dict[int, Ground] = {}
        for ground in own:
            best.setdefault(ground.source, ground)
        return tuple(best.values()) or self.proofs[:1]


class _Claim:
    """What a sentence of an answer, or a clause of it, says.

    `common` are its words that stand nearly everywhere in the book.
    """

    def __init__(self, text: str, grounds: Grounds) -> None:
        self.exact = things_of(text, grounds.language)
        self.common = grounds.everywhere(self.exact.words)
        self._grounds = grounds
        self._shared = {t for word in self.common for t in terms_of_word(word, grounds.language)}
        self.weight = self._weigh(self.exact.terms)

    def share_in(self, ground: Ground, around: float = AROUND) -> float:
        """How much of the weight of its terms a ground holds, where those that stand around it
        count only in part."""
        own = ground.exact.terms
        beside = (self.exact.terms & (ground.context.terms | self._shared)) - own
        return (self._weigh(self.exact.terms & own) + around * self._weigh(beside)) / self.weight

    def _weigh(self, terms: Collection[str]) -> float:
        return sum(map(self._grounds.weight, terms))

    def against(self, ground: Ground) -> str:
        """What speaks against it in what supports it. What one clause of the proof says whole, a
        negation in another one does not deny."""
        around = replace(ground.context, words=ground.context.words | self.common)
        names = self._grounds.names
        against = conflict(self.exact, ground.exact, around, names)
        if against == "negation" and not self.exact.negated:
            for clause in _CLAUSE_END.split(ground.text):
                said = things_of(clause, ground.language)
                if self.exact.terms <= said.terms:
                    return conflict(self.exact, said, around, names)
        return against


def word_for_word(text: str, grounds: Grounds) -> Verdict | None:
    """What supports a text that stands in a source as it is; None where it does not."""
    whole = grounds.whole.get(plain(text).casefold())
    return Verdict(1.0, tuple(whole), is_certain=True) if whole else None


def decide(text: str, grounds: Grounds, vector: NDArray[np.float32] | None = None) -> Verdict:
    """What supports a sentence of an answer, with or without its `vector`.

    A proof holds enough of its words, also of each of its clauses, and is near to it in meaning,
    and no exact thing speaks against it. Where the best proof says the opposite, a worse one does
    not help. Clauses that are said one by one nearly as they stand need no proof of the whole.
    """
    if found := word_for_word(text, grounds):
        return found
    claim = _Claim(text, grounds)
    if not claim.weight or not grounds.sentences:
        return Verdict(0.0, is_certain=True)
    clauses = _clauses(text, grounds)
    if found := _decide_by_clauses(clauses, grounds):
        return found
    covers = np.array([claim.share_in(ground) for ground in grounds.sentences])
    scores = covers if vector is None else (covers + grounds.vectors @ vector) / 2
    asked = SUPPORTED_BY_WORDS if vector is None else SUPPORTED
    if len(claim.exact.terms) < SHORT:
        asked = SUPPORTED_IF_SHORT
    order = _looked_at(scores, grounds)
    best = float(scores[order[0]])
    proofs: list[Ground] = []
    first_against = ""
    for at in order:
        if scores[at] < asked or (first_against and not proofs and scores[at] < best - NEAR):
            break
        ground = grounds.sentences[at]
        against = claim.against(ground)
        if not against and any(clause.share_in(ground) < CLAUSE for clause in clauses):
            against = "clause"
        first_against = first_against or against
        if against in _TURNED and not proofs:
            break
        if not against:
            proofs.append(ground)
    is_certain = bool(proofs) and float(covers.max()) >= CERTAIN
    support = max(0.0, min(1.0, best))
    return Verdict(support, tuple(proofs), first_against, is_certain)


def _clauses(text: str, grounds: Grounds) -> list[_Claim]:
    """The clauses of a sentence that each say something; none where it has only one."""
    parts = _JOINT.split(text)
    claims = [_Claim(part, grounds) for part in parts] if len(parts) > 1 else []
    return [claim for claim in claims if len(claim.exact.terms) >= SHORT]


def _decide_by_clauses(clauses: list[_Claim], grounds: Grounds) -> Verdict | None:
    """What says each of several clauses nearly as it stands, in one source; None where none does.

    What stands around a proof does not count: “static” would be said of “dynamic walking”, too.
    """
    if len(clauses) < 2:
        return None
    rows: list[dict[int, tuple[float, Ground]]] = []
    for clause in clauses:
        row: dict[int, tuple[float, Ground]] = {}
        for ground in grounds.sentences:
            share = clause.share_in(ground, around=0)
            is_best = share >= CLAUSE_ALONE and share > row.get(ground.source, (0.0,))[0]
            if is_best and not clause.against(ground):
                row[ground.source] = share, ground
        rows.append(row)
    best = [[row[source] for row in rows] for source in rows[0] if all(source in r for r in rows)]
    if not best:
        return None
    proofs = tuple(dict.fromkeys(ground for of_source in best for _share, ground in of_source))
    support = min(share for share, _ground in best[0])
    return Verdict(support, proofs, is_certain=True, is_together=True)


def _looked_at(scores: NDArray[np.float64], grounds: Grounds) -> list[int]:
    """The best sentences, and the best one of each source, best first."""
    order = [int(at) for at in np.argsort(-scores)]
    best: dict[int, int] = {}
    for at in order:
        best.setdefault(grounds.sentences[at].source, at)
    looked_at = {*order[:LOOKED_AT], *best.values()}
    return [at for at in order if at in looked_at]
