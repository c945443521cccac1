"""Probes of /healthz from a process of its own: `python -m benchmarks.load.probing URL SECONDS`.

The readers' process is itself too busy to tell how late a server is. At its end it prints one JSON
object, in milliseconds: the slowest probe, and how late its own event loop was at most. That does
nothing else, so it says what the machine took away.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress

from benchmarks.load.loading_readers import probe
from benchmarks.load.watched import watch

PROBE_EVERY = 0.1


async def _probe_on(url: str, probes: list[float]) -> None:
    while True:
        probes.append(1000 * await probe(url))
        await asyncio.sleep(PROBE_EVERY)


async def _main(url: str, seconds: float) -> dict[str, float]:
    probes: list[float] = []
    lags: list[float] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as tasks:
            tasks.create_task(_probe_on(url, probes))
            tasks.create_task(watch(lags))
    return {"probe": max(probes), "floor": max(lags)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_main(sys.argv[1], float(sys.argv[2])))))
