"""A server by itself: quoted answers, idle sockets, and its start."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from benchmarks.figures.rows import Goal, Row
from benchmarks.parts.bench import OURS, PEER, Bench, say
from benchmarks.peer import processes
from benchmarks.peer.paced_model import now
from benchmarks.peer.processes import Process
from benchmarks.peer.streams import PATIENCE, Reader, check, percentile
from benchmarks.peer.wire import Wire

READERS = 1, 50, 100
OF_ONE = 20
"""Questions that a reader alone asks, one after the other."""
IDLE = 1000, 5000
WARM_UP = 200
"""Sockets before the first look, so that pools and caches are filled."""
AT_ONCE = 100
SETTLE = 3.0
"""Seconds."""
LITTLE = Goal("≤", 4)
FIRST_MS = {1: 200.0, 50: 2000.0}
STARTS = 5


async def measure_quotes(bench: Bench) -> list[Row]:
    """Answers without a model: how soon the last word comes, and how many come in a minute."""
    rows: list[Row] = []
    with processes.ours(bench.data) as server:
        bench.processes = [server]
        await _quoted(bench, server, 20)
        for readers in READERS:
            say(f"quoted answers of {readers} readers")
            rounds = OF_ONE if readers == 1 else 1

            async def one(
                server: Process, readers: int = readers, times: int = rounds
            ) -> tuple[float, float]:
                took: list[float] = []
                began = now()
                for _ in range(times):
                    took += await _quoted(bench, server, readers)
                return percentile(took, 0.95), 60e6 * len(took) / (now() - began)

            found = await bench.interleaved({OURS: server}, one)
            goal = Goal("≤", FIRST_MS[readers]) if readers in FIRST_MS else None
            of = f"{readers} reader{'s at once' if readers > 1 else ''}"
            slowest, rates = zip(*found[OURS], strict=True)
            many = Goal("≥", 500) if readers > 1 else None
            rows += [
                bench.row(f"quoted answer, p95, {of}", "ms", slowest, (), goal),
                bench.row(f"quoted answers a minute, {of}", "", rates, (), many),
            ]
    bench.processes = []
    return rows


async def _quoted(bench: Bench, server: Process, readers: int) -> list[float]:
    """Milliseconds from each question to the end of its answer."""
    all_of_them = [Quoted() for _ in range(readers)]
    for reader in all_of_them:
        await reader.open(server.url)
    for number, reader in enumerate(all_of_them, bench.questions(readers)):
        reader.ask(number)
    async with asyncio.timeout(PATIENCE):
        for reader in all_of_them:
            await reader.ended.wait()
    check(all_of_them)
    for reader in all_of_them:
        reader.leave()
    return [(reader.ended_at - reader.asked) / 1000 for reader in all_of_them]


class Quoted(Reader):
    """A reader of an answer that no model streams."""

    ended_at = 0

    def end(self) -> None:
        """Note when."""
        self.ended_at = now()
        super().end()

    def note(self, _: str) -> None:
        """It is the book's own text."""


async def measure_idle(bench: Bench) -> list[Row]:
    """What idle sockets keep in memory, beside Quart on Hypercorn and nothing else."""
    found: dict[str, dict[int, float]] = {}
    for name in (OURS, PEER):
        say(f"idle sockets, {'ours' if name == OURS else 'bare Quart'}")
        opening = processes.ours(bench.data) if name == OURS else processes.bare()
        with opening as server:
            found[name] = await _idle(server)
    rows = []
    for number in IDLE:
        ours, bare = (found[name][number] for name in (OURS, PEER))
        rows += [
            bench.row(f"idle socket of {number:,}, beside bare Quart", "KiB", [ours], [bare]),
            bench.row(f"the same, above bare Quart, {number:,}", "KiB", [ours - bare], (), LITTLE),
        ]
    return rows


async def _idle(server: Process) -> dict[int, float]:
    """KiB of each socket, by how many there are."""
    kept: dict[int, float] = {}
    async with AsyncExitStack() as stack:
        await _open(stack, server, WARM_UP)
        before, opened = server.rss_kib(), 0
        for number in IDLE:
            await _open(stack, server, number - opened)
            opened = number
            kept[number] = (server.rss_kib() - before) / number
    return kept


async def _open(stack: AsyncExitStack, server: Process, number: int) -> None:
    for begun in range(0, number, AT_ONCE):
        some = range(begun, min(number, begun + AT_ONCE))
        for wire in await asyncio.gather(*(Wire.open(server.url, lambda _: None) for _ in some)):
            stack.callback(wire.abort)
    await asyncio.sleep(SETTLE)


async def measure_starts(bench: Bench) -> list[Row]:
    """Seconds until a server can be asked."""
    say("starts")
    found: dict[str, list[float]] = {OURS: [], PEER: []}
    with processes.model() as model:
        for _ in range(1 if bench.is_quick else STARTS):
            with processes.ours(bench.data) as server:
                found[OURS].append(server.seconds)
            with processes.peer(model) as server:
                found[PEER].append(server.seconds)
    return [bench.row("start until it can be asked", "s", found[OURS], found[PEER], Goal("≤", 5))]
