"""Nobody changes to HTTP/2, so nothing passes a proxy unseen."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection

from quart_app.door.proxies import parse_network
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import Served
from tests.support.nginx import nginx
from tests.support.raw_websocket import HANDSHAKE, PATIENCE, RawWebSocket, answers

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""The frame that follows it."""
GUARDED = """
server {{
    listen 127.0.0.1:PORT;
    location / {{
        proxy_pass {url};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
    }}
    location = /readyz {{ return 403; }}
}}
"""
"""As many sites have it: whatever upgrade is asked for is passed on, and one path is not."""

OF_HTTP2 = """
server {{
    listen 127.0.0.1:PORT;
    location / {{
        grpc_pass grpc://{address};
        grpc_set_header X-Forwarded-Proto https;
    }}
}}
"""
"""The way in which this nginx speaks HTTP/2 to a server, without asking whether it does."""


def smuggled(upgrade: bytes) -> bytes:
    """A request for an upgrade, and in HTTP/2 those that the proxy is not to see."""
    client = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
    settings = client.initiate_upgrade_connection() or b""
    for stream, path in enumerate(("/readyz", "/"), 1):
        headers = [
            (":method", "GET"),
            (":path", path),
            (":scheme", "http"),
            (":authority", "localhost"),
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "https"),
        ]
        client.send_headers(2 * stream + 1, headers, end_stream=True)
    head = (
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: %s\r\nHTTP2-Settings: %s\r\n\r\n"
    )
    return head % (upgrade, settings) + client.data_to_send()


async def exchange(port: int | None, sent: bytes) -> bytes:
    """All that comes back until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    finally:
        writer.transport.abort()


@pytest.mark.parametrize("upgrade", [b"h2c", b" H2C "])
async def test_an_upgrade_to_http2_smuggles_nothing_through_a_proxy(
    example: WebSettings, tmp_path: Path, upgrade: bytes
) -> None:
    update = {"trusted_proxies": (parse_network("127.0.0.1"),), "require_tls": True}
    async with serving(example.model_copy(update=update)) as url:
        with nginx(tmp_path, GUARDED.format(url=url.rstrip("/"))) as port:
            said = await exchange(port, smuggled(upgrade))
    assert said.startswith(b"HTTP/1.1 200")
    assert b" 101 " not in said
    # Neither the page that nginx denies nor the one that takes https is there.
    assert b'"index_version"' not in said
    assert b"Humanoid Robots" not in said


async def test_a_proxy_that_speaks_http2_to_the_server_gets_nothing_and_is_named(
    example: WebSettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    update = {"trusted_proxies": (parse_network("127.0.0.1"),)}
    async with serving(example.model_copy(update=update)) as url:
        with nginx(tmp_path, OF_HTTP2.format(address=urlsplit(url).netloc)) as port:
            said = await exchange(
                port, b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
        await answers(url)
    assert said.startswith(b"HTTP/1.1 502 ")
    (line,) = [one.getMessage() for one in caplog.records if one.name == "scholiast.door"]
    assert "refused a request with 505" in line
    assert "proxy_http_version 1.1" in line


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(PREFACE + SETTINGS, id="with its settings"),
        pytest.param(PREFACE, id="alone"),
        pytest.param(PREFACE[:18], id="its first half"),
        pytest.param(PREFACE.replace(b"PRI *", b"GET /healthz"), id="as a version"),
        pytest.param(b"GET /healthz HTTP/3.0\r\nHost: localhost\r\n\r\n", id="the next version"),
        pytest.param(b"GET /healthz HTTP/0.9\r\n\r\n", id="the first version"),
        pytest.param(
            HANDSHAKE.replace(b"HTTP/1.1", b"HTTP/1.2"),
            id="a socket in a version that there is not",
        ),
    ],
)
async def test_another_version_of_http_is_refused_before_any_of_it_is_read(
    running: Served, sent: bytes
) -> None:
    said = await exchange(urlsplit(running.url).port, sent)
    assert said.startswith(b"HTTP/1.1 505 ")
    assert said.endswith(b"There is no such version of HTTP here.\n")  # and no frame of HTTP/2
    await answers(running.url)


@pytest.mark.parametrize(
    "target", [b"?q", b"healthz", b"localhost:443", b"ws://localhost/", b"http:", b"**"]
)
async def test_a_request_for_no_address_gets_400(running: Served, target: bytes) -> None:
    port = urlsplit(running.url).port
    sent = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert (await exchange(port, sent % target)).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("order", [1, -1])
async def test_a_body_with_two_lengths_hides_no_request(running: Served, order: int) -> None:
    """A proxy that goes by the other length would take the second request for body."""
    lengths = [b"Content-Length: 67", b"TRANSFER-ENCODING: chunked"]
    lines = [b"POST /healthz HTTP/1.1", b"Host: localhost", *lengths[::order], b"", b"0", b"", b""]
    hidden = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    said = await exchange(urlsplit(running.url).port, b"\r\n".join(lines) + hidden)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("target", [b"/healthz", b"http://localhost/healthz", b"HTTP://localhost"])
async def test_a_request_may_name_a_path_or_the_whole_address(
    running: Served, target: bytes
) -> None:
    port = urlsplit(running.url).port
    sent = b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert (await exchange(port, sent % target)).startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_goes_on_in_http2_is_dropped(running: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(running.url).port)
    writer.write(PREFACE)
    async with asyncio.timeout(PATIENCE):
        assert (await reader.read()).startswith(b"HTTP/1.1 505 ")
    await RawWebSocket(reader, writer).is_dropped(SETTINGS)
    writer.transport.abort()
