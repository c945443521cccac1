"""Whoever is refused at the door is named in the log, with the setting that would help."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from quart.testing import WebsocketResponseError

from quart_app import create_app
from quart_app.chat.connections import DRAINING, ConnectionManager
from quart_app.door.proxies import parse_network
from quart_app.door.refusals import LINES, LONGEST, PAUSE, log, log_refusal
from quart_app.serve import serving
from quart_app.services import Services, open_services
from quart_app.settings import WebSettings
from tests.faults.test_one_protocol import exchange
from tests.support.raw_websocket import CLOSE, PATIENCE, TEXT, frame, raw_client

EVIL = "https://evil.example"
never_open = cast("Callable[[], AbstractAsyncContextManager[Services]]", None)
SCOPE = {"type": "websocket", "scheme": "ws", "headers": [], "client": ("192.0.2.7", 1)}
PROXY = {"trusted_proxies": (parse_network("127.0.0.1"),)}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the door logs, as it comes; no line of another test is remembered."""
    LINES.forget()
    written: list[str] = []
    handler = logging.Handler()
    monkeypatch.setattr(handler, "emit", lambda record: written.append(record.getMessage()))
    log.addHandler(handler)
    yield written
    log.removeHandler(handler)


async def handshake(url: str, *, key: str = "dGhlIHNhbXBsZSBub25jZQ==", **headers: str) -> int:
    """The status of a handshake with these headers, or without the one whose value is empty."""
    where = urlsplit(url)
    all_headers = {
        "Host": "localhost",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in all_headers.items() if value)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        writer.write(f"GET /ws/chat HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
        async with asyncio.timeout(PATIENCE):
            return int((await reader.readuntil(b"\r\n"))[9:12])
    finally:
        writer.transport.abort()


CASES: list[tuple[dict[str, Any], list[tuple[int, dict[str, str], list[str]]]]] = [
    (
        {},
        [
            (403, {"Origin": EVIL}, ["SCHOLIAST_ALLOWED_ORIGINS", f"Origin: '{EVIL}'"]),
            (403, {"Origin": " "}, ["SCHOLIAST_ALLOWED_ORIGINS", "Origin: ''"]),
            (400, {"Sec_WebSocket_Protocol": "chat-v9"}, ["chat-v1", "the client"]),
            (400, {"key": ""}, ["Sec-WebSocket", "proxy", "a socket"]),
            (400, {"Sec_WebSocket_Version": "8"}, ["Sec-WebSocket"]),
            (426, {"Upgrade": "", "Connection": "close"}, ["proxy", "a request"]),
        ],
    ),
    ({"require_origin": True}, [(403, {}, ["Origin: none", "SCHOLIAST_ALLOWED_ORIGINS"])]),
    (
        {**PROXY, "require_tls": True},
        [
            (403, {"X_Forwarded_For": "192.0.2.7"}, ["SCHOLIAST_REQUIRE_TLS", "192.0.2.7"]),
            (
                403,
                {"Origin": EVIL, "X_Forwarded_Proto": "https", "X_Forwarded_For": "2001:db8::1:2"},
                ["SCHOLIAST_TRUSTED_PROXIES", "scheme: https", "address: 2001:db8::/64"],
            ),
        ],
    ),
]


@pytest.mark.parametrize(("settings", "handshakes"), CASES)
async def test_a_refused_handshake_is_one_line_with_the_setting_that_would_help(
    example: WebSettings,
    lines: list[str],
    settings: dict[str, Any],
    handshakes: list[tuple[int, dict[str, str], list[str]]],
) -> None:
    async with serving(example.model_copy(update=settings)) as url:
        for status, headers, words in handshakes:
            LINES.forget()
            assert await handshake(url, **headers) == status
            assert f" with {status}: " in lines[-1]
            for word in (*words, "Host: 'localhost'", "scheme: http", "address: "):
                assert word in lines[-1]
    assert len(lines) == len(handshakes)


async def test_a_server_that_is_not_open_yet_says_so(lines: list[str]) -> None:
    app = create_app(never_open)
    with pytest.raises(WebsocketResponseError) as refused:
        async with app.test_client().websocket("/ws/chat") as socket:
            await socket.receive()
    assert refused.value.response.status_code == 503
    (line,) = lines
    assert "starting" in line


async def test_a_full_server_names_the_limit_in_the_log(
    example: WebSettings, lines: list[str]
) -> None:
    for name, status in (("limit_connections", 429), ("max_connections", 503)):
        async with serving(example.model_copy(update={name: 1})) as url, raw_client(url):
            assert await handshake(url) == status
        assert f" with {status}: " in lines[-1]
        assert f"SCHOLIAST_{name.upper()}" in lines[-1]
    assert len(lines) == 2


async def test_a_server_that_stops_names_itself_in_the_log(
    example: WebSettings, lines: list[str]
) -> None:
    @asynccontextmanager
    async def opening(settings: WebSettings, frame_bytes: int) -> AsyncIterator[Services]:
        async with open_services(settings, frame_bytes) as services:
            leaving = ConnectionManager(1, 1)
            await leaving.drain()
            yield replace(services, connections=leaving)

    async with serving(example, opening) as url:
        assert await handshake(url) == 503
    (line,) = lines
    assert DRAINING.message in line


async def test_a_socket_that_was_let_in_is_never_named_as_refused(
    example: WebSettings, lines: list[str]
) -> None:
    async with serving(example) as url:
        async with raw_client(url) as reader:
            reader.writer.write(frame(CLOSE, b"\x03\xe8"))
            assert await reader.close_code() == 1000
        async with raw_client(url) as reader:
            reader.writer.write(frame(TEXT, b"", reserved=1))
            assert await reader.close_code() == 1002
    assert lines == []


async def test_no_header_writes_a_line_of_its_own_or_moves_the_cursor(
    example: WebSettings, lines: list[str]
) -> None:
    async with serving(example) as url:
        await handshake(url, Origin="https://\x1b[2J\x9b2J\xe9 WARNING scholiast: all is well")
    (line,) = lines
    assert line.isascii()
    assert line.isprintable()
    assert "\\x1b[2J\\x9b2J\\xe9" in line


async def test_a_flood_of_refusals_is_a_line_a_second_that_says_how_many(
    example: WebSettings, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(LINES, "_clock", lambda: now)
    async with serving(example) as url:
        for _ in range(50):
            assert await handshake(url, Origin=EVIL) == 403
        assert await handshake(url, key="") == 400
        assert len(lines) == 2
        now += PAUSE
        assert await handshake(url, Origin=EVIL) == 403
    assert len(lines) == 3
    assert "49 more like it" in lines[-1]
    assert len(LINES._kinds) == 2


def test_a_long_header_is_cut(lines: list[str]) -> None:
    for size in (LONGEST, LONGEST + 1, 60_000):
        host = (b"host", b"x" * size)
        LINES.forget()
        log_refusal(DRAINING, SCOPE | {"headers": [host]})
    whole, cut, same = lines
    assert "…" not in whole
    assert cut == same
    assert cut.count("x") == whole.count("x")
    assert "…" in cut


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        (b"GET ?q HTTP/1.1\r\nHost: a\r\n\r\n", 400, ["no address", "Host: 'a'"]),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, ["version", "proxy_http_version 1.1"]),
        (b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, ["version", "Host: 'a'"]),
    ],
    ids=["no address", "HTTP/2", "HTTP/1.2"],
)
async def test_what_is_no_request_is_one_line_too(
    example: WebSettings, lines: list[str], sent: bytes, status: int, words: list[str]
) -> None:
    async with serving(example) as url:
        for _ in range(3):
            said = await exchange(urlsplit(url).port, sent)
            assert said.startswith(b"HTTP/1.1 %d " % status)
    (line,) = lines
    for word in (f"refused a request with {status}: ", "address: 127.0.0.1", *words):
        assert word in line
