"""Scores of the gate: which questions does it let in, and could another threshold do better?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quart_app.evaluation.outcomes import Outcome
from quart_app.evaluation.retrieval import share

KEPT = 0.95
"""The share of the book's own questions that the threshold of `false_positives` lets in."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A receiver operating characteristic: the points of all thresholds, from strict to open.

    `true` and `false` are the shares of the book's own and of other questions that pass, float64
    of one shape (thresholds,), each from 0 to 1.
    """

    true: NDArray[np.float64]
    false: NDArray[np.float64]

    @property
    def area(self) -> float:
        """The area under the curve: how often an own question scores above another one."""
        return float(np.trapezoid(self.true, self.false))

    @property
    def false_positives(self) -> float:
        """What passes of the other questions where `KEPT` of the book's own do."""
        return float(self.false[np.argmax(self.true >= KEPT)])


def curve_of(own: Sequence[float], other: Sequence[float]) -> Curve:
    """The curve of two sets of relevances, neither of them empty.

    >>> curve = curve_of([0.9, 0.8, 0.7], [0.75, 0.1])
    >>> round(curve.area, 3), curve.false_positives
    (0.833, 0.5)
    """
    thresholds = np.unique([*own, *other])[::-1]

    def passing(relevances: Sequence[float]) -> NDArray[np.float64]:
        ordered = np.sort(np.asarray(relevances, dtype=np.float64))
        shares = 1 - np.searchsorted(ordered, thresholds, side="left") / len(ordered)
        return np.concatenate([[0.0], shares])

    return Curve(passing(own), passing(other))


def gate_scores(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Shares from 0 to 1; those on foreign and near questions only where there are any.

    - ``gate_own_refused``, ``gate_foreign_let_in``, ``gate_near_let_in``: at the threshold that is
      set.
    - ``gate_auc``, ``gate_false_positives_at_95``: of foreign questions, over all thresholds.
    """
    own = _judged(outcomes, "own")
    scores = share("gate_own_refused", (not outcome.passed for outcome in own))
    for group in ("foreign", "near"):
        others = _judged(outcomes, group)
        scores |= share(f"gate_{group}_let_in", (outcome.passed for outcome in others))
    curve = gate_curve(outcomes)
    if curve is not None:
        scores["gate_auc"] = round(curve.area, 4)
        scores["gate_false_positives_at_95"] = round(curve.false_positives, 4)
    return scores


def gate_curve(outcomes: Sequence[Outcome]) -> Curve | None:
    """The curve of the book's own questions against foreign ones, where there are both."""
    own = [o.relevance for o in _judged(outcomes, "own") if o.relevance is not None]
    foreign = [o.relevance for o in _judged(outcomes, "foreign") if o.relevance is not None]
    return curve_of(own, foreign) if own and foreign else None


def _judged(outcomes: Sequence[Outcome], group: str) -> list[Outcome]:
    return [o for o in outcomes if o.group == group and o.relevance is not None]
