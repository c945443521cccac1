"""What code can measure of one answer, each a share from 0 to 1 where more is better."""

from __future__ import annotations

import numpy as np

from chains.answering.citations import Citations
from chains.answering.proof.streamed import Ended
from chains.language.tokenization import words_of
from quart_app.evaluation.answering import is_correct
from quart_app.evaluation.comparing.answered import Answered
from quart_app.evaluation.rows import Row

MEASURES = {
    "answered": "questions of the book that were answered",
    "correct": "answers that hold what the set expects",
    "supported": "sentences that the sources support",
    "cited": "sentences that the model itself cited",
    "refused": "questions of another subject that were refused",
}
"""What each is a share of."""


def measures(row: Row, answered: Answered) -> dict[str, float]:
    """Those of `MEASURES` that can be taken of this answer."""
    outcome = answered.outcome
    if row.group != "own":
        return {"refused": float(not outcome.passed)}
    if not outcome.text:
        return {"answered": 0.0}
    found = {"answered": 1.0}
    if row.expected:
        found["correct"] = float(is_correct(row, outcome.text))
    if outcome.sentences:
        found["supported"] = float(np.mean([bool(s.proofs) for s in outcome.sentences]))
    cited = cited_sentences(answered)
    if cited:
        found["cited"] = float(np.mean(cited))
    return found


def score(found: dict[str, float]) -> float:
    """One number for an answer: the mean of its measures, and 0 where there is no answer."""
    if found.get("answered") == 0:
        return 0.0
    return float(np.mean([value for name, value in found.items() if name != "answered"] or [1.0]))


def cited_sentences(answered: Answered) -> list[bool]:
    """Whether the model cited a source that it was given, for each sentence of its prose."""
    numbers = {source.index for source in answered.outcome.sources}
    pieces = Citations(numbers).feed(answered.said, is_last=True)
    return [bool(p.cited) for p in pieces if isinstance(p, Ended) and words_of(p.text)]


def figures(answered: Answered) -> dict[str, float]:
    """Sizes and times of an answer, of which neither more nor less is better: words, tokens,
    milliseconds to the first text and to the end."""
    outcome = answered.outcome
    given = {
        "words": float(len(words_of(outcome.text))) if outcome.text else None,
        "tokens": answered.tokens,
        "first_ms": outcome.first_ms,
        "ended_ms": outcome.ended_ms,
    }
    return {name: float(value) for name, value in given.items() if value is not None}
