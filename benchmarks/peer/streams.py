"""Readers of streams: when each word of an answer came, beside when the model sent it."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

from benchmarks.peer.paced_model import FIRST, now
from benchmarks.peer.processes import Process
from benchmarks.peer.wire import Wire

A_SECOND = 50
"""Words of each stream."""
PATIENCE = 90.0
"""Seconds for all readers to get their first word, and for streams to end."""
QUESTIONS = (
    "What is the zero moment point",
    "How does a robot keep its balance",
    "What is a gait of a robot",
    "What does a support polygon say about balance",
    "How do the feet of a robot meet the ground",
    "Why does a robot fall over",
    "How does a robot walk",
)


def question(number: int) -> str:
    """A question that nobody has asked before, and that the example book answers."""
    return f"{QUESTIONS[number % len(QUESTIONS)]}? Answer in {number} words."


class Failed(Exception):
    """A server did not do what is measured: it sent an error, or nothing."""


class Reader:
    """One socket that asks, and notes when each word of the answer came."""

    def __init__(self) -> None:
        self.asked = 0
        self.stream = 0
        """The number that the model gave it; 0 before its first word."""
        self.came = array("q")
        """Microseconds at which each word came."""
        self.frames = 0
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()
        self.error: str | None = None

    async def open(self, url: str) -> None:
        """Connect, and wait for the welcome."""
        self._wire = await Wire.open(url, self._read)
        async with asyncio.timeout(PATIENCE):
            await self.begun.wait()
        self.begun.clear()

    def ask(self, number: int) -> None:
        """Ask a question."""
        self.asked = now()
        data = {"question": question(number), "client_query_id": "q"}
        self._wire.send({"type": "question", "data": data})

    def leave(self) -> None:
        """Cancel, and go. The peer knows no cancel, and ends an answer when its reader is gone."""
        if not self.ended.is_set():
            self._wire.send({"type": "cancel", "data": {"client_query_id": "q"}})
        asyncio.get_running_loop().call_later(0.2, self._wire.abort)

    def _read(self, frame: bytes) -> None:
        message: dict[str, Any] = orjson.loads(frame)
        kind = message["type"]
        if kind == "response_chunk":
            self.note(message["data"]["content"])
        elif kind == "welcome":
            self.begun.set()
        elif kind in ("response_end", "error"):
            if kind == "error":
                self.error = message["data"]["code"]
            self.end()

    def end(self) -> None:
        """The answer is over."""
        self.begun.set()
        self.ended.set()

    def note(self, content: str) -> None:
        """Take the words of a chunk."""
        at = now()
        self.frames += 1
        words = [word for word in content.split() if not word.startswith("[")]
        if not self.came and words:
            self.stream = int(words[0].removeprefix(FIRST).rstrip(":"))
            self.begun.set()
        self.came.extend([at] * len(words))


@dataclass
class Seen:
    """What was seen in a window of time."""

    latencies: list[float] = field(default_factory=list)
    """Milliseconds from the model to the reader, of each word that came in it."""
    words: int = 0
    frames: int = 0
    processor: float = 0.0
    """Seconds that the server used."""


class Model:
    """Asks the paced model for what it knows."""

    def __init__(self, process: Process) -> None:
        self._url = process.url
        self._client = httpx2.AsyncClient(trust_env=False, timeout=PATIENCE)

    async def plan(self, words: int, a_second: int = A_SECOND, *, prose: bool = False) -> None:
        """What the answers to the next requests are like."""
        await self._get(f"next?words={words}&a_second={a_second}{'&prose=1' if prose else ''}")

    async def times(self, stream: int) -> array[int]:
        """When a stream was asked for, and then when each of its words was sent."""
        return array("q", await self._get(f"times/{stream}"))

    async def until_idle(self) -> None:
        """Wait until no stream is under way."""
        async with asyncio.timeout(PATIENCE):
            while await self._get("streams") != b"0":  # noqa: ASYNC110 (of another process)
                await asyncio.sleep(0.05)

    async def _get(self, path: str) -> bytes:
        return (await self._client.get(self._url + path)).content


@asynccontextmanager
async def reading(
    server: Process, model: Model, readers: int, first: int, spread: float = 1.0
) -> AsyncIterator[list[Reader]]:
    """So many readers whose answers stream, asked within `spread` seconds with questions from the
    number `first` on. Raises Failed where an answer does not begin."""
    async with AsyncExitStack() as stack:
        all_of_them = [Reader() for _ in range(readers)]
        for reader in all_of_them:
            await reader.open(server.url)
            stack.callback(reader.leave)
        for number, reader in enumerate(all_of_them, first):
            reader.ask(number)
            await asyncio.sleep(spread / readers)
        async with asyncio.timeout(PATIENCE):
            for reader in all_of_them:
                await reader.begun.wait()
        check(all_of_them)
        yield all_of_them
        check(all_of_them)
    await model.until_idle()


def check(readers: Sequence[Reader]) -> None:
    """Raise Failed where one was sent an error."""
    errors = [reader.error for reader in readers if reader.error]
    if errors:
        raise Failed(f"{len(errors)} of {len(readers)} answers failed: {errors[0]}")


async def watch(server: Process, readers: list[Reader], seconds: float) -> tuple[Seen, int, int]:
    """Look at running streams for so long; also returns when that began and ended."""
    seen = Seen()
    frames, begin = sum(reader.frames for reader in readers), now()
    processor = server.processor()
    await asyncio.sleep(seconds)
    seen.processor = server.processor() - processor
    end = now()
    seen.frames = sum(reader.frames for reader in readers) - frames
    return seen, begin, end


async def add_latencies(
    seen: Seen, model: Model, readers: list[Reader], begin: int, end: int
) -> None:
    """Those of all words that came between two moments."""
    for reader in readers:
        sent = (await model.times(reader.stream))[1:]
        for at, came in enumerate(reader.came):
            if begin <= came < end:
                seen.latencies.append((came - sent[at]) / 1000)
    seen.words = len(seen.latencies)


async def steady(
    server: Process,
    model: Model,
    readers: int,
    seconds: float,
    first: int,
    *,
    prose: bool = False,
) -> Seen:
    """A window of streams that are all under way."""
    # Long enough for a server that is late; it is cancelled at the end of the window.
    await model.plan(round(A_SECOND * (seconds + PATIENCE)), prose=prose)
    async with reading(server, model, readers, first) as all_of_them:
        await asyncio.sleep(0.5)
        seen, begin, end = await watch(server, all_of_them, seconds)
        await add_latencies(seen, model, all_of_them, begin, end)
    return seen


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
