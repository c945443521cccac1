"""What was taken of each limit, in the memory of this process, checked and charged in one step.

By the generic cell rate algorithm (ITU-T I.371), as in quart-rate-limiter: a key has a theoretical
arrival time (TAT), which each charge moves on by period / count. Times are whole nanoseconds: sums
of floating seconds are off by one charge on a machine that has run for a year.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush
from time import monotonic_ns

MOST_KEYS = 100_000
SECOND = 1_000_000_000
MICROSECOND = 1_000
MOST_DROPPED = 64
"""Keys dropped at a time, so that no question waits for thousands that end together."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One of `count` in `seconds` for a key."""

    key: str
    count: int
    seconds: float

    @property
    def period(self) -> int:
        """`seconds` in nanoseconds."""
        return round(self.seconds * SECOND)

    @property
    def interval(self) -> int:
        """Nanoseconds after which one comes back; rounded down, so that `count` fit the period."""
        return self.period // self.count

    def left(self, ahead: int) -> int:
        """How many may be taken at once where the TAT is so many nanoseconds ahead of now."""
        return min(self.count, max(0, (self.period - ahead) // self.interval))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which charge was not to be had, and in how many whole seconds, 1 or more, it is."""

    charge: Charge
    retry_after: int


class LimitStore:
    """TATs by key, dropped when they are past.

    `clock` is monotonic, in nanoseconds, so that no limit depends on a clock that is set. `most`
    bounds the keys: beyond, the one that is free soonest is forgotten, which gives away the least.
    If new keys were refused instead, one client could fill the store and lock all others out.
    """

    def __init__(self, clock: Callable[[], int] = monotonic_ns, most: int = MOST_KEYS) -> None:
        self._clock = clock
        self._most = most
        self._tats: dict[str, int] = {}
        self._expiring: list[tuple[int, str]] = []
        """A heap with each key once, by a TAT that it had."""

    def __len__(self) -> int:
        return len(self._tats)

    async def take(self, charges: Sequence[Charge]) -> Refusal | None:
        """Charge all, or none if one is not to be had: then the one that takes longest."""
        now = self._clock()
        waits = [(self._wait(charge, now), charge) for charge in charges]
        longest, refused = max(waits, key=lambda wait: wait[0], default=(0, None))
        if refused is not None and longest > 0:
            return Refusal(refused, -(-longest // SECOND))
        for charge in charges:
            self._put(charge.key, self._tat(charge.key, now) + charge.interval, now)
        return None

    async def remaining(self, charges: Sequence[Charge]) -> list[int]:
        """How many more of each may be taken at once."""
        now = self._clock()
        return [charge.left(self._tat(charge.key, now) - now) for charge in charges]

    async def ahead(self, key: str) -> timedelta:
        """How far the TAT of a key is ahead of now; nothing for a key that is not in use."""
        now = self._clock()
        return timedelta(microseconds=(self._tat(key, now) - now) // MICROSECOND)

    def _tat(self, key: str, now: int) -> int:
        return max(self._tats.get(key, now), now)

    def _wait(self, charge: Charge, now: int) -> int:
        return self._tat(charge.key, now) + charge.interval - charge.period - now

    def _put(self, key: str, tat: int, now: int) -> None:
        self._drop_expired(now)
        if key not in self._tats:
            while len(self._tats) >= self._most:
                self._drop_first()
            heappush(self._expiring, (tat, key))
        self._tats[key] = tat

    def _drop_expired(self, now: int) -> None:
        for _ in range(MOST_DROPPED):
            if not self._expiring or self._expiring[0][0] > now:
                return
            self._drop_first(now)

    def _drop_first(self, now: int | None = None) -> None:
        """Drop the key in front, or put it where it belongs if it was charged since."""
        stood, key = heappop(self._expiring)
        tat = self._tats[key]
        if tat == stood or (now is not None and tat <= now):
            del self._tats[key]
        else:
            heappush(self._expiring, (tat, key))
