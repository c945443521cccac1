"""How fast questions begin: as fast as the event loop can take them beside the answers that stream.

A question costs as much of the loop as fifty words of an answer. Where more come than it can take,
every answer under way would get its words late, and so would cancels and /healthz. So questions
spend what the loop gains in the time that it is not late; those that come meanwhile wait in line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

AT_ONCE = 5
"""Questions that begin together after a pause."""
EVERY = 0.01
"""Seconds between two looks at the loop, each of which gains one question where it is on time."""
LATE = 0.01
"""Seconds by which a look may be late. With .02 as many questions were answered, and cancels and
/healthz took longer by a third."""
SLOWEST = 20.0
"""Questions a second that a late loop gains: new ones must not wait for ever, either, and it may be
late for the machine's other work."""
MOST = 1.0
"""What one look may gain, however late it is: more together would make the next one as late."""


class Pace:
    """Counts how many questions may begin now; calls `gained` when there is one more.

    Looks at the loop only after questions have begun, until `AT_ONCE` are gained again.
    """

    def __init__(self, gained: Callable[[], None]) -> None:
        self._gained = gained
        self._left = float(AT_ONCE)
        self._look: asyncio.TimerHandle | None = None

    def take(self) -> bool:
        """Whether one more question may begin; then it is counted."""
        if self._left < 1:
            return False
        self._left -= 1
        if self._look is None:
            self._look_later()
        return True

    def close(self) -> None:
        """Look no more."""
        if self._look is not None:
            self._look.cancel()

    def _look_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._look = loop.call_later(EVERY, self._note, loop.time() + EVERY)

    def _note(self, due: float) -> None:
        late = asyncio.get_running_loop().time() - due
        gained = 1.0 if late < LATE else min(SLOWEST * (EVERY + late), MOST)
        self._left = min(AT_ONCE, self._left + gained)
        self._look = None
        if self._left < AT_ONCE:
            self._look_later()
        self._gained()
