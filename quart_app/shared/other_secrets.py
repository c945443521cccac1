"""Whether a server with another session secret uses the same Redis: the two share nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

log = logging.getLogger("scholiast.redis")

SHOWN = 60
"""Seconds for which a mark stays in Redis, and for which /readyz warns of another one."""
WARNING = (
    "A server with another SCHOLIAST_SESSION_SECRET uses the same Redis, so the two count limits "
    "apart and do not know each other's sessions and answers; give all servers of one book the "
    "same secret, and those of other books a database number of their own."
)


class OtherSecrets:
    """Compares the `mark` of this server's secret with those of others; `clock` gives seconds."""

    def __init__(self, mark: str, clock: Callable[[], float] = monotonic) -> None:
        self.mark = mark
        self._clock = clock
        self._until = clock()

    def note(self, found: bytes | str | None) -> None:
        """What Redis held: the mark of who looked last, if anybody did within `SHOWN`."""
        if found in (None, self.mark, self.mark.encode()):
            return
        if not self.warnings():
            log.warning("%s", WARNING)
        self._until = self._clock() + SHOWN

    def warnings(self) -> list[str]:
        """What /readyz says."""
        return [WARNING] if self._clock() < self._until else []
