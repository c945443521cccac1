"""Answers to requests whose bodies are still coming in."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

import pytest
from quart import Quart

from quart_app.door import connection as module
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.faults.test_arrivals import trusted
from tests.faults.test_broken_tls import connected
from tests.faults.test_odd_requests import until_none_is_open
from tests.quart_app.door.test_connection import hosted

LONG = 200_000
PIECES = 20
HEAD = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
STATUSES = {
    b"/api/ingest": b"401",
    b"/api/prompts": b"405",
    b"/api/restore": b"401",
    b"/nowhere": b"404",
}
NEXT = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def test_an_answer_arrives_though_the_body_is_still_sent_over_a_slow_line(
    example: WebSettings,
) -> None:
    async with serving(example) as url:
        for address, status in STATUSES.items():
            async with line_to(url) as (reader, writer):
                writer.write(HEAD % (address, LONG))
                for _ in range(PIECES):
                    writer.write(b"x" * (LONG // PIECES))
                    await writer.drain()
                    await asyncio.sleep(0.02)
                writer.write(NEXT)  # a request after the last answer is none
                said = await reader.read()
            assert said.startswith(b"HTTP/1.1 %s " % status), address
            assert said.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % LONG, b"400"),
        (HEAD[:-2] % (b"/", LONG) + b"no header\r\n\r\n", b"400"),
        (HEAD[:-2] % (b"/", LONG) + b"Cookie: ", b"431"),
    ],
)
async def test_what_cannot_be_read_gets_its_answer_though_more_is_still_sent(
    example: WebSettings, head: bytes, status: bytes
) -> None:
    async with serving(example) as url, line_to(url) as (reader, writer):
        writer.write(head)
        for _ in range(PIECES):
            writer.write(b"x" * (LONG // PIECES))
            await writer.drain()
            await asyncio.sleep(0.02)
        assert (await reader.read()).startswith(b"HTTP/1.1 %s " % status)


@pytest.mark.parametrize("pause", [0.0, 0.02])
async def test_a_body_without_an_end_holds_no_place_once_its_answer_is_sent(
    monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    if pause:
        monkeypatch.setattr(module, "BODY_TIMEOUT", 0.3)
    else:
        monkeypatch.setattr(module, "MOST_SKIPPED", LONG)
    async with hosted(Quart(__name__)) as url, line_to(url) as (_, writer):
        writer.write(HEAD % (b"/x", 10**12))
        with suppress(ConnectionError):
            while True:
                writer.write(b"x" * (10 if pause else LONG))
                await writer.drain()
                await asyncio.sleep(pause)
        await until_none_is_open()


async def test_a_client_that_neither_sends_on_nor_leaves_is_dropped_after_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "BODY_TIMEOUT", 1000.0)
    async with hosted(Quart(__name__)) as url, line_to(url) as (reader, writer):
        writer.write(HEAD % (b"/x", LONG))
        assert (await reader.read()).startswith(b"HTTP/1.1 404 ")
        await until_none_is_open()


def answer_after(port: int | None, trusting: ssl.SSLContext, head: bytes) -> bytes:
    """What a client gets over TLS that sends all of a body before it reads anything."""
    with connected(port, trusting) as client:
        client.sendall(head)
        for _ in range(PIECES):
            client.sendall(b"x" * (LONG // PIECES))
            sleep(0.02)
        said = b""
        while part := client.recv(4096):
            said += part
        return said


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (HEAD % (b"/x", LONG), b"404"),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % LONG, b"400"),
        (HEAD[:-2] % (b"/", LONG) + b"Cookie: ", b"431"),
        (HEAD[:-2] % (b"/", LONG) + b"Transfer-Encoding: gzip\r\n\r\n", b"501"),
    ],
)
async def test_over_tls_a_client_may_send_all_before_it_reads_the_answer(
    tmp_path: Path, head: bytes, status: bytes
) -> None:
    trusting = trusted(tmp_path)
    async with hosted(Quart(__name__), tmp_path / "both.pem") as url:
        said = await asyncio.to_thread(answer_after, urlsplit(url).port, trusting, head)
        await until_none_is_open()
    assert said.startswith(b"HTTP/1.1 %s " % status)
    assert b"\r\nconnection: close\r\n" in said.lower()


async def test_a_server_ends_in_order_though_a_body_has_not_come_in() -> None:
    async with AsyncExitStack() as stack:
        async with hosted(Quart(__name__)) as url:
            reader, writer = await stack.enter_async_context(line_to(url))
            writer.write(HEAD % (b"/x", LONG))
            assert (await reader.read()).startswith(b"HTTP/1.1 404 ")
        assert not module._OPEN
