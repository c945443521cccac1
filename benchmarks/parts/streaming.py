"""Words that stream: what one costs, how late it comes, and how many readers a core can serve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from statistics import median

from benchmarks.figures.rows import Goal, Row
from benchmarks.parts.bench import OURS, PEER, Bench, say
from benchmarks.peer.processes import Process
from benchmarks.peer.streams import Model, Seen, percentile, steady

READERS = 1, 10, 50, 100, 200
QUICK_READERS = 10, 50
COSTS = {50: Goal("≤", 0.45, "ratio"), 100: Goal("≤", 0.35, "ratio")}
FLAT = 1.15
"""How much more than with 10 readers a word may cost with 100."""
LATE_MS = 40.0
"""At the 99th percentile; up to it a server keeps up."""
SEARCHES, NEAR, MOST = 3, 0.06, 1600
"""How often the most readers are looked for, how near, and the most that are tried."""
WINDOW = 2.5
"""Seconds of a try."""


async def measure_streams(bench: Bench) -> list[Row]:
    """Cost and lateness of words that are not judged, and then of sentences, which are by us."""
    rows: list[Row] = []
    costs: dict[int, float] = {}
    with bench.both() as (process, servers):
        model = Model(process)
        for readers in QUICK_READERS if bench.is_quick else READERS:
            found = await _of(bench, servers, model, readers)
            rows += _rows(
                bench, found, f"{readers} reader{'s' if readers > 1 else ''}", COSTS.get(readers)
            )
            costs[readers] = rows[-3].ours
        if not bench.is_quick:
            goal = Goal("≤", FLAT)
            flat = [costs[100] / costs[10]]
            rows.append(bench.row("cost of a word, 100 readers by 10 readers", "", flat, (), goal))
        found = await _of(bench, servers, model, 50, prose=True)
        rows += _rows(bench, found, "50 readers of sentences (ours proves each)", None)
    return rows


async def _of(
    bench: Bench, servers: dict[str, Process], model: Model, readers: int, *, prose: bool = False
) -> dict[str, list[Seen]]:
    say(f"{readers} readers{' of sentences' if prose else ''}")

    async def one(server: Process) -> Seen:
        first = bench.questions(readers)
        return await steady(server, model, readers, bench.seconds, first, prose=prose)

    return await bench.interleaved(servers, one)


def _rows(bench: Bench, found: dict[str, list[Seen]], of: str, goal: Goal | None) -> list[Row]:
    def each(figure: Callable[[Seen], float]) -> tuple[list[float], list[float]]:
        return [figure(seen) for seen in found[OURS]], [figure(seen) for seen in found[PEER]]

    def cost(seen: Seen) -> float:
        return 1e6 * seen.processor / max(1, seen.words)

    def late(share: float) -> Callable[[Seen], float]:
        return lambda seen: percentile(seen.latencies, share)

    return [
        bench.row(f"processor time of a word, {of}", "µs", *each(cost), goal),
        bench.row(f"lateness of a word, p50, {of}", "ms", *each(late(0.5))),
        bench.row(f"lateness of a word, p99, {of}", "ms", *each(late(0.99))),
    ]


async def find_most_readers(bench: Bench) -> list[Row]:
    """How many readers a core serves until a word is late by more than LATE_MS (p99)."""
    found: dict[str, list[float]] = {OURS: [], PEER: []}
    with bench.both() as (process, servers):
        model = Model(process)

        def keeps_up(server: Process) -> Callable[[int], Awaitable[bool]]:
            async def tried(readers: int) -> bool:
                first = bench.questions(readers)
                seen = await steady(server, model, readers, WINDOW, first)
                return percentile(seen.latencies, 0.99) <= LATE_MS

            return tried

        for _ in range(SEARCHES):
            for name, server in servers.items():
                guess = round(median(found[name])) if found[name] else 50
                found[name].append(await most(keeps_up(server), guess))
                say(f"most readers, {name}: {found[name][-1]:.0f}")
    goal = Goal("≥", 2, "ratio")
    name = f"most readers whose words are late by at most {LATE_MS:.0f} ms (p99)"
    return [bench.row(name, "", found[OURS], found[PEER], goal)]


async def most(keeps_up: Callable[[int], Awaitable[bool]], guess: int) -> float:
    """The largest number that keeps up, to within NEAR, searched for from a guess."""
    low, high = 0, guess
    while high <= MOST and await keeps_up(high):
        low, high = high, 2 * high if low == 0 else round(1.5 * high)
    while high - low > max(1, NEAR * high):
        middle = (low + high) // 2
        if await keeps_up(middle):
            low = middle
        else:
            high = middle
    return float(low)
