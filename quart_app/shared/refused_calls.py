"""Calls that a Redis refused though it works, as where a key is of another kind than ours."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from redis.exceptions import ResponseError

from quart_app.shared.redis_problems import describe

log = logging.getLogger("scholiast.redis")

SHOWN = 60.0
"""Seconds for which /readyz warns of one, and in which the log says it once."""
WARNING = (
    "Redis refuses what this server asks of it, so what that was about is counted and kept by each "
    "server for itself; the log has the reason."
)


class RefusedCalls:
    """Those of the Redis at `place`; `clock` gives seconds."""

    def __init__(self, place: str, clock: Callable[[], float] = monotonic) -> None:
        self._place = place
        self._clock = clock
        self._until = self._logged_until = clock()
        self._noted: ResponseError | None = None

    def note(self, error: Exception) -> None:
        """Keep what a call failed with, if Redis refused it."""
        if isinstance(error, ResponseError):
            self._noted = error

    def report(self, *, is_working: bool) -> None:
        """Warn of what was noted, if a look found that Redis works."""
        error, self._noted = self._noted, None
        if error is None or not is_working:
            return
        now = self._clock()
        self._until = now + SHOWN
        if now >= self._logged_until:
            self._logged_until = now + SHOWN
            log.warning(
                "the Redis at %s %s; what that was about each server has for itself meanwhile",
                self._place,
                describe(error),
            )

    def warnings(self) -> list[str]:
        """What /readyz says."""
        return [WARNING] if self._clock() < self._until else []
