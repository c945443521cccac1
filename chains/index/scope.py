"""Scope: what a book covers, in numbers: its words, and how near questions come to it.

An ingestion measures both from the book and keeps them with the index; the gate judges by them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

FEW_CHUNKS = 20
"""Half of fewer is no sign that a term stands all over the book."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of a book, each with how many of its `chunks` hold it; `rule` names the state of
    the code that found them, "" where nobody knows.

    >>> words = Vocabulary(100, {"robot": 80, "zmp": 2})
    >>> words.weight("robot") < words.weight("zmp"), words.lacks("sourdough")
    (True, True)
    """

    chunks: int = 0
    frequencies: Mapping[str, int] = field(default_factory=dict)
    rule: str = ""

    def weight(self, term: str) -> float:
        """How much a term tells one chunk from another (IDF as BM25 has it). One that the book
        lacks counts as the rarest that it has: a short book lacks many a common word."""
        held = max(1, self.frequencies.get(term, 0))
        return math.log(1 + (self.chunks - held + 0.5) / (held + 0.5))

    def lacks(self, term: str) -> bool:
        """Whether the whole book does not hold a term; of a book without terms nobody knows."""
        return bool(self.frequencies) and term not in self.frequencies

    def has_nearly_everywhere(self, term: str) -> bool:
        """Whether at least half of the chunks hold a term, as “robot” in a book of robots; False
        in a book of fewer than `FEW_CHUNKS`."""
        return self.chunks >= FEW_CHUNKS and 2 * self.frequencies.get(term, 0) >= self.chunks


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a threshold lets in: the shares, from 0 to 1, of the book's `own` and of `foreign`
    questions."""

    threshold: float
    own: float
    foreign: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a book's questions lie, measured at its ingestion; the numbers here are for a book
    that is too short to measure it.

    `foreign` and `own` are the medians of how near foreign questions and the book's own headings
    come to it. `trust`, 0 to 1, says how well nearness tells them apart, `least` which nearness
    nearly all of its own reach, from 0 (as foreign ones) to 1 (as its headings). `curve` is for
    people; `changed` counts the chunks that were written or removed since.
    """

    foreign: float = 0.22
    own: float = 0.62
    trust: float = 1.0
    least: float = 0.24
    curve: tuple[CurvePoint, ...] = ()
    changed: int = 0

    def nearness(self, measured: float) -> float:
        """A measured nearness, as 0 for that of foreign questions and 1 for that of headings."""
        return (measured - self.foreign) / max(self.own - self.foreign, 0.01)


@dataclass(frozen=True, slots=True)
class Scope:
    """What the gate knows of a book."""

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    scale: Scale = field(default_factory=Scale)
