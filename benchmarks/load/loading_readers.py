"""Readers who load a server: bursts of questions, and a minute of everything at once."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect

STREAMING = 100
ASKING, A_SECOND, SECONDS = 300, 50, 60.0
CANCEL_EVERY = 0.5
WARM_UP = 5.0
"""Seconds until all readers have their streams."""
QUESTION = "What is the zero moment point?"


@dataclass
class Seen:
    """Seconds, and how questions ended."""

    told: list[float] = field(default_factory=list)
    """From a question to the first message about it."""
    cancels: list[float] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)


async def probe(url: str) -> float:
    """How long /healthz takes."""
    where, began = urlsplit(url), time.perf_counter()
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    await reader.read()
    writer.close()
    return time.perf_counter() - began


async def opened(stack: AsyncExitStack, url: str) -> ClientConnection:
    """A socket past its welcome."""
    address = url.replace("http", "ws", 1) + "ws/chat"
    socket = await connect(
        address, compression=None, ping_interval=None, open_timeout=60, proxy=None
    )
    stack.callback(socket.transport.abort)
    await socket.recv()
    return socket


async def ask(socket: ClientConnection, seen: Seen) -> None:
    """Ask, and read to the end."""
    began, is_told = time.perf_counter(), False
    await socket.send(json.dumps({"type": "question", "data": {"question": QUESTION}}))
    while True:
        message: dict[str, Any] = json.loads(await socket.recv())
        if not is_told:
            seen.told.append(time.perf_counter() - began)
            is_told = True
        if message["type"] in ("error", "response_end"):
            seen.ends[message["data"].get("code", message["type"])] += 1
            return


async def burst(url: str, number: int) -> tuple[Seen, float]:
    """So many questions at once, and how many were answered in a second."""
    seen = Seen()
    async with AsyncExitStack() as stack:
        sockets = [await opened(stack, url) for _ in range(number)]
        began = time.perf_counter()
        await asyncio.gather(*(ask(socket, seen) for socket in sockets))
        return seen, seen.ends["response_end"] / (time.perf_counter() - began)


class Streaming:
    """A reader whose answers stream; one that is cancelled is followed by the next question."""

    def __init__(self, socket: ClientConnection, seen: Seen) -> None:
        self._socket = socket
        self._seen = seen
        self._cancelled_at: float | None = None

    async def read(self) -> None:
        """Ask and read on and on."""
        for number in count():
            data = {"question": QUESTION, "client_query_id": f"q{number}"}
            self._id = data["client_query_id"]
            await self._socket.send(json.dumps({"type": "question", "data": data}))
            while json.loads(await self._socket.recv())["type"] not in ("response_end", "error"):
                pass
            if self._cancelled_at is not None:
                self._seen.cancels.append(time.perf_counter() - self._cancelled_at)
                self._cancelled_at = None

    async def cancel(self) -> None:
        """Cancel what streams now."""
        self._cancelled_at = time.perf_counter()
        cancel = {"type": "cancel", "data": {"client_query_id": self._id}}
        await self._socket.send(json.dumps(cancel))


async def minute(url: str) -> Seen:
    """Streams, new questions and cancels beside one another."""
    seen = Seen()
    async with AsyncExitStack() as stack:
        streaming = [Streaming(await opened(stack, url), seen) for _ in range(STREAMING)]
        asking = [await opened(stack, url) for _ in range(ASKING)]
        tasks = [asyncio.create_task(each.read()) for each in streaming]
        await asyncio.sleep(WARM_UP)

        async def ask_on() -> None:
            free = asyncio.Queue[ClientConnection]()
            for socket in asking:
                free.put_nowait(socket)

            async def one() -> None:
                socket = await free.get()
                await ask(socket, seen)
                free.put_nowait(socket)

            while True:
                tasks.append(asyncio.create_task(one()))
                await asyncio.sleep(1 / A_SECOND)

        async def cancel_on() -> None:
            for each in cycle(streaming):
                await asyncio.sleep(CANCEL_EVERY)
                await each.cancel()

        tasks += map(asyncio.create_task, (ask_on(), cancel_on()))
        await asyncio.sleep(SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return seen
