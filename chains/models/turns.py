"""Turns: a task with much to do at once lets others go on in between, and so do many tasks."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from time import perf_counter

LONGEST = 0.005
"""Seconds that a task may hold the event loop."""
AT_A_TIME = 8
"""Streams that go on in one round of the event loop: 2 to 4 ms of work."""
FEW = 20
"""Streams up to which each word goes on as it comes."""
SHARE, LONGEST_BEAT = 0.0006, 0.03
"""Seconds between two pieces of a stream, for each stream that there is, and at most."""
GRID = 0.005
"""Seconds between two moments at which streams go on, those together that are due by then."""


class Turn:
    """How long a task has held the event loop, as far as it knows.

    Call `pause` wherever it may stop, and `begin` where it has waited for something.
    """

    def __init__(self) -> None:
        self._begun = perf_counter()

    def begin(self) -> None:
        """It has waited, so others had their turn."""
        self._begun = perf_counter()

    async def pause(self) -> None:
        """Let others go on, if it has held the loop for long enough."""
        if perf_counter() - self._begun >= LONGEST:
            await asyncio.sleep(0)
            self._begun = perf_counter()


class Rounds:
    """Lets `AT_A_TIME` streams go on in a round of the event loop, and others in those that follow.

    A hundred streams that get a word at the same moment would make one long round, and whoever
    comes meanwhile, a probe or a cancel, needs a dozen of rounds.
    """

    def __init__(self) -> None:
        self._begin(None)

    def _begin(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Count for this loop, and not for one before it, which may have ended in a round."""
        self._loop = loop
        self._left = AT_A_TIME
        self._waiting = deque[asyncio.Future[None]]()
        self._is_counting = False

    async def enter(self) -> None:
        """Wait until it is this stream's turn: those that came before it go first."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._begin(loop)
        if not self._is_counting:
            self._is_counting = True
            loop.call_soon(self._next)
        if self._left and not self._waiting:
            self._left -= 1
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _next(self) -> None:
        """A new round."""
        self._left = AT_A_TIME
        while self._waiting and self._left:
            turn = self._waiting.popleft()
            if not turn.done():  # else its stream was cancelled
                turn.set_result(None)
                self._left -= 1
        self._is_counting = self._left < AT_A_TIME
        if self._is_counting:
            asyncio.get_running_loop().call_soon(self._next)


class Beat:
    """Lets each of many streams go on once in `length` seconds, and as it likes where they are few.

    What comes of a stream meanwhile is one piece, which costs as much on its whole way to the
    reader as a word; and the loop wakes up for several streams together.
    """

    def __init__(self) -> None:
        self._streams = 0
        self._due: dict[int, list[asyncio.Future[None]]] = {}

    @property
    def length(self) -> float:
        """Seconds between two pieces of a stream; 0 where each word may go on at once."""
        return min(SHARE * self._streams, LONGEST_BEAT) if self._streams > FEW else 0.0

    @contextmanager
    def stream(self) -> Iterator[None]:
        """There is one stream more for the length of the block."""
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    async def wait(self, since: float) -> None:
        """Wait until a stream may go on that did so at the moment `since` of the event loop."""
        loop = asyncio.get_running_loop()
        moment = ceil((since + self.length) / GRID)
        if moment * GRID <= loop.time():
            return
        if moment not in self._due:
            self._due[moment] = []
            loop.call_at(moment * GRID, self._go_on, moment)
        turn = loop.create_future()
        self._due[moment].append(turn)
        await turn

    def _go_on(self, moment: int) -> None:
        for turn in self._due.pop(moment):
            if not turn.done():  # else its stream was cancelled
                turn.set_result(None)
