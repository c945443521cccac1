"""What all readers together may ask and spend: questions in a period, and tokens in a day.

Unlike the limits of one reader, these are about money, which is counted by the calendar: a period
begins and ends with that of UTC, and no more than its count fits into it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from math import floor
from time import time
from typing import Literal

from typing_extensions import override

from quart_app.answers.exceeded import Exceeded, in_words
from quart_app.answers.rates import SECONDS, Rate
from quart_app.protocol.server_messages import Limit

log = logging.getLogger("scholiast.limits")

BudgetName = Literal["all_minute", "all_hour", "all_day", "tokens"]
PERIODS: dict[BudgetName, str] = {
    "all_minute": "in this minute",
    "all_hour": "in this hour",
    "all_day": "today",
    "tokens": "today",
}


class UsedUp(Exceeded):
    """All readers together have asked or spent as much as they may."""

    @property
    @override
    def message(self) -> str:
        period = PERIODS[self.reason]  # type: ignore[index]
        return (
            f"The tutor has answered as many questions as it may {period}. "
            f"Try again in {in_words(self.retry_after)}."
        )


@dataclass(slots=True)
class Pot:
    """`most` of something in each period of so many `seconds`, counted from the epoch."""

    name: BudgetName
    most: int
    seconds: int
    used: int = 0
    period: int = 0
    is_logged: bool = False
    """Whether it was said that this period's are used up."""

    def turn(self, now: float) -> None:
        """Count from 0 again where a later period has begun.

        An earlier one is the same again: a clock that is set back gives nothing a second time.
        """
        period = floor(now / self.seconds)
        if period > self.period:
            self.period, self.used, self.is_logged = period, 0, False

    def left_s(self, now: float) -> int:
        """Whole seconds until the period ends, 1 or more."""
        return max(1, (self.period + 1) * self.seconds - floor(now))


class Budget:
    """Counts `questions` and `tokens` of all readers; what is not given is not bounded.

    `clock` gives the seconds since the epoch. Counts are in memory.
    """

    def __init__(
        self,
        questions: tuple[Rate, ...] = (),
        tokens: int | None = None,
        clock: Callable[[], float] = time,
    ) -> None:
        self._clock = clock
        names: dict[str, BudgetName] = {"minute": "all_minute", "hour": "all_hour"}
        self._questions = [
            Pot(names.get(rate.period, "all_day"), rate.count, rate.seconds) for rate in questions
        ]
        self._tokens = [] if tokens is None else [Pot("tokens", tokens, SECONDS["day"])]

    def take(self) -> Exceeded | None:
        """Count a question; None if there was room for it, else what it has to wait for longest."""
        now = self._turned()
        empty = [pot for pot in (*self._questions, *self._tokens) if pot.used >= pot.most]
        if empty:
            last = max(empty, key=lambda pot: pot.left_s(now))
            _log_once(last, now)
            return UsedUp(last.name, last.left_s(now))
        for pot in self._questions:
            pot.used += 1
        return None

    def give_back(self) -> None:
        """Count one question less: it was refused for another reason."""
        self._turned()
        for pot in self._questions:
            pot.used = max(0, pot.used - 1)

    def spend(self, tokens: int) -> None:
        """Count what a call of the model cost; an answer under way may go beyond the budget."""
        self._turned()
        for pot in self._tokens:
            pot.used += tokens

    def limits(self) -> tuple[Limit, ...]:
        """What remains now; counts nothing."""
        self._turned()
        return tuple(
            Limit(pot.name, pot.most, max(0, pot.most - pot.used))
            for pot in (*self._questions, *self._tokens)
        )

    def _turned(self) -> float:
        now = self._clock()
        for pot in (*self._questions, *self._tokens):
            pot.turn(now)
        return now


def _log_once(pot: Pot, now: float) -> None:
    """Say once in a period that it is used up: it is the operator's to allow more."""
    if pot.is_logged:
        return
    pot.is_logged = True
    setting = "SCHOLIAST_BUDGET_TOKENS" if pot.name == "tokens" else "SCHOLIAST_LIMIT_ALL"
    log.warning(
        "all %d of %s are used up %s (UTC); questions are refused for %s",
        pot.most,
        setting,
        PERIODS[pot.name],
        in_words(pot.left_s(now)),
    )
