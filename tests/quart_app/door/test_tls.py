"""Secure sockets: with a certificate of the server's own, behind a proxy that has one, or none."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from quart_app.door.proxies import parse_network
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import Served, refused, run, served
from tests.support.folders import copy_folder
from tests.support.raw_websocket import HANDSHAKE, TEXT, RawWebSocket, frame
from tests.support.talking import ask, receive, text_of

ZMP = "What is the zero moment point?"
HTTPS = {"X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs the certificates, as browsers know some."""
    return trustme.CA()


@pytest.fixture(scope="module")
def secure(
    authority: trustme.CA, example_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A server with a certificate for book.example, which takes secure connections only."""
    folder = tmp_path_factory.mktemp("secure")
    copy_folder(example_folder, folder / ".scholiast")
    issued = authority.issue_cert("book.example")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    for number, pem in enumerate(issued.cert_chain_pems):
        pem.write_to_path(folder / "cert.pem", append=number > 0)
    (folder / "hypercorn.toml").write_text('certfile = "cert.pem"\nkeyfile = "key.pem"\n')
    variables = {"SCHOLIAST_REQUIRE_TLS": "true", "SCHOLIAST_ALLOWED_HOSTS": "book.example"}
    with served(folder, **variables) as server:
        yield server


async def test_a_whole_conversation_over_wss(authority: trustme.CA, secure: Served) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    port = urlsplit(secure.url).port
    assert secure.url == f"https://localhost:{port}/"
    async with connect(
        f"wss://book.example:{port}/ws/chat",
        host="127.0.0.1",
        ssl=context,
        origin=Origin(f"https://book.example:{port}"),
        subprotocols=[Subprotocol("chat-v1")],
    ) as socket:
        assert (await receive(socket))["type"] == "welcome"
        messages = await ask(socket, ZMP)
        assert messages[0]["type"] == "response_start"
        assert messages[-1]["data"]["status"] == "completed"
        assert "zero moment point" in text_of(messages).lower()
        await socket.send(json.dumps({"type": "ping", "data": {"nonce": "n"}}))
        assert (await receive(socket))["data"]["nonce"] == "n"
        pong = await socket.ping()
        await pong
        await socket.send(b"binary")
        with pytest.raises(ConnectionClosed) as closed:
            await receive(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1003
    assert socket.close_code == 1003


async def test_a_client_that_breaks_the_protocol_over_tls_gets_a_reason_and_is_let_go_of(
    authority: trustme.CA, secure: Served
) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", urlsplit(secure.url).port, ssl=context, server_hostname="book.example"
    )
    writer.write(HANDSHAKE)
    await reader.readuntil(b"\r\n\r\n")
    client = RawWebSocket(reader, writer)
    assert (await client.message())["type"] == "welcome"
    writer.write(frame(TEXT, b"\xff"))
    assert await client.close_code() == 1007
    await client.is_dropped()
    writer.transport.abort()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET /healthz HTTP/1.1\r\nHost: book.example\r\nUpgrade: h2c\r\n\r\n", 200),
    ],
)
async def test_http2_is_neither_chosen_nor_spoken_over_tls(
    authority: trustme.CA, secure: Served, sent: bytes, status: int
) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    context.set_alpn_protocols(["h2", "http/1.1"])
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", urlsplit(secure.url).port, ssl=context, server_hostname="book.example"
    )
    assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
    writer.write(sent)
    assert (await reader.readline()).startswith(b"HTTP/1.1 %d " % status)
    writer.transport.abort()


async def test_a_page_of_another_scheme_is_not_the_servers_own(
    authority: trustme.CA, secure: Served
) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    port = urlsplit(secure.url).port
    with pytest.raises(InvalidStatus) as refusal:
        await connect(
            f"wss://book.example:{port}/ws/chat",
            host="127.0.0.1",
            ssl=context,
            origin=Origin(f"http://book.example:{port}"),
        )
    assert refusal.value.response.status_code == 403


def test_commands_of_the_same_machine_take_the_certificate_whatever_its_name(
    secure: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(secure.folder)
    assert json.loads(run("status", "--json").stdout)["server"] == secure.url
    answer = json.loads(run("ask", "--json", ZMP).stdout)
    assert "zero moment point" in answer["answer"].lower()


async def test_plain_pages_and_sockets_are_refused_and_probes_are_answered(
    example: WebSettings,
) -> None:
    settings = example.model_copy(
        update={"require_tls": True, "trusted_proxies": (parse_network("192.0.2.1"),)}
    )
    async with serving(settings) as url, httpx.AsyncClient(base_url=url) as http:
        for path in ("/", "/widget.js", "/readyz/", "//readyz"):
            page = await http.get(path, headers=HTTPS)
            assert page.status_code == 403
            assert (
                page.text == "This server takes secure connections only: use https:// and wss://.\n"
            )
        for path in ("/healthz", "/readyz"):
            assert (await http.get(path)).status_code == 200
        with pytest.raises(InvalidStatus) as refusal:
            await connect(url.replace("http", "ws", 1) + "ws/chat", additional_headers=HTTPS)
        assert refusal.value.response.status_code == 403
        assert b"wss://" in (refusal.value.response.body or b"")


async def test_what_a_trusted_proxy_calls_https_is_let_in_with_its_origin(
    example: WebSettings,
) -> None:
    settings = example.model_copy(
        update={"require_tls": True, "trusted_proxies": (parse_network("127.0.0.1"),)}
    )
    async with serving(settings) as url, httpx.AsyncClient(base_url=url) as http:
        assert (await http.get("/", headers=HTTPS)).status_code == 200
        assert (await http.get("/")).status_code == 403
        assert (await http.get("/", headers={"X-Forwarded-Proto": "http"})).status_code == 403
        address = url.replace("http", "ws", 1) + "ws/chat"
        own = Origin(url.rstrip("/").replace("http", "https", 1))
        async with connect(address, origin=own, additional_headers=HTTPS) as socket:
            assert (await receive(socket))["type"] == "welcome"
        with pytest.raises(InvalidStatus):
            await connect(address, origin=Origin(url.rstrip("/")), additional_headers=HTTPS)


async def test_https_is_asked_for_again_where_it_is_required_and_nowhere_else(
    example: WebSettings,
) -> None:
    settings = example.model_copy(
        update={
            "allowed_hosts": {"book.example"},
            "trusted_proxies": (parse_network("127.0.0.1"),),
        }
    )
    strict = "strict-transport-security"
    wrong = {"Host": "other.example"}
    for is_required in (True, False):
        update = {"require_tls": is_required}
        async with (
            serving(settings.model_copy(update=update)) as url,
            httpx.AsyncClient(base_url=url) as http,
        ):
            for path in ("/", "/healthz", "/nothing", "/api/book", "/widget.js", "/ws/chat"):
                answers = [await http.get(path, headers=HTTPS | more) for more in ({}, wrong)]
                expected = "max-age=31536000" if is_required else None
                assert [answer.headers.get(strict) for answer in answers] == [expected] * 2, path
                assert strict not in (await http.get(path)).headers
            with pytest.raises(InvalidStatus) as refusal:
                await connect(
                    url.replace("http", "ws", 1) + "ws/chat",
                    origin=Origin("https://other.example"),
                    additional_headers=HTTPS,
                )
            assert (strict in refusal.value.response.headers) is is_required


@pytest.mark.usefixtures("example_data")
def test_a_server_that_would_refuse_everybody_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCHOLIAST_REQUIRE_TLS", "true")
    line = refused(2, "serve", "--port", "0")
    assert "SCHOLIAST_REQUIRE_TLS" in line
    assert "certfile" in line
    assert "SCHOLIAST_TRUSTED_PROXIES" in line


def test_ask_says_why_a_server_behind_a_proxy_does_not_answer_it(
    example_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {"SCHOLIAST_REQUIRE_TLS": "true", "SCHOLIAST_TRUSTED_PROXIES": "192.0.2.1"}
    with served(example_copy.parent, **variables) as server:
        assert "secure connections only" in refused(1, "ask", ZMP)
        assert json.loads(run("status", "--json").stdout)["server"] == server.url


def test_ask_needs_no_certificate_where_no_server_runs(
    example_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_REQUIRE_TLS", "true")
    assert "zero moment point" in run("ask", ZMP).stdout.lower()
