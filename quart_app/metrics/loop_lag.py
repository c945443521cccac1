"""How late the event loop is, looked at all the time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY = 0.25
"""Seconds between two looks: seldom enough to cost nothing, often enough to see a loop that is held
for long or often."""


@contextmanager
def watching_loop(observe: Callable[[float], None]) -> Iterator[None]:
    """Give `observe` the seconds by which the running loop is late, for the length of the block."""
    loop = asyncio.get_running_loop()
    is_over = False

    def look(due: float) -> None:
        if is_over:
            return
        now = loop.time()
        observe(max(0.0, now - due))
        loop.call_at(now + EVERY, look, now + EVERY)

    look(loop.time())
    try:
        yield
    finally:
        is_over = True
