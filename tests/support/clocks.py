"""Clocks that a test sets: one that stands, one that jumps, a wall clock that was put forward or
back."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, tzinfo
from typing import Any

from typing_extensions import override

from quart_app.answers.limit_store import SECOND


class Clock:
    """In nanoseconds; it stands still until a test moves it."""

    def __init__(self, now: int = 1000 * SECOND) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        """Let so much time pass."""
        self.now += round(seconds * SECOND)


class HurriedLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock goes on, and jumps `forward` when a test says so."""

    ahead = 0.0

    @override
    def time(self) -> float:
        return super().time() + self.ahead

    def forward(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self.ahead += seconds


def jumped(jump: timedelta) -> type[datetime]:
    """What a module has in place of `datetime` where somebody has set the clock."""

    class Jumped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + jump

    return Jumped
