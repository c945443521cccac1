"""Limits as people write them: ``10/minute, 50/hour``, a number, or ``off``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Period = Literal["minute", "hour", "day"]
SECONDS: dict[Period, int] = {"minute": 60, "hour": 3600, "day": 86400}
OFF = "off"
DIGITS, DIGITS_OF_A_RATE = 12, 9
"""Of the largest number; a rate of more would come back in less than a nanosecond."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` in each `period`."""

    count: int
    period: Period

    @property
    def seconds(self) -> int:
        """How long the period is."""
        return SECONDS[self.period]


def parse_rates(text: str) -> tuple[Rate, ...]:
    """The rates, shortest period first; none for ``off``. Raises ValueError."""
    text = text.strip().lower()
    if text == OFF:
        return ()
    rates = [_parse_rate(part.strip()) for part in text.split(",")]
    if len({rate.period for rate in rates}) < len(rates):
        raise ValueError(f"{text}: each of {', '.join(SECONDS)} may stand at most once")
    return tuple(sorted(rates, key=lambda rate: rate.seconds))


def parse_limit(text: str) -> int | None:
    """The number, 1 or more, of at most `DIGITS`; None for ``off``. Raises ValueError."""
    text = text.strip().lower()
    if text == OFF:
        return None
    if not _is_count(text, DIGITS):
        raise ValueError(f"{text}: write a number, 1 or more, or {OFF}")
    return int(text)


def _parse_rate(text: str) -> Rate:
    count, _, period = (part.strip() for part in text.partition("/"))
    if not _is_count(count, DIGITS_OF_A_RATE) or period not in SECONDS:
        raise ValueError(f"{text}: write a rate as 10/minute, 50/hour or 200/day, or {OFF}")
    return Rate(int(count), period)


def _is_count(text: str, digits: int) -> bool:
    """Whether it is a number, 1 or more. Raises ValueError for one of more than `digits`."""
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        return False
    if len(text) > digits:
        raise ValueError(f"{text}: write a number of at most {digits} digits, or {OFF}")
    return True
