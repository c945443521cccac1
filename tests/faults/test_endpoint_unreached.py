"""The model's endpoint cannot be reached as it should be: its certificate, its handshake, its
name."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import trustme

from chains.models.model import Timeouts
from quart_app.settings import WebSettings
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.talking import ask, client, receive, send, until_end
from tests.support.upstream import KEY, ZMP, logged, server

SOON = Timeouts(connect=0.5, first=5)


@asynccontextmanager
async def listening(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any],
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[str]:
    """The address of what listens in the place of an endpoint with TLS."""
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls) as listener:
        port = listener.sockets[0].getsockname()[1]
        yield f"https://localhost:{port}/v1"


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(4096):
        pass
    writer.transport.abort()


async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.transport.abort()


@pytest.fixture
def uncollected() -> Iterator[None]:
    """What nobody refers to any more is not looked for."""
    gc.disable()
    yield
    gc.enable()


async def failure(
    example: WebSettings, address: str, caplog: pytest.LogCaptureFixture
) -> tuple[dict[str, Any], str]:
    """The last message of an answer from the endpoint at this address, and the line of the log."""
    endpoint = ScriptedOpenAI([])
    endpoint.base_url = address
    async with server(example, endpoint, SOON) as url, client(url) as socket:
        await receive(socket)
        with caplog.at_level(logging.INFO, "scholiast"):
            caplog.clear()
            error = (await ask(socket, ZMP))[-1]
    lines = [line for line in logged(caplog) if "asked the model a second time" not in line]
    (line,) = lines
    assert error["type"] == "error"
    data: dict[str, Any] = error["data"]
    assert (data["code"], data["retryable"]) == ("SERVICE_UNAVAILABLE", True)
    assert KEY not in str(data)
    assert "localhost" not in str(data)
    return data, line


async def test_a_certificate_that_nobody_signed_is_named_and_gets_no_key(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(4096))
        writer.transport.abort()

    async with listening(hear, context) as address:
        _, line = await failure(example, address, caplog)
    assert "the certificate of https://localhost:" in line
    assert "is not trusted; check OPENAI_BASE_URL" in line
    assert not any(heard)


@pytest.mark.parametrize(
    ("answer", "words"),
    [(hang, "is too slow"), (babble, "broke; check the network")],
    ids=["hangs", "no TLS"],
)
async def test_a_handshake_that_comes_to_nothing_is_given_up(
    example: WebSettings,
    caplog: pytest.LogCaptureFixture,
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any],
    words: str,
) -> None:
    async with listening(answer) as address:
        _, line = await failure(example, address, caplog)
    assert words in line


async def test_a_handshake_that_is_cancelled_leaves_no_connection_open(
    example: WebSettings, uncollected: None
) -> None:
    closed: asyncio.Queue[None] = asyncio.Queue()
    begun: asyncio.Queue[None] = asyncio.Queue()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)  # of the handshake, which is not answered
        begun.put_nowait(None)
        with suppress(ConnectionError):
            await reader.read()  # until the connection is closed
        closed.put_nowait(None)
        writer.transport.abort()

    async with listening(hear) as address:
        endpoint = ScriptedOpenAI([])
        endpoint.base_url = address
        async with server(example, endpoint) as url, client(url) as socket:
            await receive(socket)
            await send(socket, "question", {"question": ZMP})
            start = await receive(socket)
            async with asyncio.timeout(10):
                await begun.get()
                await send(socket, "cancel", {"query_id": start["data"]["query_id"]})
                assert (await until_end(socket))[-1]["data"]["status"] == "cancelled"
                await closed.get()


async def test_a_name_that_is_not_found_is_named(
    example: WebSettings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = socket.getaddrinfo

    def none(host: Any, *arguments: Any, **named: Any) -> Any:
        if host in ("model.invalid", b"model.invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", none)
    _, line = await failure(example, "http://model.invalid/v1", caplog)
    assert "http://model.invalid is not found; check OPENAI_BASE_URL" in line


async def test_look_ups_that_hang_keep_no_page_and_no_probe_waiting(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up, ended = socket.getaddrinfo, threading.Event()

    def hang(host: Any, *arguments: Any, **named: Any) -> Any:
        if host in ("model.invalid", b"model.invalid"):
            ended.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return look_up(host, *arguments, **named)

    async def fail(url: str) -> None:
        async with client(url) as chat:
            await receive(chat)
            for _ in range(3):
                assert (await ask(chat, ZMP))[-1]["data"]["code"] == "SERVICE_UNAVAILABLE"

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    endpoint = ScriptedOpenAI([])
    endpoint.base_url = "http://model.invalid/v1"
    async with server(example, endpoint, SOON) as url, httpx2.AsyncClient() as probe:
        address = f"http://127.0.0.1:{urlsplit(url).port}/"  # which takes no look-up
        try:
            # Each asks twice: more than asyncio has threads, on however many cores.
            await asyncio.gather(*(fail(url) for _ in range(6)))
            for path in ("readyz", "", "api/book"):
                assert (await probe.get(address + path, timeout=5)).status_code == 200
        finally:
            ended.set()
