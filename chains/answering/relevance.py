"""The gate: does the book cover the question at all?

The book has to be near the question, and to hold its words: see `chains.answering.gate`, which sets
the gate for each book.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chains.answering.gate.measures import (
    asked_terms,
    held_by,
    lacking_terms,
    measure,
    relevance,
)
from chains.errors import ContentNotFound
from chains.events import Source
from chains.index.passages import Passage
from chains.index.scope import Scope
from chains.language.terms import terms_of
from chains.language.tokenization import words_of
from chains.question import Question

Strictness = Literal["open", "even", "strict"]
THRESHOLDS: dict[Strictness, float] = {"open": 0.25, "even": 0.5, "strict": 0.65}
"""The relevance that a question needs to pass; each has its point in the curve of a book."""
SELECTED = 0.1
"""What is added to the cosine for a passage that the reader selected: the book has it, however
short it is."""
TOUCHED = 0.2
"""The share of a question's words that one sentence holds where the book at least touches it."""
SUGGESTIONS = 3
"""How many sections a refusal names."""
NAMED_WORDS = 3
"""How many words that the book lacks it names."""
LONGEST_WORD = 40
"""Letters; a longer one is no word."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate measured, against which threshold, and whether the question passed.

    Where it did not, `touched` says that the book is about something near, and `missing` are words
    of the question that the whole book lacks.
    """

    relevance: float
    threshold: float
    passed: bool
    touched: bool = False
    missing: tuple[str, ...] = ()


def judge(
    question: Question,
    passages: Sequence[Passage],
    named: frozenset[str] = frozenset(),
    strictness: Strictness = "even",
) -> Verdict:
    """Whether the passages cover the question, and hold one of the terms `named`, if there are
    any: those of what a follow-up turns to (see `chains.answering.leaning`)."""
    threshold = THRESHOLDS[strictness]
    if not passages:
        return Verdict(0.0, threshold, passed=False)
    book = passages[0].book
    asked = asked_terms(question.search_text, book.language)
    held = [held_by(passage.chunk, book.language) for passage in passages]
    nearest = max(passage.cosine + SELECTED * passage.selected for passage in passages)
    measures = measure(asked, nearest, held, book.scope.vocabulary, book.language)
    found = relevance(measures, book.scope)
    holds = not named or not named.isdisjoint(frozenset().union(*(one.whole for one in held)))
    if found >= threshold and holds:
        return Verdict(found, threshold, passed=True)
    is_near = book.scope.scale.nearness(measures.near) >= book.scope.scale.least
    return Verdict(
        found,
        threshold,
        passed=False,
        touched=is_near and measures.held >= TOUCHED,
        missing=_missing(question, passages[0]),
    )


def gate_facts(scope: Scope, strictness: Strictness) -> dict[str, object]:
    """The setting, its threshold, and what it lets in of the `own` and `foreign` questions that the
    book was measured by: shares, or None where it was too short to be measured."""
    threshold = THRESHOLDS[strictness]
    point = next((one for one in scope.scale.curve if one.threshold == threshold), None)
    return {
        "setting": strictness,
        "threshold": threshold,
        "own": point.own if point else None,
        "foreign": point.foreign if point else None,
    }


def refuse(verdict: Verdict, passages: Sequence[Passage]) -> ContentNotFound:
    """The error for a question that was not let in."""
    return ContentNotFound(suggestions(passages), touched=verdict.touched, missing=verdict.missing)


def suggestions(passages: Sequence[Passage]) -> tuple[Source, ...]:
    """The nearest passages, at most `SUGGESTIONS` and one a section, for a question that is
    refused."""
    sections: dict[tuple[object, ...], Passage] = {}
    for passage in sorted(passages, key=lambda passage: passage.cosine, reverse=True):
        chunk = passage.chunk
        sections.setdefault((chunk.file, chunk.section, chunk.occurrence), passage)
    nearest = list(sections.values())[:SUGGESTIONS]
    return tuple(passage.source(index) for index, passage in enumerate(nearest, 1))


def _missing(question: Question, passage: Passage) -> tuple[str, ...]:
    """The words of the question, as the reader wrote them, that the book lacks."""
    book = passage.book
    asked = asked_terms(question.text, book.language)
    lacking = lacking_terms(asked, book.scope.vocabulary, book.language)
    words = [word for word in dict.fromkeys(words_of(question.text)) if len(word) <= LONGEST_WORD]
    found = [word for word in words if terms_of(word, language=book.language) & lacking]
    return tuple(found[:NAMED_WORDS])
