"""Requests that are whole and allowed, and that no browser sends so."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from typing import cast
from urllib.parse import urlsplit

import pytest
from quart import Quart, Response, request
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from quart_app import LONGEST_BODY, create_app
from quart_app.door import connection
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.faults.test_one_protocol import exchange
from tests.faults.test_refusals import never_open
from tests.quart_app.door.test_connection import hosted
from tests.support.commands import Served

FIGURE = b"03-motion/support-polygon.svg"
STYLE = (
    b"GET /static/site.css HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Range: bytes=%s\r\n\r\n"
)


async def test_a_range_of_a_file_is_ignored_and_costs_no_trace(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(example) as url:
        for wanted in (b"-5", b"0-4", b"99999999999-", b"5-1", b"0-1,2-3", b"x"):
            said = await exchange(urlsplit(url).port, STYLE % wanted)
            assert said.startswith(b"HTTP/1.1 200 "), wanted
            assert said.endswith(b"}\n"), wanted
    assert caplog.records == []


@pytest.mark.parametrize("address", [b"/static/site.css", b"/figures/%s" % FIGURE])
async def test_a_date_that_there_is_not_is_ignored_and_costs_no_trace(
    running: Served, address: bytes
) -> None:
    sent = (
        b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nIf-Modified-Since: %s\r\n\r\n"
    )
    large = b"9" * 25
    for date in (
        b"Mon, 01 Jan %s 00:00:00 GMT" % large,
        b"Mon, 01 Jan 2026 %s:00:00 GMT" % large,
        b"Mon, 01 Jan 2026 00:00:00 +%s" % large,
    ):
        said = await exchange(urlsplit(running.url).port, sent % (address, date))
        assert said.startswith(b"HTTP/1.1 200 "), date


async def test_a_handshake_where_no_socket_is_gets_404_and_costs_no_trace(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(example) as url:
        for address in ("nowhere", "ws/nowhere", "ws/chat/", "books/none/ws/chat", "mcp"):
            with pytest.raises(InvalidStatus) as refusal:
                await connect(url.replace("http", "ws", 1) + address)
            assert refusal.value.response.status_code == 404, address
    assert caplog.records == []


async def test_no_long_body_is_kept_in_memory() -> None:
    app = create_app(never_open)

    @app.post("/length")
    async def length() -> str:
        return str(len(await request.get_data()))

    client = app.test_client()
    assert (await client.post("/length", data=b"x" * LONGEST_BODY)).status_code == 200
    assert (await client.post("/length", data=b"x" * (LONGEST_BODY + 1))).status_code == 413


async def test_a_client_that_asks_and_asks_and_reads_nothing_is_dropped_without_a_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Quart(__name__)
    app.config["RESPONSE_TIMEOUT"] = 0.3

    @app.get("/")
    async def empty() -> Response:
        return Response("", headers={"X-Padding": "x" * 4000})

    async with hosted(app) as url:
        raw = socket.create_connection(("127.0.0.1", cast("int", urlsplit(url).port)))
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setblocking(False)
        with raw:
            loop = asyncio.get_running_loop()
            with suppress(ConnectionError):
                await loop.sock_sendall(raw, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 3000)
            await until_none_is_open()
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


async def until_none_is_open() -> None:
    while True:
        await asyncio.sleep(0.05)
        if not connection._OPEN:
            return
