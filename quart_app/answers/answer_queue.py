"""Whose turn it is to be answered: so many answers are at work, further questions wait in line.

In each round of the line everybody has one question, as in fair queuing (Demers, Keshav and
Shenker, 1989). So a reader who asks a hundred at once waits for their own and lets others pass.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from math import ceil
from operator import attrgetter
from statistics import fmean
from time import monotonic

from quart_app.answers.pace import Pace

MOST_WAITING = 1000
"""Questions in the line."""
LONGEST_WAIT = 30.0
"""Seconds that a question may be expected to wait; one that would wait longer is refused."""
RECENT = 100
"""Answers by which it is known how long one takes."""
OFTEN, SELDOM = 1.0, 10.0
"""Seconds between two reports of how far the line has moved, at its front and far back: a report
for each of a thousand each second would take the time of the answers."""
FRONT = 20
"""Questions that are at the front."""

_in_order = attrgetter("order")


class Busy(Exception):
    """The line is full, or too long to wait in; `retry_after` is in seconds, 1 or more."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"too many questions wait; again in {retry_after} s")


class AnswerQueue:
    """Lets at most `at_work` answers be written at a time, and others wait in a bounded line.

    With `paced`, which takes a running event loop, they begin no faster than that can take them
    (see `quart_app.answers.pace`).
    """

    def __init__(
        self, at_work: int, clock: Callable[[], float] = monotonic, *, paced: bool = False
    ) -> None:
        self.at_work = at_work
        self.clock = clock
        self.require: Callable[[], None] | None = None
        """Called when the turn of a question has come that had to wait; what it raises ends it."""
        self._pace = Pace(self._advance) if paced else None
        self._free = at_work
        self._coming = 0
        self._line: list[Ticket] = []
        self._numbers = 0
        self._round = 0
        self._waiting_of: Counter[str] = Counter()
        self._took: deque[float] = deque(maxlen=RECENT)

    @property
    def waiting(self) -> int:
        """How many questions wait."""
        return len(self._line)

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Count a question that may enter at the end of the block among those that wait.

        Raises Busy where it would find no place, or wait too long for one.
        """
        ahead = self.waiting + max(0, self._coming - self._free)
        wait = (ahead + 1) * fmean(self._took or [0.0]) / self.at_work
        has_room = ahead < MOST_WAITING and wait <= LONGEST_WAIT
        if not has_room and (self._line or self._coming >= self._free):
            raise Busy(max(1, ceil(wait)))
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    def enter(self, key: str) -> Ticket:
        """A place at work, or else in the line; questions with the same `key` are one reader's.

        A ticket must be given back by `Ticket.leave`.
        """
        if not self._line and self._may_begin():
            self._free -= 1
            return Ticket(self, key, (self._round, 0), begun=self.clock())
        self._numbers += 1
        ticket = Ticket(self, key, (self._round + self._waiting_of[key], self._numbers))
        self._waiting_of[key] += 1
        insort(self._line, ticket, key=_in_order)
        return ticket

    def ahead_of(self, ticket: Ticket) -> int:
        """How many come before one that waits."""
        return bisect_left(self._line, ticket.order, key=_in_order)

    def remove(self, ticket: Ticket) -> None:
        """Take one that waits out of the line."""
        del self._line[self.ahead_of(ticket)]
        self._waiting_of[ticket.key] -= 1
        if not self._waiting_of[ticket.key]:
            del self._waiting_of[ticket.key]

    def finish(self, seconds: float) -> None:
        """An answer that took so long has ended: the first in the line follows it."""
        self._took.append(seconds)
        self._free += 1
        self._advance()

    def close(self) -> None:
        """Let nobody begin any more by the time that passes."""
        if self._pace is not None:
            self._pace.close()

    def _may_begin(self) -> bool:
        return self._free > 0 and (self._pace is None or self._pace.take())

    def _advance(self) -> None:
        """Let those begin who may, from the front of the line."""
        while self._line and self._may_begin():
            self._free -= 1
            ticket = self._line[0]
            self.remove(ticket)
            self._round = ticket.order[0]
            ticket.begin()


class Ticket:
    """A question's place among the answers at work, or in the line until it is its turn."""

    def __init__(
        self, queue: AnswerQueue, key: str, order: tuple[int, int], begun: float | None = None
    ) -> None:
        self.key = key
        self.order = order
        self._queue = queue
        self._begun = begun
        self._is_over = False
        self._moved = asyncio.Event()

    @property
    def ahead(self) -> int | None:
        """How many questions come before this one; None if it does not wait (any more)."""
        is_waiting = self._begun is None and not self._is_over
        return self._queue.ahead_of(self) if is_waiting else None

    @property
    def seconds(self) -> float:
        """Since its turn came; 0 before."""
        return 0.0 if self._begun is None else self._queue.clock() - self._begun

    async def turn(self) -> None:
        """Wait for its turn. Raises what `AnswerQueue.require` raises."""
        if self._begun is None:
            await self._moved.wait()
            if self._queue.require is not None:
                self._queue.require()

    async def news(self) -> AsyncGenerator[int]:
        """`ahead` now and, as it changes, every few seconds, until it waits no more."""
        last: int | None = None
        while (ahead := self.ahead) is not None:
            if ahead != last:
                last = ahead
                yield ahead
            with suppress(TimeoutError):
                async with asyncio.timeout(min(max(OFTEN, OFTEN * ahead / FRONT), SELDOM)):
                    await self._moved.wait()

    def begin(self) -> None:
        """Its turn has come."""
        self._begun = self._queue.clock()
        self._moved.set()

    def leave(self) -> None:
        """Give the place to the next; twice is as once."""
        if self._is_over:
            return
        if self._begun is None:
            self._queue.remove(self)
        else:
            self._queue.finish(self.seconds)
        self._is_over = True
        self._moved.set()
