"""Which of two prompts is better, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quart_app.evaluation.comparing.answer_measures import MEASURES, figures, measures, score
from quart_app.evaluation.comparing.answered import Answered
from quart_app.evaluation.rows import Row

TIE = 0.02
"""Two answers whose scores differ by less are as good as each other."""
DRAWS = 2000
"""Of the bootstrap over questions (Efron 1979, percentile intervals)."""
SURE = 95.0
"""Percent."""
_SEED = 14
"""So that one comparison says the same each time."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The means of A and B over `questions`, and the interval that holds B minus A for sure; all
    0 where there is no question."""

    a: float
    b: float
    low: float
    high: float
    questions: int

    @property
    def mean(self) -> float:
        """B minus A."""
        return round(self.b - self.a, 4)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison comes to. `score` and each of `measures` are shares; `figures` are the
    medians of A and B. `wins` are the questions that B answers better, by the scores. Questions
    that `failed` on either side count nowhere else."""

    score: Difference
    measures: dict[str, Difference]
    figures: dict[str, tuple[float, float]]
    wins: int
    losses: int
    ties: int
    failed: int = 0

    @property
    def is_none(self) -> bool:
        """Whether there is no verdict, as each question failed on one side at least."""
        return self.score.questions == 0

    def is_worse(self, allow: float) -> list[str]:
        """The score or measures in which B is worse than A by more than `allow`, for sure."""
        all_of_them = {"score": self.score, **self.measures}
        return [
            name for name, found in all_of_them.items() if found.mean < -allow and found.high < 0
        ]


def judge(rows: Sequence[Row], a: Sequence[Answered], b: Sequence[Answered]) -> Verdict:
    """The verdict on the answers of two prompts to the same rows.

    A measure counts the questions where it can be taken of both answers, and none that failed: an
    endpoint that is down for a while would decide who is better.
    """
    sound = [(r, x, y) for r, x, y in zip(rows, a, b, strict=True) if not (x.failed or y.failed)]
    pairs = [(measures(r, x), measures(r, y)) for r, x, y in sound]
    scores = [(score(x), score(y)) for x, y in pairs]
    changes = [y - x for x, y in scores]
    found = {
        name: _difference([(x[name], y[name]) for x, y in pairs if name in x and name in y])
        for name in MEASURES
        if any(name in x and name in y for x, y in pairs)
    }
    sizes = [(figures(x), figures(y)) for _, x, y in sound]
    return Verdict(
        score=_difference(scores),
        measures=found,
        figures={
            name: (_median(name, [x for x, _ in sizes]), _median(name, [y for _, y in sizes]))
            for name in ("words", "tokens", "first_ms", "ended_ms")
        },
        wins=sum(change >= TIE for change in changes),
        losses=sum(change <= -TIE for change in changes),
        ties=sum(abs(change) < TIE for change in changes),
        failed=len(rows) - len(sound),
    )


def _difference(pairs: Sequence[tuple[float, float]]) -> Difference:
    if not pairs:
        return Difference(0.0, 0.0, 0.0, 0.0, 0)
    values = np.asarray(pairs, dtype=np.float64)
    changes = values[:, 1] - values[:, 0]
    drawn = np.random.default_rng(_SEED).integers(0, len(changes), (DRAWS, len(changes)))
    means = changes[drawn].mean(axis=1)
    low, high = np.percentile(means, [(100 - SURE) / 2, (100 + SURE) / 2])
    a, b = values.mean(axis=0)
    return Difference(
        round(float(a), 4), round(float(b), 4), round(float(low), 4), round(float(high), 4),
        len(changes),
    )  # fmt: skip


def _median(name: str, found: Sequence[dict[str, float]]) -> float:
    values = [sizes[name] for sizes in found if name in sizes]
    return round(float(np.median(values)), 1) if values else 0.0
