"""The clock of the event loop, which never goes back: by it time passes as it does for timers."""

from __future__ import annotations

import asyncio


def now() -> float:
    """Seconds since some moment."""
    return asyncio.get_running_loop().time()
