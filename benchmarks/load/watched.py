"""The server, which measures how late its event loop is: `python -m benchmarks.load.watched`.

At its end it prints one JSON object: milliseconds, at the 50th and 99th percentile and at most.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from time import perf_counter

from quart_app.serve import serve
from quart_app.settings import WebSettings

EVERY = 0.01
"""Seconds between two looks."""


async def watch(lags: list[float]) -> None:
    """Write down how late the event loop is, in milliseconds, until this is cancelled."""
    while True:
        began = perf_counter()
        await asyncio.sleep(EVERY)
        lags.append(1000 * (perf_counter() - began - EVERY))


async def _main() -> list[float]:
    lags: list[float] = []
    watching: list[asyncio.Task[None]] = []

    def begin(*_: object) -> None:
        """Look from now on: what was done before it could be asked kept nobody waiting."""
        watching.append(asyncio.create_task(watch(lags)))

    await serve(WebSettings.read(), announce=begin)
    for task in watching:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return sorted(lags)


if __name__ == "__main__":
    late = asyncio.run(_main())
    shares = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    print(json.dumps({name: late[int(share * (len(late) - 1))] for name, share in shares.items()}))
