"""Connections that have sent no whole request yet, and who holds them."""

from __future__ import annotations

import asyncio
import socket
import ssl
import urllib.request
from collections import Counter
from contextlib import AsyncExitStack, suppress
from ipaddress import ip_network
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest
import trustme
from quart import Quart, request, websocket

from chains.models.turns import AT_A_TIME
from quart_app.door import connection as module
from quart_app.door.connection import FEWEST
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.quart_app.door.test_connection import hosted
from tests.support.commands import served
from tests.support.raw_websocket import shaken_hands
from tests.support.talking import client, receive

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
MANY = 100
TLS_SHUTDOWN = 30.0
"""Seconds that asyncio would wait for the end of a client's TLS."""


def abort(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def connected(stack: AsyncExitStack, url: str, origin: str = HERE) -> asyncio.StreamReader:
    """A connection from an address of this machine, which sends nothing."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(
        where.hostname, where.port, local_addr=(origin, 0)
    )
    stack.callback(abort, writer)  # which ends it when nothing holds it any more
    return reader


async def is_served(url: str, origin: str = HERE, tls: ssl.SSLContext | None = None) -> bool:
    """Whether a request over a new connection is answered, and the connection not dropped."""
    where, name = urlsplit(url), None if tls is None else "localhost"
    writer = None
    try:
        reader, writer = await asyncio.open_connection(
            where.hostname, where.port, local_addr=(origin, 0), ssl=tls, server_hostname=name
        )
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return b"HTTP/1.1 200" in await reader.read()
    except OSError:
        return False
    finally:
        if writer is not None:
            writer.transport.abort()


def trusted(folder: Path) -> ssl.SSLContext:
    """What trusts the certificate that a server in the folder has from now on."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(folder / "both.pem")
    (folder / "hypercorn.toml").write_text('certfile = "both.pem"\nkeyfile = "both.pem"\n')
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    return trusting


def is_alive(url: str) -> bool:
    with urllib.request.urlopen(f"{url}healthz", timeout=60) as answer:
        return bool(answer.status == 200)


async def test_one_address_cannot_hold_every_place_before_the_handshake(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings = example.model_copy(update={"limit_connections": 5})
    async with serving(settings) as url, AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(client(url)) for _ in range(5)]
        for each in sockets:  # they are counted apart, as sockets
            await receive(each)
        silent = [await connected(stack, url) for _ in range(FEWEST)]
        assert not await is_served(url)
        assert await is_served(url, ELSEWHERE)
        assert not any(reader.at_eof() for reader in silent)
        assert f"dropped a connection of {HERE}" in caplog.text
        assert "SCHOLIAST_LIMIT_CONNECTIONS" in caplog.text
        await asyncio.gather(*(reader.read() for reader in silent))  # nothing came for 5 s
        assert await asyncio.to_thread(is_alive, url)


@pytest.mark.usefixtures("example_copy")
async def test_one_address_cannot_hold_every_place_before_the_handshake_of_tls(alone: Path) -> None:
    tls = trusted(alone)
    with served(alone, SCHOLIAST_LIMIT_CONNECTIONS="5") as server:
        async with AsyncExitStack() as stack:
            silent = [await connected(stack, server.url) for _ in range(FEWEST)]
            assert not await is_served(server.url, tls=tls)
            assert await is_served(server.url, ELSEWHERE, tls)
            assert not any(reader.at_eof() for reader in silent)
        while not await is_served(server.url, tls=tls):
            pass  # until it has seen that they have gone: they count no more then
        _, said = server.end()
    assert f"dropped a connection of {HERE}" in said


async def test_a_connection_beyond_all_places_is_dropped_with_a_line(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module.LINES.forget()
    async with serving(example) as url, AsyncExitStack() as stack:
        monkeypatch.setattr(module.Connection, "most_open", 2)
        for _ in range(2):
            await connected(stack, url)
        for _ in range(3):
            assert not await is_served(url)
    [line] = [each for each in caplog.messages if each.startswith("dropped a connection")]
    assert line == "dropped a connection: 2 are open; see SCHOLIAST_MAX_CONNECTIONS"


@pytest.mark.usefixtures("example_copy")
async def test_a_client_that_never_ends_its_tls_is_let_go_of_without_a_trace(alone: Path) -> None:
    trusting = trusted(alone)

    def stay_silent(port: int | None) -> None:
        plain = socket.create_connection(("127.0.0.1", port or 0))
        secure = trusting.wrap_socket(plain, server_hostname="localhost")
        with socket.socket(fileno=secure.detach()) as mute:  # its TLS answers nothing now
            mute.settimeout(100)
            with suppress(ConnectionError):
                while mute.recv(4096):
                    pass

    with served(alone) as server:
        begun = monotonic()
        await asyncio.to_thread(stay_silent, urlsplit(server.url).port)
        assert monotonic() - begun < TLS_SHUTDOWN
        _, said = server.end()
    assert "Traceback" not in said


async def test_a_trusted_proxy_may_hold_as_many_connections_as_there_are(
    example: WebSettings,
) -> None:
    trusted = {"limit_connections": 5, "trusted_proxies": (ip_network(HERE),)}
    async with serving(example.model_copy(update=trusted)) as url, AsyncExitStack() as stack:
        for _ in range(2 * FEWEST):
            await connected(stack, url)
        assert await is_served(url)


async def test_a_body_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BODY_TIMEOUT", 0.2)
    app = Quart(__name__)
    ended = asyncio.Event()

    @app.post("/")
    async def patient() -> str:
        try:
            return str(await request.get_data())
        finally:
            ended.set()

    async with hosted(app) as url:
        where = urlsplit(url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nslow")
        with suppress(ConnectionError):
            assert await reader.read() == b""
        await ended.wait()
        writer.transport.abort()


async def test_of_many_clients_that_leave_at_once_few_do_in_one_round_of_the_loop() -> None:
    app, left = Quart(__name__), Counter[int]()
    number = 0

    @app.websocket("/ws/chat")
    async def until_they_leave() -> None:
        await websocket.accept()
        try:
            await websocket.receive()
        finally:
            left[number] += 1

    async def count() -> None:
        nonlocal number
        while left.total() < MANY:
            number += 1
            await asyncio.sleep(0)

    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(hosted(app))
        clients = [await stack.enter_async_context(shaken_hands(url)) for _ in range(MANY)]
        for client in clients:
            client.writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        await asyncio.wait_for(count(), 60)
    assert max(left.values()) <= 2 * AT_A_TIME < MANY
