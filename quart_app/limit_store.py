"""What was taken of each limit, in the memory of this process, checked and charged in one step.

By the generic cell rate algorithm (ITU-T I.371), as in quart-rate-limiter: a key has a theoretical
arrival time (TAT), which each charge moves on by period / count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import ceil
from time import monotonic

from quart_rate_limiter.store import RateLimiterStoreABC
from typing_extensions import override

MOST_KEYS = 100_000
ROUNDING = 1e-6
"""Seconds by which sums of floating numbers may be off."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One of `count` in `seconds` for a key."""

    key: str
    count: int
    seconds: float

    @property
    def interval(self) -> float:
        """Seconds after which one comes back."""
        return self.seconds / self.count


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which charge was not to be had, and in how many whole seconds, 1 or more, it is."""

    charge: Charge
    retry_after: int


class LimitStore(RateLimiterStoreABC):
    """TATs by key, dropped when they are past.

    `clock` is monotonic, in seconds, so that nobody waits for a clock that was set. `most` bounds
    the keys: beyond, the one that is free soonest is forgotten, which gives away the least.
    """

    def __init__(self, clock: Callable[[], float] = monotonic, most: int = MOST_KEYS) -> None:
        self._clock = clock
        self._most = most
        self._tats: dict[str, float] = {}
        self._expiring: list[tuple[float, str]] = []
        """A heap with each key once, by a TAT that it had."""

    def __len__(self) -> int:
        return len(self._tats)

    async def take(self, charges: Sequence[Charge]) -> Refusal | None:
        """Charge all, or none if one is not to be had: then the one that takes longest."""
        now = self._clock()
        waits = [(self._wait(charge, now), charge) for charge in charges]
        longest, refused = max(waits, key=lambda wait: wait[0], default=(0.0, None))
        if refused is not None and longest > ROUNDING:
            return Refusal(refused, max(1, ceil(longest - ROUNDING)))
        for charge in charges:
            self._put(charge.key, self._tat(charge.key, now) + charge.interval, now)
        return None

    async def remaining(self, charge: Charge) -> int:
        """How many more may be taken at once."""
        now = self._clock()
        used = self._tat(charge.key, now) - now
        return max(0, int((charge.seconds - used + ROUNDING) / charge.interval))

    @override
    async def get(self, key: str, default: datetime) -> datetime:
        now = self._clock()
        return default + timedelta(seconds=self._tat(key, now) - now)

    @override
    async def set(self, key: str, tat: datetime) -> None:
        now = self._clock()
        self._put(key, now + (tat - datetime.now(UTC)).total_seconds(), now)

    @override
    async def before_serving(self) -> None:
        """Nothing is to be opened."""

    @override
    async def after_serving(self) -> None:
        """Nothing is to be closed."""

    def _tat(self, key: str, now: float) -> float:
        return max(self._tats.get(key, now), now)

    def _wait(self, charge: Charge, now: float) -> float:
        return self._tat(charge.key, now) + charge.interval - charge.seconds - now

    def _put(self, key: str, tat: float, now: float) -> None:
        self._drop_expired(now)
        if key not in self._tats:
            while len(self._tats) >= self._most:
                self._drop_first()
            heappush(self._expiring, (tat, key))
        self._tats[key] = tat

    def _drop_expired(self, now: float) -> None:
        while self._expiring and self._expiring[0][0] <= now:
            self._drop_first(now)

    def _drop_first(self, now: float | None = None) -> None:
        """Drop the key in front, or put it where it belongs if it was charged since."""
        stood, key = heappop(self._expiring)
        tat = self._tats[key]
        if tat == stood or (now is not None and tat <= now):
            del self._tats[key]
        else:
            heappush(self._expiring, (tat, key))
