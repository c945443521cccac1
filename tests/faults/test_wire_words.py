"""What HTTP says to clients is in our words, and names no part that we are made of."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from quart import request

from quart_app import create_app
from quart_app.door.refusals import LINES
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.faults.test_early_answers import line_to
from tests.faults.test_one_protocol import exchange
from tests.faults.test_refusals import never_open
from tests.support.commands import served
from tests.support.folders import copy_folder
from tests.support.raw_websocket import HANDSHAKE

HOST = b"Host: localhost\r\nConnection: close\r\n"
CHUNKED = b"POST /healthz HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
MALFORMED = {
    "TLS": (b"\x16\x03\x01\x02\0\1\0\x01\xfc\x03\x03", 400, "This is TLS"),
    "TLS with a line end": (b"\x16\x03\x01\x02\r\n\r\n", 400, "This is TLS"),
    "another protocol": (b"EHLO mail.example\r\n\r\n", 400, "This is not HTTP/1.1"),
    "bytes": (b"\0\1\2\3\r\n\r\n", 400, "This is not HTTP/1.1"),
    "a method": (b"G(T / HTTP/1.1\r\n" + HOST + b"\r\n", 400, "method"),
    "a target": (b"GET /\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n", 400, "must be written as %XX"),
    "a blank in a target": (b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n", 400, "as %XX"),
    "an empty line": (b"\r\nGET / HTTP/1.1\r\n" + HOST + b"\r\n", 400, "empty line"),
    "a header": (b"GET / HTTP/1.1\r\n" + HOST + b"X : y\r\n\r\n", 400, "A header"),
    "the first header": (b"GET / HTTP/1.1\r\n " + HOST + b"\r\n", 400, "A header"),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", 400, "has no Host"),
    "two Hosts": (b"GET / HTTP/1.1\r\n" + HOST + b"Host: a\r\n\r\n", 400, "more than one Host"),
    "a length": (b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", 400, "no number"),
    "two lengths": (
        b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        400,
        "two different Content-Lengths",
    ),
    "a coding": (b"GET / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: br\r\n\r\n", 501, "chunked"),
    "too long": (b"GET /" + b"a" * 20_000, 431, "too long"),
    "a chunk's length": (CHUNKED + b"zz\r\n", 400, "length of a chunk"),
}
"""What is wrong with a request: its bytes, the status, and what has to be said."""
OF_LIBRARIES = ("hypercorn", "quart", "werkzeug", "h11", "python", "bytearray")


@pytest.mark.parametrize(("sent", "status", "words"), MALFORMED.values(), ids=MALFORMED)
async def test_what_is_wrong_with_a_request_is_said_to_its_sender_and_in_the_log(
    example: WebSettings, caplog: pytest.LogCaptureFixture, sent: bytes, status: int, words: str
) -> None:
    async with serving(example) as url:
        LINES.forget()
        for _ in range(3):
            said = await exchange(urlsplit(url).port, sent)
            head, _, body = said.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 %d " % status)
            assert words in body.decode()
            assert b"content-length: %d\r\n" % len(body) in head
    (line,) = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    for word in (f"refused a request with {status}: ", "address: 127.0.0.1", words):
        assert word in line
    assert ("TLS" in line) == sent.startswith(b"\x16\x03")


async def test_a_head_request_that_is_refused_gets_no_body(example: WebSettings) -> None:
    async with serving(example) as url:
        said = await exchange(urlsplit(url).port, b"HEAD ?q HTTP/1.1\r\n" + HOST + b"\r\n")
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.endswith(b"\r\n\r\n")


UNREADABLE = b" / HTTP/1.1\r\nno header\r\n\r\n"


@pytest.mark.parametrize("before", [b"", b"HEAD", b"GET"])
@pytest.mark.parametrize("method", [b"HEAD", b"GET"])
async def test_what_cannot_be_read_gets_a_body_unless_it_is_a_head_request(
    example: WebSettings, before: bytes, method: bytes
) -> None:
    async with serving(example) as url, line_to(url) as (reader, writer):
        if before:
            writer.write(before + b" /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            if before == b"GET":
                await reader.readuntil(b"}\n")
        for piece in (method[:2], method[2:] + UNREADABLE):
            writer.write(piece)
            await asyncio.sleep(0.05)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert (body == b"") == (method == b"HEAD")


def addresses() -> list[str]:
    """One of each route of the app, and some of none."""
    rules = create_app(never_open).url_map.iter_rules()
    odd = [
        "/nowhere",
        "/static/%00",
        "/static/..%2fx",
        "/%ff",
        "/..;/",
        "//book",
        "/api/nope",
        "/*",
    ]
    odd += ["/books/none/api/book", "/book/" + "a" * 5000, "/search?q=" + "a" * 500]
    return [*sorted({re.sub("<[^>]+>", "x", rule.rule) for rule in rules}), *odd]


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FROBNICATE")
OWN_PLAIN = {"/metrics", "/widget.js", "/widget/x", "/ws/chat", "/ws/prompts"}
"""Addresses that answer in plain text: scripts and the figures for a monitor, and sockets."""


@pytest.mark.parametrize("accept", ["text/html", "application/problem+json", "*/*;q=x,,\xff"])
async def test_every_error_of_every_route_is_json_or_a_page_of_ours(
    example: WebSettings, accept: str
) -> None:
    head = b" HTTP/1.1\r\n" + HOST + b"Accept: " + accept.encode("latin-1") + b"\r\n\r\n"
    problems, statuses = [], set()
    async with serving(example) as url:
        port = urlsplit(url).port
        for path in addresses():
            for method in METHODS:
                said = await exchange(port, f"{method} {path}".encode() + head)
                status, problem = told(said, path, method, as_json=accept.endswith("json"))
                statuses.add(status)
                problems += [(path[:40], method, status, problem)] if problem else []
    assert problems == []
    assert {200, 308, 401, 404, 405, 426} <= statuses


def told(said: bytes, path: str, method: str, *, as_json: bool) -> tuple[int, str]:
    """The status of an answer, and what is wrong with how it was given."""
    head, _, body = said.partition(b"\r\n\r\n")
    status, text = int(head[9:12]), body.decode()
    if status < 400 or method == "HEAD":
        return status, "" if status < 300 or b"<" not in body else text[:80]
    if path in OWN_PLAIN and method in ("GET", "OPTIONS"):
        return status, "" if b"content-type: text/plain" in head else "not plain"
    if as_json or "/api/" in path:
        is_good = b"content-type: application/json" in head and json.loads(body)["error"]
    else:
        is_good = b"content-type: text/html" in head and '<p class="lead">' in text
    has_methods = status != 405 or b"\r\nallow: " in head
    return status, "" if is_good and has_methods else f"{head!r} {text[:80]}"


async def test_a_body_that_is_too_long_and_an_error_of_ours_are_told_in_the_same_form() -> None:
    app = create_app(never_open)

    @app.post("/long")
    async def long() -> str:
        return str(len(await request.get_data()))

    @app.get("/broken")
    async def broken() -> str:
        raise ArithmeticError

    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = app.test_client()
    for asked in (client.post("/long", data=b"x" * 70_000), client.get("/broken")):
        answer = await asked
        assert answer.status_code in (413, 500)
        assert '<p class="lead">' in str(await answer.get_data(as_text=True))


ANSWERS = {
    b"101 ": HANDSHAKE,
    b"200 ": b"GET / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"404 ": b"GET /nowhere HTTP/1.1\r\n" + HOST + b"\r\n",
    b"405 ": b"PUT / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"400 ": b"GET ?q HTTP/1.1\r\n" + HOST + b"\r\n",
    b"431 ": b"GET /" + b"a" * 20_000,
    b"505 ": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}
REFUSED_HANDSHAKE = HANDSHAKE.replace(b"Version: 13", b"Version: 12")
SENT = [*ANSWERS.items(), (b"400 ", REFUSED_HANDSHAKE)]


@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
async def test_no_answer_names_the_server_that_we_run_on(
    example_folder: Path, tmp_path: Path, *, is_secure: bool
) -> None:
    copy_folder(example_folder, tmp_path / ".scholiast")
    authority, context = trustme.CA(), ssl.create_default_context()
    if is_secure:
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(tmp_path / "key.pem")
        issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
        (tmp_path / "hypercorn.toml").write_text('certfile = "cert.pem"\nkeyfile = "key.pem"\n')
        authority.configure_trust(context)
    with served(tmp_path) as server:
        for status, sent in SENT:
            reader, writer = await asyncio.open_connection(
                "localhost", urlsplit(server.url).port, ssl=context if is_secure else None
            )
            writer.write(sent)
            async with asyncio.timeout(60):
                said = (await reader.readuntil(b"\r\n\r\n")).lower()
                said += b"" if status == b"101 " else (await reader.read()).lower()
            writer.transport.abort()
            assert said.startswith(b"http/1.1 " + status), sent
            assert b"\r\nserver:" not in said
            assert sent is not REFUSED_HANDSHAKE or b"no handshake of a websocket" in said
            assert [word for word in OF_LIBRARIES if word.encode() in said] == []
