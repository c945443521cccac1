"""A page that gives its own name the address of a server reads nothing there.

So does whoever else asks for a name that the server does not have; and what is no name at all
never gets to a page.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest

from chains.errors import SettingError
from quart_app.door.hosts import LOOPBACK, hosts_of
from quart_app.door.proxies import parse_network
from quart_app.door.refusals import LINES
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.raw_websocket import HANDSHAKE, PATIENCE

GOOD = ["localhost", "LocalHost:8000", "localhost.", "127.0.0.1:1", "[::1]", "[0:0::1]:8000"]
WRONG = [
    "evil.example",
    "localhost.evil.example",
    "evil.localhost",
    "xlocalhost",
    "0.0.0.0:8000",
    "127.1",
    "2130706433",
    "0x7f000001",
    "127.0.0.1.nip.io",
    "[::]",
    "[::ffff:127.0.0.1]",
    "169.254.169.254",
]
MALFORMED = [
    "",
    "localhost:80:80",
    "localhost:",
    "localhost:999999",
    "localhost:99999",
    "[::1]:65536",
    "localhost:0",
    "localhost:080",
    "localhost..",
    ".localhost",
    "localhost, localhost",
    "localhost evil.example",
    "reader@localhost",
    "localhost/",
    "localhost#",
    "[::1",
    "[::x]",
    "[fe80::1%25lo]",
    "l\xf6calhost",
    "local%68ost",
    '"><script>',
    "x" * 64,
    "x" * 9000,
    ".".join(["x"] * 200),
]


async def exchange(url: str, sent: bytes) -> tuple[int, bytes]:
    """The status and the body of the answer to these bytes."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        writer.write(sent)
        async with asyncio.timeout(PATIENCE):
            head, _, body = (await reader.read(65536)).partition(b"\r\n\r\n")
            return int(head[9:12]), body
    finally:
        writer.transport.abort()


async def status(
    url: str, host: str | None, path: str = "/api/book", version: str = "1.1"
) -> tuple[int, int]:
    """The statuses of a page and of a handshake for this Host, or without one."""
    line = b"" if host is None else b"Host: %s\r\n" % host.encode("latin-1")
    page = b"GET %s HTTP/%s\r\n%s\r\n" % (path.encode(), version.encode(), line)
    shake = HANDSHAKE.replace(b"Host: localhost\r\n", line)
    return (await exchange(url, page))[0], (await exchange(url, shake))[0]


@pytest.fixture(autouse=True)
def anew() -> None:
    """No line of another test is remembered."""
    LINES.forget()


async def test_a_server_that_only_this_machine_reaches_answers_to_its_own_names_alone(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings = example.model_copy(update={"limit_connections": None})
    async with serving(settings) as url:
        for host in GOOD:
            assert await status(url, host) == (200, 101), host
        for host in WRONG:
            assert await status(url, host) == (421, 421), host
        said = await exchange(url, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    assert said == (
        421,
        b"This server does not answer for this Host; see SCHOLIAST_ALLOWED_HOSTS.\n",
    )
    (line, *_) = [record.getMessage() for record in caplog.records]
    assert "SCHOLIAST_ALLOWED_HOSTS" in line
    assert "Host: 'evil.example'" in line
    assert {record.name for record in caplog.records} == {"scholiast.door"}
    assert len(caplog.records) < 10


@pytest.mark.parametrize("allowed", ["*", "localhost"])
async def test_what_is_no_name_is_refused_whatever_is_allowed_and_costs_no_trace(
    example: WebSettings, caplog: pytest.LogCaptureFixture, allowed: str
) -> None:
    settings = example.model_copy(update={"allowed_hosts": {allowed}})
    async with serving(settings) as url:
        for host in MALFORMED[1:]:
            assert await status(url, host) == (400, 400), host
        doubled = b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
        assert (await exchange(url, doubled))[0] == 400
        assert (await status(url, None))[0] == 400
        is_open = allowed == "*"
        for absent in ("", None):
            page, _ = await status(url, absent, version="1.0")
            assert page == (200 if is_open else 400), absent
            assert (await status(url, absent, "/healthz", "1.0"))[0] == 200
    assert {record.name for record in caplog.records} == {"scholiast.door"}


@pytest.mark.parametrize("root_path", [None, "/tutor"])
async def test_a_target_in_absolute_form_is_no_way_around_the_host(
    example: WebSettings, root_path: str | None
) -> None:
    settings = example.model_copy(update={"root_path": root_path})
    async with serving(settings) as url:

        async def ask(target: str) -> tuple[int, int]:
            page = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
            shake = HANDSHAKE.replace(b"/ws/chat", target.encode())
            return (await exchange(url, page))[0], (await exchange(url, shake))[0]

        assert await ask("http://localhost/ws/chat") == (426, 101)
        for path in ("ws/chat", "api/book", "healthz"):
            assert await ask(f"http://evil.example/{path}") == (421, 421), path
        for target in ("http://reader@localhost/", "http:///", "http://[::1/", "evil.example:443"):
            assert await ask(target) == (400, 400), target


async def test_a_second_origin_is_refused_wherever_it_stands(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings = example.model_copy(update={"allowed_origins": {"https://book.example"}})
    good, evil = b"Origin: https://book.example\r\n", b"oRIGIN: https://evil.example\r\n"
    page = b"GET /api/book HTTP/1.1\r\nHost: localhost\r\n"
    async with serving(settings) as url:
        for sent in (page + b"\r\n", HANDSHAKE):
            for origins, status in ((good, 0), (good + evil, 400), (evil + good, 400)):
                asked = sent.removesuffix(b"\r\n") + origins + b"\r\n"
                assert (await exchange(url, asked))[0] in {status or 200, status or 101}, asked
    assert "more than one Origin" in caplog.text


async def test_probes_may_ask_by_address_and_by_no_other_name(example: WebSettings) -> None:
    settings = example.model_copy(update={"allowed_hosts": {"book.example", "*.example.org"}})
    async with serving(settings) as url:
        for host in ("book.example", "a.example.org", "A.B.Example.org.", "localhost"):
            assert await status(url, host) == (200, 101), host
        for host in ("example.org", "badexample.org", "10.1.2.3", "evil.example"):
            assert await status(url, host) == (421, 421), host
        for path in ("/healthz", "/readyz"):
            for host in ("10.1.2.3:8000", "[fd00::7]", "127.0.0.1"):
                assert (await status(url, host, path))[0] == 200
            assert (await status(url, "evil.example", path))[0] == 421


@pytest.mark.parametrize(
    ("bound", "name", "given", "is_behind_proxy", "expected"),
    [
        ("127.0.0.1", "localhost", (), False, LOOPBACK),
        ("127.0.0.2", "tutor.test", (), False, LOOPBACK | {"127.0.0.2", "tutor.test"}),
        ("::1", "::1", (), False, LOOPBACK),
        ("::ffff:127.0.0.1", "localhost", (), False, LOOPBACK | {"[::ffff:7f00:1]"}),
        ("0.0.0.0", "0.0.0.0", (), False, {"*"}),
        ("192.0.2.7", "192.0.2.7", (), False, {"*"}),
        ("127.0.0.1", "localhost", (), True, {"*"}),
        ("127.0.0.1", "localhost", ("b.example",), True, LOOPBACK | {"b.example"}),
        ("192.0.2.7", "host", ("b.example",), False, LOOPBACK | {"192.0.2.7", "host", "b.example"}),
        ("127.0.0.1", "localhost", ("*",), False, {"*"}),
    ],
)
def test_without_a_setting_the_address_decides_and_the_own_machine_is_never_refused(
    bound: str, name: str, given: tuple[str, ...], is_behind_proxy: bool, expected: set[str]
) -> None:
    assert hosts_of(bound, name, frozenset(given), is_behind_proxy=is_behind_proxy) == expected


async def test_behind_a_trusted_proxy_the_forwarded_host_does_not_count(
    example: WebSettings,
) -> None:
    update: dict[str, Any] = {
        "allowed_hosts": {"book.example"},
        "trusted_proxies": (parse_network("127.0.0.1"),),
    }
    head = b"GET /api/book HTTP/1.1\r\nHost: %s\r\nX-Forwarded-Host: %s\r\n\r\n"
    async with serving(example.model_copy(update=update)) as url:
        assert (await exchange(url, head % (b"book.example", b"evil.example")))[0] == 200
        assert (await exchange(url, head % (b"evil.example", b"book.example")))[0] == 421


@pytest.mark.usefixtures("alone")
def test_names_are_read_as_browsers_write_them_and_what_is_none_is_named() -> None:
    given = "Book.Example:8000, *.faß.de, ::1, [0::2], 10.0.0.1, my_host,"
    rules = {"book.example", "*.xn--fa-hia.de", "[::1]", "[::2]", "10.0.0.1", "my_host"}
    assert WebSettings.read(allowed_hosts=given).allowed_hosts == rules
    for wrong in ("https://book.example", "book.example/x", "a b", "*.*", "b*.example", "a@b", "."):
        with pytest.raises(SettingError, match="SCHOLIAST_ALLOWED_HOSTS: ") as refused:
            WebSettings.read(allowed_hosts=f"book.example,{wrong}")
        assert f"{wrong} is no name of a server" in str(refused.value)
