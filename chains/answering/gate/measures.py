"""What the gate measures of a question: how near the book comes to it, and which of its words the
book holds.

Words count by how rare they are in the book. Scores of BM25 and of the ranking are of no use here:
they only compare passages for one question. docs/decisions/0027-the-gate-is-the-books-own.md has
the figures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from chains.answering.gate.foreign import everyday_terms
from chains.index.book import Chunk
from chains.index.scope import Scope, Vocabulary
from chains.language.terms import terms_of

MASS = 0.025
"""What words that the passages hold add to the cosine, for each power of e of their weights: an
abbreviation (“ZMP”) may be all that an embedding does not know."""
CODE = 0.5
"""What a term counts that only code holds."""
ENOUGH = 3
"""As much as this many words of one chunk alone is all that a sentence can be asked to hold."""
LACKING = 2.0
"""What the words that the whole book lacks take away, if they are all of the question."""
LEAST_LACKING, LARGE = 0.2, 64
"""The part of it that counts in the shortest book, which lacks many a common word, and the number
of chunks from which all of it does."""
NEARNESS = 0.6
"""What nearness adds to the words."""
UNKNOWN = 0.85
"""The nearness that is taken for granted where it says nothing, as MiniLM's in Chinese."""
COVERED = 0.2
"""What words and nearness together need."""
STEEPNESS = 4
"""Of the logistic function that makes a relevance of how far a question is from the threshold."""

_CODE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)[ \t]*$|\Z)"
    r"|^[^\n]*[{};][ \t]*(?://[^\n]*)?$|^(?: {4}|\t)[^\n]*$",
    re.MULTILINE | re.DOTALL,
)
"""Lines of code: their names are the reader's own, and need not be in the book."""
_JOINED = re.compile(r"\w['’-]\w")


@dataclass(frozen=True, slots=True)
class Held:
    """The terms of a passage, and of each of its sentences with the headings above it."""

    whole: frozenset[str]
    sentences: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of a question.

    `near` is the nearness, as `Scale` reads it before it is scaled. `held` and `lacking` are shares
    from 0 to 1 of the weight of its words: of those that one sentence holds, and of those that the
    whole book lacks.
    """

    near: float
    held: float
    lacking: float


def gate_terms(text: str, language: str) -> frozenset[str]:
    """The terms of a text, of joined ones the parts alone: “ZMP-based” is in a book that has “ZMP”
    and “based”.

    >>> sorted(gate_terms("What's a ZMP-based walk ________?", "english"))
    ['based', 'walk', 'zmp']
    """
    terms = terms_of(text.replace("_", " "), language=language)
    return frozenset(term for term in terms if term != "s" and not _JOINED.search(term))


def asked_terms(text: str, language: str) -> dict[str, float]:
    """The terms of a question, each with how much it counts: those that only code holds, which
    comes with the question, are half the reader's own names.

    >>> asked_terms("Why does this fail?\\n```\\nlet foo = bar;\\n```", "english")["foo"]
    0.5
    """
    prose = _CODE.sub("", text)
    said = gate_terms(prose, language)
    return {term: 1.0 if term in said or not said else CODE for term in gate_terms(text, language)}


@lru_cache(maxsize=1024)
def held_by(chunk: Chunk, language: str) -> Held:
    """The terms of a chunk; kept for those that are often found."""
    above, whole = gate_terms(chunk.heading, language), gate_terms(chunk.embedded_text, language)
    sentences = tuple(above | gate_terms(one.text, language) for one in chunk.sentences)
    return Held(whole, sentences or (whole,))


def measure(
    asked: Mapping[str, float],
    cosine: float,
    held: Sequence[Held],
    vocabulary: Vocabulary,
    language: str,
) -> Measures:
    """Measure a question with the terms `asked`, of which the passages hold `held`; `cosine` is
    that of the nearest passage."""
    lacking = lacking_terms(asked, vocabulary, language)
    weights = {
        term: share * vocabulary.weight(term)
        for term, share in asked.items()
        if term in lacking or not vocabulary.lacks(term)
    }

    def weight(terms: Set[str]) -> float:
        return sum(weights[term] for term in weights.keys() & terms)

    total = sum(weights.values())
    rare = math.log(1 + vocabulary.chunks) or 1.0
    found = weight(frozenset().union(*(one.whole for one in held)))
    best = max((weight(part) for one in held for part in one.sentences), default=0.0)
    return Measures(
        near=cosine + MASS * math.log(1 + found),
        held=min(1.0, best / (min(total, ENOUGH * rare) or 1.0)),
        lacking=weight(lacking) / (total or 1.0),
    )


def lacking_terms(asked: Iterable[str], vocabulary: Vocabulary, language: str) -> frozenset[str]:
    """The terms that the whole book lacks and that are not everyday words."""
    everyday = everyday_terms(language)
    return frozenset(term for term in asked if vocabulary.lacks(term) and term not in everyday)


def relevance(measures: Measures, scope: Scope) -> float:
    """How surely the book covers the question, 0 to 1; 0.5 is where the gate is even.

    It is the lesser of two: the book has to be near, and to hold the words.
    """
    scale = scope.scale
    near = scale.nearness(measures.near)
    known = scale.trust * min(near, 1.1) + (1 - scale.trust) * UNKNOWN
    size = min(1.0, scope.vocabulary.chunks / LARGE)
    lacking = LACKING * (LEAST_LACKING + (1 - LEAST_LACKING) * size) * measures.lacking
    words = measures.held - lacking + NEARNESS * known
    least = min(near - scale.least, words - COVERED)
    return 1 / (1 + math.exp(-STEEPNESS * max(-5.0, least)))
