"""Readers that ask over real sockets and look at the clock."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect


@dataclass(frozen=True)
class Timing:
    """Seconds from sending a question to its first chunk and to its last frame."""

    first: float
    last: float


async def read_alone(url: str, questions: list[str]) -> list[Timing]:
    """One reader, one question after the other. What the book refuses is left out."""
    async with _connected(url) as socket:
        timings = [await _ask(socket, question) for question in questions]
    return [timing for timing in timings if timing]


async def read_together(url: str, questions: list[str]) -> list[Timing]:
    """A reader for each question, all connected first, then asking at once."""
    barrier = asyncio.Barrier(len(questions))

    async def read(question: str) -> Timing | None:
        async with _connected(url) as socket:
            await barrier.wait()
            return await _ask(socket, question)

    timings = await asyncio.gather(*map(read, questions))
    return [timing for timing in timings if timing]


async def pings_a_second(url: str, clients: int, pings: int) -> float:
    """How many pings of so many clients are answered in a second, each sent after the last."""
    begin = time.perf_counter()
    await asyncio.gather(*(_ping(url, pings) for _ in range(clients)))
    return clients * pings / (time.perf_counter() - begin)


async def _ping(url: str, pings: int) -> None:
    async with _connected(url) as socket:
        for _ in range(pings):
            await socket.send('{"type": "ping"}')
            await socket.recv()


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[ClientConnection]:
    async with connect(url.replace("http", "ws", 1) + "ws/chat", compression=None) as socket:
        await socket.recv()
        yield socket


async def _ask(socket: ClientConnection, question: str) -> Timing | None:
    begin, first = time.perf_counter(), None
    await socket.send(json.dumps({"type": "question", "data": {"question": question}}))
    while True:
        kind = json.loads(await socket.recv())["type"]
        now = time.perf_counter() - begin
        if kind == "error":
            return None
        if kind == "response_chunk" and first is None:
            first = now
        if kind == "response_end":
            return Timing(first or now, now)
