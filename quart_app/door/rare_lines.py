"""How often the log repeats itself about what anybody may cause again and again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import monotonic

PAUSE = 1.0
"""Seconds between two lines of one kind."""


class RareLines:
    """At most one line of a kind in `PAUSE`. Kinds are kept for good, so they must be few."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._kinds: dict[Hashable, tuple[float, int]] = {}
        """The time of the next line, and how many were left out since the last."""

    def due(self, kind: Hashable) -> str | None:
        """What to put behind a line that may be written now: how many like it were left out.

        None where it has to be left out, too.

        >>> lines = RareLines(lambda: 0.0)
        >>> lines.due("full"), lines.due("full"), lines.due("empty")
        ('', None, '')
        """
        now = self._clock()
        next_line, left_out = self._kinds.get(kind, (now, 0))
        is_due = now >= next_line
        self._kinds[kind] = (now + PAUSE, 0) if is_due else (next_line, left_out + 1)
        if not is_due:
            return None
        return f"; {left_out} more like it since the last line" if left_out else ""

    def forget(self) -> None:
        """Let the next line of every kind be written."""
        self._kinds.clear()
