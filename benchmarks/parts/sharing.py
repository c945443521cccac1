"""What it costs that other servers can follow an answer: by Redis, beside by memory alone."""

from __future__ import annotations

import shutil

from benchmarks.figures.rows import Goal, Row
from benchmarks.parts.bench import Bench, say
from benchmarks.peer import processes
from benchmarks.peer.processes import Process
from benchmarks.peer.streams import Model, Seen, steady
from tests.support.redis_server import redis_server

READERS = 50
MEMORY, REDIS = "memory", "Redis"
SECRET = "the secret of the sessions of a measurement"


async def measure_sharing(bench: Bench) -> list[Row]:
    """The processor time of a word with Redis, as a multiple of that by memory alone."""
    if shutil.which("redis-server") is None:
        say("the price of Redis is left out: redis-server is not installed")
        return []
    other = bench.folder / "book-shared"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(bench.data, other)
    with redis_server() as redis, processes.model() as process:
        shared = {"REDIS_URL": redis.url, "SCHOLIAST_SESSION_SECRET": SECRET}
        with (
            processes.ours(bench.data, process) as alone,
            processes.ours(other, process, **shared) as sharing,
        ):
            bench.processes = [process, alone, sharing]
            model = Model(process)

            async def one(server: Process) -> Seen:
                first = bench.questions(READERS)
                return await steady(server, model, READERS, bench.seconds, first)

            found = await bench.interleaved({MEMORY: alone, REDIS: sharing}, one)
    bench.processes = []
    ratios = [
        _cost(shared) / _cost(alone)
        for alone, shared in zip(found[MEMORY], found[REDIS], strict=True)
    ]
    name = f"processor time of a word through Redis, by that of memory, {READERS} readers"
    return [bench.row(name, "", ratios, (), Goal("≤", 1.3))]


def _cost(seen: Seen) -> float:
    return seen.processor / max(1, seen.words)
