"""The gate: does the book cover the question at all?

Two numbers are added: the best cosine between the question, selections included, and a passage;
and a part of the share of its content words that the passages hold, which lets in abbreviations
("ZMP") that no embedding knows. Scores of BM25 and of the ranking are of no use here: they only
compare passages for one question. docs/decisions/0003-relevance-gate.md has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chains.events import Source
from chains.index.passages import Passage
from chains.language.terms import terms_of
from chains.question import Question

RELEVANT = 0.45
"""What a question needs to pass."""
WORDS = 0.2
"""What is added where the passages hold all content words of the question."""
SELECTED = 0.1
"""For a passage that the reader selected: the book has it, however short it is."""
SUGGESTIONS = 3
"""How many sections a refusal names."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate measured, against which threshold, and whether the question passed."""

    relevance: float
    threshold: float
    passed: bool


def judge(
    question: Question, passages: Sequence[Passage], named: frozenset[str] = frozenset()
) -> Verdict:
    """Whether the passages cover the question, and hold one of the terms `named`, if there are
    any: those of what a follow-up turns to (see `chains.answering.leaning`)."""
    measured = relevance(question.search_text, passages)
    holds = not named or not named.isdisjoint(_held(passages))
    return Verdict(measured, RELEVANT, measured >= RELEVANT and holds)


def relevance(text: str, passages: Sequence[Passage]) -> float:
    """How well the passages cover the text, about -1 to 1.3."""
    asked = terms_of(text)
    covered = len(asked & _held(passages)) / len(asked) if asked else 0.0
    selected = any(passage.selected for passage in passages)
    nearest = max((passage.cosine for passage in passages), default=-1.0)
    return nearest + WORDS * covered + SELECTED * selected


def suggestions(passages: Sequence[Passage]) -> tuple[Source, ...]:
    """The nearest passages, at most `SUGGESTIONS` and one a section, for a question that is
    refused."""
    sections: dict[tuple[object, ...], Passage] = {}
    for passage in sorted(passages, key=lambda passage: passage.cosine, reverse=True):
        chunk = passage.chunk
        sections.setdefault((chunk.file, chunk.section, chunk.occurrence), passage)
    nearest = list(sections.values())[:SUGGESTIONS]
    return tuple(passage.source(index) for index, passage in enumerate(nearest, 1))


def _held(passages: Sequence[Passage]) -> frozenset[str]:
    return terms_of(" ".join(passage.chunk.embedded_text for passage in passages))
