"""A server under load: `python -m benchmarks.load [BOOK]`.

First 100 and then 1,000 questions at once to quoted answers. Then, with a model at an endpoint, a
minute of 100 readers whose answers stream, of 50 new questions a second, and of cancels and probes
between them. The endpoint and all readers run in this process, which takes a core of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.load.loading_readers import SECONDS, STREAMING, WARM_UP, burst, minute, probe
from benchmarks.server import UNLIMITED, ingested
from tests.support.scripted_openai import ScriptedOpenAI, Step

BURSTS = 100, 1000
AT_WORK = "200", "100"
"""Answers: enough for all, and the default, at which the streams leave no place."""
WORDS_A_SECOND = 10
WINDOW = 5
"""Seconds that answers are kept; then their memory is free."""
LONG: list[Step] = [step for _ in range(1200) for step in ("word ", 1 / WORDS_A_SECOND)]
SHORT: list[Step] = ["A short ", 0.1, "answer [1]."]


@contextmanager
def watched(data: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A server in a process of its own, which has to be ended by a signal."""
    environment = os.environ | UNLIMITED | {"SCHOLIAST_DATA": str(data)} | variables
    command = [sys.executable, "-m", "benchmarks.load.watched"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def probed(url: str) -> dict[str, float]:
    """The slowest probe of a minute, and how late a bare event loop was beside it."""
    command = [sys.executable, "-m", "benchmarks.load.probing", url, str(WARM_UP + SECONDS)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    found: dict[str, float] = json.loads(said)
    return found


async def ready(data: Path) -> str:
    """The address of the server, once it answers."""
    while True:
        try:
            url = str(json.loads((data / "server.json").read_text())["url"])
            await probe(url)
        except (OSError, ValueError):
            await asyncio.sleep(0.05)
        else:
            return url


def rss_mib(pid: int) -> float:
    """Resident memory; Linux only."""
    status = Path(f"/proc/{pid}/status").read_text()
    return (
        int(next(row for row in status.splitlines() if row.startswith("VmRSS")).split()[1]) / 1024
    )


def percentile(values: list[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(values) or [0.0]
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def measure_bursts(data: Path, table: Table) -> None:
    """100 and 1,000 questions at once."""
    with watched(data) as process:
        url = await ready(data)
        await burst(url, 20)
        for number in BURSTS:
            seen, a_second = await burst(url, number)
            told = percentile(seen.told, 1.0)
            table.add_row(f"{number} questions at once, last one told, ms", f"{told:.0f}", "≤ 2000")
            table.add_row(f"{number} at once, answers a second", f"{a_second:.0f}", str(seen.ends))
        process.terminate()
        process.communicate(timeout=30)


async def measure_minute(data: Path, table: Table, most: str) -> None:
    """A minute under load, with so many answers at work."""
    async with ScriptedOpenAI(*[SHORT] * STREAMING, *[LONG] * STREAMING, SHORT) as endpoint:
        model = {"SCHOLIAST_MODEL": "scripted", "OPENAI_BASE_URL": endpoint.base_url}
        kept = {"SCHOLIAST_RESUME_WINDOW": str(WINDOW), "SCHOLIAST_MAX_ANSWERS": most}
        with watched(data, **model, **kept) as process:
            url = await ready(data)
            await burst(url, STREAMING)
            await asyncio.sleep(2 * WINDOW)
            before = rss_mib(process.pid)
            seen, late = await asyncio.gather(minute(url), probed(url))
            during = rss_mib(process.pid)
            await asyncio.sleep(3 * WINDOW)
            after = rss_mib(process.pid)
            process.terminate()
            said, _ = await asyncio.to_thread(process.communicate, timeout=60)
            lag = json.loads(said.splitlines()[-1])
    title = f"{most} at work: "
    table.add_row(f"{title}event loop late, p50 / p99 / most, ms", lags(lag), "p99 ≤ 50")
    table.add_row(f"{title}/healthz at most, ms", f"{late['probe']:.0f}", "≤ 200")
    table.add_row(f"{title}a bare event loop beside it late, at most, ms", f"{late['floor']:.0f}")
    table.add_row(f"{title}cancel, p95, ms", f"{percentile(seen.cancels, 0.95):.0f}", "≤ 250")
    table.add_row(f"{title}told, p95, ms", f"{percentile(seen.told, 0.95):.0f}", str(seen.ends))
    memory = f"{before:.0f} / {during:.0f} / {after:.0f}"
    table.add_row(f"{title}memory before, during, after, MiB", memory, "after ≤ 1.1 × before")


def lags(lag: dict[str, float]) -> str:
    """The three of them."""
    return " / ".join(f"{lag[name]:.0f}" for name in ("p50", "p99", "max"))


async def main() -> None:
    """Measure, and print one table."""
    book = Path(sys.argv[1] if len(sys.argv) > 1 else "examples/book")
    table = Table("what", "measured", "asked", title=f"Scholiast on {book} under load")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        await asyncio.to_thread(ingested, book, data)
        await measure_bursts(data, table)
        for most in AT_WORK:
            await measure_minute(data, table, most)
    Console(width=120).print(table)


if __name__ == "__main__":
    asyncio.run(main())
