"""Rows of figures: ours beside the peer's, what was asked, and how far to trust them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isnan
from statistics import median
from typing import Any, Literal

Of = Literal["ours", "ratio"]


@dataclass(frozen=True)
class Goal:
    """A bound on our figure, or on its ratio to the peer's.

    >>> Goal("≤", 0.45, "ratio").holds(ours=20, ratio=0.4), str(Goal("≤", 0.45, "ratio"))
    (True, 'ratio ≤ 0.45')
    """

    relation: Literal["≤", "≥"]
    bound: float
    of: Of = "ours"

    def holds(self, ours: float, ratio: float | None) -> bool:
        """Whether the figure is within the bound; one that was not measured is not."""
        value = ours if self.of == "ours" else ratio
        if value is None or isnan(value):
            return False
        return value <= self.bound if self.relation == "≤" else value >= self.bound

    def __str__(self) -> str:
        return f"{'ratio ' if self.of == 'ratio' else ''}{self.relation} {self.bound:g}"


@dataclass(frozen=True)
class Row:
    """One figure: the medians of several runs.

    `ratio` is ours by the peer's. `interval` is between which values ours lay, wider where others
    used the machine, a share of `disturbed` of its processors.
    """

    name: str
    ours: float
    peer: float | None
    ratio: float | None
    unit: str
    goal: str | None
    holds: bool | None
    interval: tuple[float, float]
    disturbed: float

    def as_json(self) -> dict[str, Any]:
        """The row as docs/performance.json has it."""
        return asdict(self) | {"interval": list(self.interval)}

    @classmethod
    def of_json(cls, row: dict[str, Any]) -> Row:
        """The row that was written."""
        low, high = row["interval"]
        return cls(**{**row, "interval": (low, high)})


def row(
    name: str,
    unit: str,
    ours: Sequence[float],
    peer: Sequence[float] = (),
    goal: Goal | None = None,
    disturbed: float = 0.0,
) -> Row:
    """A row of the figures of each run.

    >>> row("a word", "µs", [2, 1, 9], [4, 4, 5]).ratio
    0.5
    """
    mine, other = median(ours), median(peer) if peer else None
    ratio = round(mine / other, 3) if other else None
    spread = disturbed * abs(mine)
    interval = (short(min(ours) - spread), short(max(ours) + spread))
    return Row(
        name,
        short(mine),
        None if other is None else short(other),
        ratio,
        unit,
        None if goal is None else str(goal),
        None if goal is None else goal.holds(mine, ratio),
        interval,
        round(disturbed, 3),
    )


def short(value: float) -> float:
    """Three digits, and no more than are known.

    >>> short(1234.5), short(12.345), short(0.012345)
    (1234.0, 12.3, 0.0123)
    """
    if value == 0 or isnan(value):
        return value
    return float(f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}")
