"""Clients whose TLS never begins, breaks off, or turns into what nobody can read."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from urllib.parse import urlsplit

import pytest
from quart import Quart, websocket

from quart_app.door.listener import DEFAULTS
from quart_app.door.stream import BURST, TURN
from tests.faults.test_arrivals import trusted
from tests.quart_app.door.test_connection import hosted
from tests.support.commands import Served, served
from tests.support.raw_websocket import HANDSHAKE, PING, PONG, frame, text

UNREADABLE = b"\x17\x03\x03\x00\x20" + 32 * b"a"
"""A record that no key of either side has made."""
RESET = struct.pack("ii", 1, 0)
"""As SO_LINGER: whoever closes sends RST."""
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def connected(port: int | None, trusting: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """A client past its TLS handshake."""
    plain = socket.create_connection(("127.0.0.1", port or 0), timeout=60)
    with trusting.wrap_socket(plain, server_hostname="localhost") as secure:
        yield secure


def first_flight(trusting: ssl.SSLContext) -> bytes:
    """What a client says first."""
    sent = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        trusting.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost").do_handshake()
    return sent.read()


async def until_dropped(server: Served, sent: bytes) -> float:
    """The seconds until the server lets go of a client that says so much and no more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(server.url).port)
    began = monotonic()
    writer.write(sent)
    async with asyncio.timeout(60):
        await reader.read()
    writer.transport.abort()
    return monotonic() - began


@pytest.mark.usefixtures("example_copy")
async def test_a_handshake_of_tls_that_is_never_begun_or_never_ended_is_dropped(
    alone: Path,
) -> None:
    trusting, within = trusted(alone), 0.5
    with (alone / "hypercorn.toml").open("a") as file:
        file.write(f"ssl_handshake_timeout = {within}\n")
    hello = first_flight(trusting)
    with served(alone) as server:
        parts = [hello[:length] for length in (0, 1, 5, len(hello) // 2, len(hello) - 1)]
        waited = await asyncio.gather(*(until_dropped(server, part) for part in (*parts, hello)))
        _, said = server.end()
    assert min(waited) >= within * 0.9
    assert max(waited) < DEFAULTS["ssl_handshake_timeout"] == 10
    assert "Traceback" not in said


@pytest.mark.usefixtures("example_copy")
def test_a_flood_over_tls_whose_client_goes_away_leaves_no_trace(alone: Path) -> None:
    trusting = trusted(alone)
    with served(alone) as server:
        with connected(urlsplit(server.url).port, trusting) as client:
            client.sendall(HANDSHAKE)
            assert b" 101 " in client.recv(4096)
            client.sendall(
                2 * BURST * frame(PING)
            )  # of which the last are read one after the other
            said_back = b""
            while said_back.count(frame(PONG, is_masked=False)) <= BURST:
                said_back += client.recv(4096)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        with connected(urlsplit(server.url).port, trusting) as other:
            other.sendall(REQUEST)
            assert other.recv(4096).startswith(b"HTTP/1.1 200")
        _, said = server.end()
    assert "Traceback" not in said


async def test_what_is_no_tls_in_mid_answer_ends_it_without_a_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trusting = trusted(tmp_path)
    app, goes_on, ended = Quart(__name__), asyncio.Event(), asyncio.Event()

    @app.get("/")
    async def long() -> AsyncIterator[str]:
        async def parts() -> AsyncIterator[str]:
            try:
                yield "The first part."
                await goes_on.wait()
                for _ in range(100):
                    yield "The next part."
            finally:
                ended.set()

        return parts()

    def break_off(port: int | None) -> None:
        with connected(port, trusting) as client:
            client.sendall(2 * REQUEST)  # the server reads no further than to the second
            while b"The first part." not in client.recv(4096):
                pass
            os.write(client.fileno(), UNREADABLE)
            with socket.socket(fileno=client.detach()) as raw:
                raw.settimeout(60)
                while raw.recv(4096):  # until the server has closed its end
                    pass

    async with hosted(app, tmp_path / "both.pem") as url:
        await asyncio.to_thread(break_off, urlsplit(url).port)
        goes_on.set()
        await asyncio.wait_for(ended.wait(), 60)
    assert not [record for record in caplog.records if record.exc_info]


async def test_what_is_still_written_to_a_client_that_has_gone_is_no_line_each(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trusting = trusted(tmp_path)
    app, is_held, has_left, ended = Quart(__name__), Event(), Event(), asyncio.Event()

    @app.websocket("/ws/chat")
    async def held() -> None:
        await websocket.accept()
        await websocket.receive()
        try:
            is_held.set()
            has_left.wait(60)  # holds the event loop, with pings that were read before
            await websocket.receive()
        finally:
            ended.set()

    def leave(port: int | None) -> None:
        with connected(port, trusting) as client:
            client.sendall(HANDSHAKE)
            assert b" 101 " in client.recv(4096)
            client.sendall(text("hold") + 5 * TURN * frame(PING))
            is_held.wait(60)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        has_left.set()

    async with hosted(app, tmp_path / "both.pem") as url:
        await asyncio.to_thread(leave, urlsplit(url).port)
        await asyncio.wait_for(ended.wait(), 60)
    assert [record for record in caplog.records if record.name == "asyncio"] == []
