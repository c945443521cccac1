"""An evaluation as one HTML page that needs nothing else: scores, charts, and every question."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from quart_app.evaluation.answering import is_correct
from quart_app.evaluation.evaluation import Evaluation
from quart_app.evaluation.gate import Curve, gate_curve
from quart_app.evaluation.outcomes import Outcome
from quart_app.evaluation.retrieval import HANDED, file_rank
from quart_app.evaluation.rows import Row
from quart_app.trace.trace_page import render_alone

BARS = (
    "file_recall_at_1",
    "file_recall_at_4",
    "file_recall_at_8",
    "in6",
    "section_hit_at_4",
    "citation_precision",
    "citation_recall",
    "correct",
    "correct_early",
    "correct_in_sources",
)
BINS = 20
HIGHEST = 1.0
"""The greatest relevance that the gate can measure."""
SIDE = 200
"""Of the chart of the curve."""


def render(evaluation: Evaluation, scores: Mapping[str, float], missed: Mapping[str, str]) -> str:
    """The page; `missed` has a line for each score that is out of its bound."""
    curve = gate_curve(evaluation.outcomes)
    questions = [
        (r, o, wrong_of(r, o)) for r, o in zip(evaluation.rows, evaluation.outcomes, strict=True)
    ]
    questions.sort(key=lambda question: not question[2])
    return render_alone(
        "evaluation.html",
        evaluation=evaluation,
        scores=scores,
        missed=missed,
        bars=[(name, scores[name]) for name in BARS if name in scores],
        curve=curve,
        points="" if curve is None else _points(curve),
        histograms=_histograms(evaluation),
        questions=questions,
    )


def wrong_of(row: Row, outcome: Outcome) -> list[str]:
    """What is wrong with an outcome, in a few words each; nothing if all is as the row wants it."""
    if row.group != "own":
        return ["let in"] if outcome.passed else []
    wrong = [outcome.error] if outcome.error else []
    if not outcome.passed and outcome.relevance is not None:
        wrong.append("refused")
    if row.relevant_files and file_rank(row, outcome) > HANDED:
        wrong.append("its file was not found")
    if outcome.text and row.expected and not is_correct(row, outcome.text):
        wrong.append("its answer is not in the text")
    return wrong


def _points(curve: Curve) -> str:
    steps = zip(curve.false, curve.true, strict=True)
    return " ".join(f"{SIDE * x:.1f},{SIDE * (1 - y):.1f}" for x, y in steps)


def _histograms(evaluation: Evaluation) -> list[tuple[str, list[int]]]:
    """For each group of questions, how many of them lie in each of `BINS` parts of 0 to 1."""
    found = []
    for group in ("own", "foreign", "near"):
        relevances = [o.relevance for o in evaluation.outcomes if o.group == group and o.relevance]
        if relevances:
            counts, _ = np.histogram(np.clip(relevances, 0, HIGHEST), BINS, (0, HIGHEST))
            found.append((group, counts.tolist()))
    return found
