"""All scores of a run, in one flat object."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quart_app.evaluation.answering import answer_scores
from quart_app.evaluation.gate import gate_scores
from quart_app.evaluation.outcomes import Outcome
from quart_app.evaluation.retrieval import retrieval_scores
from quart_app.evaluation.rows import Row


def scores_of(rows: Sequence[Row], outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Each score by its name: how many rows, search, gate, answers, times in milliseconds.

    Times are those of this machine: medians and 95th percentiles until the sources are found,
    until the first text, and until the end of the answer.
    """
    pairs = list(zip(rows, outcomes, strict=True))
    own = [(row, outcome) for row, outcome in pairs if row.group == "own"]
    scores: dict[str, float] = {"rows": len(rows)}
    scores |= retrieval_scores(own) | gate_scores(outcomes) | answer_scores(own)
    for name in ("searched_ms", "first_ms", "ended_ms"):
        times = [t for _, outcome in own if (t := getattr(outcome, name)) is not None]
        if times:
            scores[f"{name}_p50"] = round(float(np.median(times)), 1)
            scores[f"{name}_p95"] = round(float(np.percentile(times, 95)), 1)
    return scores
