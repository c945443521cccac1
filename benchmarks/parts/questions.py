"""Questions beside streams: how soon one is answered, and what it costs the answers under way."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median

import httpx2

from benchmarks.figures.rows import Goal, Row
from benchmarks.parts.bench import OURS, PEER, Bench, say
from benchmarks.peer import processes
from benchmarks.peer.paced_model import now
from benchmarks.peer.processes import Process
from benchmarks.peer.streams import (
    A_SECOND,
    PATIENCE,
    Model,
    Reader,
    add_latencies,
    check,
    percentile,
    reading,
    watch,
)

STREAMING = 50
ARRIVING = 25
"""Questions a second."""
SHORT = 25
"""Words of their answers."""
PROBES = 12
"""Questions whose first word is waited for."""


@dataclass
class First:
    """Milliseconds until first words."""

    words: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    """Of the model, asked without a server between."""


async def measure_first_words(bench: Bench) -> list[Row]:
    """How much later than from the bare model the first word comes, beside STREAMING streams."""
    say(f"first words beside {STREAMING} streams")
    timed = bench.folder / "retrieval-times"
    with processes.model() as process:
        model = Model(process)
        with (
            processes.timed(bench.data, process, timed) as ours,
            processes.peer(process) as peer,
        ):
            bench.processes = [process, ours, peer]
            retrieved: list[float] = []

            async def one(server: Process) -> First:
                timed.write_text("")
                found = await _first_words(bench, server, model, process)
                if server is ours:
                    retrieved.append(median(map(float, timed.read_text().split())))
                return found

            found = await bench.interleaved({OURS: ours, PEER: peer}, one)
    bench.processes = []
    over = {
        name: [median(one.words) - median(one.bare) for one in ones] for name, ones in found.items()
    }
    apart = [whole - mine for whole, mine in zip(over[OURS], retrieved, strict=True)]
    beside = f"beside {STREAMING} streams"
    return [
        bench.row(f"first word over the bare model, {beside}", "ms", over[OURS], over[PEER]),
        bench.row(f"of it, retrieval, {beside}", "ms", retrieved),
        bench.row(
            f"first word over the bare model, retrieval apart, {beside}",
            "ms",
            apart,
            over[PEER],
            Goal("≤", 1.5),
        ),
    ]


async def _first_words(bench: Bench, server: Process, model: Model, process: Process) -> First:
    found = First()
    await model.plan(round(A_SECOND * PATIENCE))
    async with reading(server, model, STREAMING, bench.questions(STREAMING)):
        await model.plan(3)
        for number in range(bench.questions(PROBES), bench.asked + 1):
            reader = Reader()
            await reader.open(server.url)
            reader.ask(number)
            async with asyncio.timeout(PATIENCE):
                await reader.ended.wait()
            check([reader])
            found.words.append((reader.came[0] - reader.asked) / 1000)
            reader.leave()
            found.bare.append(await _bare(process))
    return found


async def _bare(process: Process) -> float:
    """Milliseconds to the first bytes of an event."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        url, body = f"{process.url}v1/chat/completions", {"messages": [], "stream": True}
        await client.get(f"{process.url}streams")  # a connection, as servers keep one
        asked = now()
        async with client.stream("POST", url, json=body) as response:
            async for _ in response.aiter_raw():
                return (now() - asked) / 1000
    return float("nan")


@dataclass
class Arrived:
    """Milliseconds of the running streams, and of the questions."""

    late: float
    first: float
    answered: float
    """A second."""


async def measure_arrivals(bench: Bench) -> list[Row]:
    """The streams under way while ARRIVING questions a second come."""
    say(f"{ARRIVING} questions a second beside {STREAMING} streams")
    with bench.both() as (process, servers):
        model = Model(process)

        async def one(server: Process) -> Arrived:
            return await _arrivals(bench, server, model)

        found = await bench.interleaved(servers, one)
    of = f"{ARRIVING} questions a second arriving beside {STREAMING} streams"
    ours, peer = found[OURS], found[PEER]
    return [
        bench.row(
            f"lateness of a word of the running answers, p99, {of}",
            "ms",
            [one.late for one in ours],
            [one.late for one in peer],
            Goal("≤", 60),
        ),
        bench.row(
            f"first word of the new ones, p95, {of}",
            "ms",
            [one.first for one in ours],
            [one.first for one in peer],
        ),
        bench.row(
            f"new ones that began, a second, {of}",
            "",
            [one.answered for one in ours],
            [one.answered for one in peer],
        ),
    ]


async def _arrivals(bench: Bench, server: Process, model: Model) -> Arrived:
    await model.plan(round(A_SECOND * PATIENCE))
    number = round(ARRIVING * bench.seconds)
    async with AsyncExitStack() as stack:
        running = reading(server, model, STREAMING, bench.questions(STREAMING))
        streams = await stack.enter_async_context(running)
        await model.plan(SHORT)
        new = [Reader() for _ in range(number)]
        for reader in new:
            await reader.open(server.url)
            stack.callback(reader.leave)

        async def arrive() -> None:
            for at, reader in enumerate(new, bench.questions(number)):
                reader.ask(at)
                await asyncio.sleep(1 / ARRIVING)

        arriving = asyncio.create_task(arrive())
        seen, begin, end = await watch(server, streams, bench.seconds)
        await arriving
        await add_latencies(seen, model, streams, begin, end)
        begun = [reader for reader in new if reader.came and reader.came[0] < end]
        check(new)
    first = [(reader.came[0] - reader.asked) / 1000 for reader in begun]
    return Arrived(
        percentile(seen.latencies, 0.99), percentile(first, 0.95), len(begun) / bench.seconds
    )
