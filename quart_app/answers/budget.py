"""What all readers together may ask and spend: questions in a period, and tokens in a day.

Unlike the limits of one reader, these are about money, which is counted by the calendar: a period
begins and ends with that of UTC, and no more than its count fits into it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor
from operator import itemgetter
from time import monotonic, time
from typing import Literal

from typing_extensions import override

from chains.errors import ServiceUnavailable
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
    began: float = 0.0
    """When it began to count this period, by a clock that nobody sets."""
    owed: int = 0
    """Of `used`, what is not counted yet where several servers count together."""
    is_logged: bool = False
    """Whether it was said that this period's are used up."""

    def turn(self, now: float, passed: float) -> None:
        """Count from 0 again where a later period has begun.

        An earlier one is the same again: a clock that is set back gives nothing a second time. But
        once as much time as a period has has `passed` since, it is another: a clock that was a year
        ahead for a moment refuses nobody for a year.
        """
        period = floor(now / self.seconds)
        is_over = passed - self.began >= self.seconds
        if period > self.period or (period < self.period and is_over):
            self.begin(period, passed)

    def begin(self, period: int, passed: float) -> None:
        """Count from 0."""
        self.period, self.began = period, passed
        self.used, self.owed, self.is_logged = 0, 0, False

    def left_s(self, now: float, passed: float) -> int:
        """Whole seconds until the period ends, 1 or more."""
        left = max(1, (self.period + 1) * self.seconds - floor(now))
        is_over_in = max(1, ceil(self.began + self.seconds - passed))
        is_earlier_then = floor((now + is_over_in) / self.seconds) < self.period
        return is_over_in if is_earlier_then else left


class Budget:
    """Counts `questions` and `tokens` of all readers; what is not given is not bounded.

    `clock` gives the seconds since the epoch, `steady` those since any moment, and is never set.
    Counts are in memory; `quart_app.shared` has a budget of several servers.
    """

    def __init__(
        self,
        questions: tuple[Rate, ...] = (),
        tokens: int | None = None,
        clock: Callable[[], float] = time,
        steady: Callable[[], float] = monotonic,
    ) -> None:
        self._clock = clock
        self._steady = steady
        names: dict[str, BudgetName] = {"minute": "all_minute", "hour": "all_hour"}
        self._questions = [
            Pot(names.get(rate.period, "all_day"), rate.count, rate.seconds) for rate in questions
        ]
        self._tokens = [] if tokens is None else [Pot("tokens", tokens, SECONDS["day"])]

    async def take(self) -> Exceeded | None:
        """Count a question; None if there was room for it, else what it has to wait for longest."""
        used_up = self.used_up(*self.turned())
        if used_up is None:
            for pot in self._questions:
                self.count(pot, 1)
        return used_up

    @property
    def periods(self) -> tuple[int, ...]:
        """In which a question is counted that was taken just now."""
        return tuple(pot.period for pot in self._questions)

    def give_back(self, periods: tuple[int, ...]) -> None:
        """Count one question less, which was counted in these `periods` and then refused for
        another reason. Where one has ended meanwhile, nothing of it is in the next."""
        self.turned()
        for pot, period in zip(self._questions, periods, strict=True):
            if pot.period == period:
                self.count(pot, -1)

    def spend(self, tokens: int) -> None:
        """Count what a call of the model cost; an answer under way may go beyond the budget."""
        self.turned()
        for pot in self._tokens:
            self.count(pot, tokens)

    def count(self, pot: Pot, number: int) -> None:
        """Count so many more in a pot."""
        pot.used = max(0, pot.used + number)

    def require_tokens(self) -> None:
        """Raise ServiceUnavailable where there are none left, as after those of a long line."""
        now, passed = self.turned()
        for pot in self._tokens:
            if pot.used >= pot.most:
                seconds = pot.left_s(now, passed)
                _log_once(pot, seconds)
                reason = "SCHOLIAST_BUDGET_TOKENS was used up while the question waited"
                raise ServiceUnavailable("server", reason, retry_after=seconds)

    async def limits(self) -> tuple[Limit, ...]:
        """What remains now; counts nothing."""
        self.turned()
        return tuple(Limit(pot.name, pot.most, max(0, pot.most - pot.used)) for pot in self.pots)

    @property
    def pots(self) -> tuple[Pot, ...]:
        """What is counted: questions by their period, then tokens."""
        return (*self._questions, *self._tokens)

    def turned(self) -> tuple[float, float]:
        """Turn all pots; the times by both clocks."""
        now, passed = self._clock(), self._steady()
        for pot in self.pots:
            pot.turn(now, passed)
        return now, passed

    def used_up(self, now: float, passed: float) -> UsedUp | None:
        """That a pot is empty: of several, the one to wait for longest."""
        empty = [(pot.left_s(now, passed), pot) for pot in self.pots if pot.used >= pot.most]
        if not empty:
            return None
        seconds, last = max(empty, key=itemgetter(0))
        _log_once(last, seconds)
        return UsedUp(last.name, seconds)


def _log_once(pot: Pot, seconds: int) -> None:
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
        in_words(seconds),
    )
