from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest

from tests.support.fault_proxy import (
    CLIENT,
    HOLE,
    SERVER,
    End,
    Fault,
    FaultProxy,
    black_hole,
    cut,
    delayed,
    reset,
    trickle,
)

SAID = bytes(range(256)) * 40
SILENCE = 0.2


class Connection:
    """A client of an echo server behind a proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, content: bytes) -> bytes:
        """Say it and no more; what comes back until the end."""
        self.writer.write(content)
        self.writer.write_eof()
        return await self.reader.read()


class Echo:
    """What the server heard, by connection."""

    def __init__(self) -> None:
        self.heard: list[bytes | Exception] = []
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = b""
        try:
            while content := await reader.read(1 << 16):
                heard += content
                writer.write(content)
                await writer.drain()
            self.heard.append(heard)
        except ConnectionError as error:
            self.heard.append(error)
        finally:
            writer.close()
            self.ended.set()


@asynccontextmanager
async def behind(*plan: Fault) -> AsyncIterator[tuple[FaultProxy, Echo]]:
    """A proxy with a plan, and the echo server behind it."""
    echo = Echo()
    async with await asyncio.start_server(echo.serve, "127.0.0.1", 0) as server:
        target = server.sockets[0].getsockname()
        async with FaultProxy(target, *plan) as proxy:
            yield proxy, echo


@asynccontextmanager
async def connected(proxy: FaultProxy) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.transport.abort()


async def test_without_a_fault_every_byte_and_the_end_pass_both_ways() -> None:
    async with behind() as (proxy, echo), connected(proxy) as client:
        assert await client.say(SAID) == SAID
        assert echo.heard == [SAID]
        assert proxy.passed == {CLIENT: len(SAID), SERVER: len(SAID)}
        assert proxy.broken == 0


@pytest.mark.parametrize("at", [0, 1, 7, len(SAID) - 1])
async def test_a_cut_lets_exactly_its_bytes_of_the_server_through(at: int) -> None:
    async with behind(cut(at)) as (proxy, echo), connected(proxy) as client:
        client.writer.write(SAID)
        heard = b""
        try:
            while content := await client.reader.read(1 << 16):
                heard += content
        except ConnectionResetError:
            pass  # bytes were under way to a server that cannot have them any more
        assert heard == SAID[:at]
        await echo.ended.wait()
        assert (proxy.broken, proxy.passed[SERVER]) == (1, at)


async def test_a_cut_of_the_clients_bytes_lets_the_server_hear_exactly_those() -> None:
    async with behind(cut(9, CLIENT)) as (proxy, echo), connected(proxy) as client:
        client.writer.write(SAID)
        await echo.ended.wait()
        assert echo.heard == [SAID[:9]]


async def test_a_reset_is_one_to_both_sides() -> None:
    async with behind(reset(3)) as (proxy, echo), connected(proxy) as client:
        client.writer.write(b"hello")
        with pytest.raises(ConnectionResetError):
            await client.reader.read()
        await echo.ended.wait()
        assert isinstance(echo.heard[0], ConnectionResetError)


async def test_a_reset_of_one_side_reaches_the_other() -> None:
    async with behind() as (proxy, echo), connected(proxy) as client:
        client.writer.write(b"hello")
        await client.reader.readexactly(5)
        End(client.reader, client.writer).reset()
        await echo.ended.wait()
        assert isinstance(echo.heard[0], ConnectionResetError)


async def test_a_black_hole_passes_nothing_and_ends_nothing() -> None:
    async with behind(black_hole(2)) as (proxy, echo), connected(proxy) as client:
        client.writer.write(b"hello")
        assert await client.reader.readexactly(2) == b"he"
        await proxy.until_broken()
        client.writer.write(b"still there?")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(1), SILENCE)
        assert echo.heard == []


async def test_bytes_that_are_delayed_come_late_and_whole() -> None:
    async with behind(delayed(0.1)) as (proxy, _), connected(proxy) as client:
        began = monotonic()
        client.writer.write(b"hello")
        assert await client.reader.readexactly(5) == b"hello"
        assert monotonic() - began >= 0.2  # there and back


async def test_a_trickle_passes_so_many_bytes_at_a_time() -> None:
    async with behind(trickle(2, 0.01)) as (proxy, _), connected(proxy) as client:
        client.writer.write(b"hello")
        pieces = [await client.reader.read(99) for _ in range(3)]
        assert pieces == [b"he", b"ll", b"o"]


async def test_each_connection_takes_the_next_fault_and_later_ones_none() -> None:
    async with behind(cut(1), Fault(HOLE, 0)) as (proxy, _):
        async with connected(proxy) as client:
            client.writer.write(b"a")
            assert await client.reader.read() == b"a"
        async with connected(proxy) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.say(b"b"), SILENCE)
        async with connected(proxy) as client:
            assert await client.say(b"c") == b"c"
        assert (proxy.connections, proxy.broken) == (3, 2)


async def test_a_server_that_is_not_there_resets_its_clients() -> None:
    async with behind() as (proxy, _):
        proxy.target = ("127.0.0.1", 1)
        async with connected(proxy) as client:
            with pytest.raises(ConnectionResetError):
                await client.reader.read()
