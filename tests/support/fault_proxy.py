"""A TCP proxy that harms what passes through it: a network at its worst, on real sockets.

    async with FaultProxy(("127.0.0.1", 8000), cut(700), reset(50, of=CLIENT)) as proxy:
        ...  # connect to 127.0.0.1, proxy.port; the third connection is left alone

A connection takes the next fault of the plan; when none is left, it passes unharmed. The proxy
knows bytes and nothing of what they mean.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Self


class Side(Enum):
    """Whose bytes are meant."""

    CLIENT = "client"
    SERVER = "server"


class Break(Enum):
    """How a connection breaks: it ends, is reset, or lets nothing through any more."""

    CUT = "FIN"
    RESET = "RST"
    HOLE = "silence"


CLIENT, SERVER = Side.CLIENT, Side.SERVER
CUT, RESET, HOLE = Break.CUT, Break.RESET, Break.HOLE


@dataclass(frozen=True)
class Fault:
    """What a connection suffers, in both directions, until it breaks `at` a byte `of` one side.

    At most `piece` bytes are passed on together, each time after `delay` seconds.
    """

    breaks: Break | None = None
    at: int = 0
    of: Side = SERVER
    delay: float = 0.0
    piece: int = 64 * 1024


NONE = Fault()


def cut(at: int, of: Side = SERVER, how: Break = CUT) -> Fault:
    """End the connection to both sides when exactly `at` bytes of one have passed."""
    return Fault(how, at, of)


def reset(at: int, of: Side = SERVER) -> Fault:
    """The same, by RST."""
    return Fault(RESET, at, of)


def black_hole(at: int, of: Side = SERVER) -> Fault:
    """Pass nothing after `at` bytes of one side, in neither direction, and end nothing."""
    return Fault(HOLE, at, of)


def delayed(seconds: float) -> Fault:
    """Let bytes come `seconds` late."""
    return Fault(delay=seconds)


def trickle(piece: int, every: float) -> Fault:
    """Pass on `piece` bytes every so many seconds."""
    return Fault(piece=piece, delay=every)


class _Broken(Exception):
    """A connection has come to its break."""


@dataclass(frozen=True)
class End:
    """One side's connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def reset(self) -> None:
        """Send RST in place of what is unsent."""
        raw = self.writer.get_extra_info("socket")
        with suppress(OSError):  # it may be gone already
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Address = tuple[str, int]


class FaultProxy:
    """Listens on `port` from `async with` on, and connects to `target`, or to what that gives for
    each connection.

    `passed` counts the bytes of each side, over all connections.
    """

    def __init__(self, target: Address | Callable[[], Address], *plan: Fault) -> None:
        self.target = target
        self.plan = deque(plan)
        self.port = 0
        self.connections = 0
        self.broken = 0
        self.passed: Counter[Side] = Counter()
        self._break = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, t: TracebackType | None
    ) -> None:
        self._server.close()
        await self.end_all()

    async def end_all(self) -> None:
        """End all connections that there are, to both sides."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until_broken(self) -> None:
        """Wait for the first break."""
        await self._break.wait()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        fault = self.plan.popleft() if self.plan else NONE
        task = asyncio.get_running_loop().create_task(self._serve(fault, End(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, fault: Fault, client: End) -> None:
        ends = [client]
        try:
            target = self.target() if callable(self.target) else self.target
            ends.append(End(*await asyncio.open_connection(*target)))
            await self._carry(fault, *ends)
        except OSError:  # one side is gone: the other is closed in the same way
            for end in ends:
                end.reset()
        finally:
            for end in ends:
                end.writer.close()

    async def _carry(self, fault: Fault, client: End, server: End) -> None:
        """Until both sides have ended, or the break."""
        pumps = [
            asyncio.ensure_future(self._pump(fault, CLIENT, client, server)),
            asyncio.ensure_future(self._pump(fault, SERVER, server, client)),
        ]
        try:
            await asyncio.gather(*pumps)
        except _Broken:
            self.broken += 1
            self._break.set()
            await self._break_off(fault, pumps, client, server)
        finally:
            await _stop(pumps)

    async def _break_off(
        self, fault: Fault, pumps: Sequence[asyncio.Future[None]], *ends: End
    ) -> None:
        await _stop(pumps)
        if fault.breaks is HOLE:
            await asyncio.Event().wait()
        if fault.breaks is RESET:
            for end in ends:
                end.reset()

    async def _pump(self, fault: Fault, side: Side, source: End, sink: End) -> None:
        left = fault.at if fault.breaks and fault.of is side else None
        while left is None or left > 0:
            content = await source.reader.read(min(fault.piece, left or fault.piece))
            if fault.delay:
                await asyncio.sleep(fault.delay)
            if not content:
                sink.writer.write_eof()
                return
            sink.writer.write(content)
            await sink.writer.drain()
            self.passed[side] += len(content)
            left = None if left is None else left - len(content)
        raise _Broken


async def _stop(pumps: Sequence[asyncio.Future[None]]) -> None:
    for pump in pumps:
        pump.cancel()
    await asyncio.gather(*pumps, return_exceptions=True)
