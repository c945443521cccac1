"""Which pages may open the socket and read the API: the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from chains.errors import SettingError
from quart_app.door.origins import is_allowed
from quart_app.settings import WebSettings
from tests.support.commands import served
from tests.support.folders import copy_folder

BOOK = "https://book.example"
OTHER = "http://localhost:3000"
PREVIEWS, PREVIEW = "https://*.preview.example", "https://pr-7.preview.example"
WRONG = [
    "https://other.example",
    "null",
    "",
    "https://book.example.evil.example",
    "https://evil-book.example",
    "https://evilbook.example",
    "https://book.example:8443",
    "http://book.example",
    "https://book.example/",
    "https://BOOK.example",
    "https://book.example https://evil.example",
    "http://localhost",
    "*",
    PREVIEWS,
    "https://a.b.preview.example",
]
PATHS = ["/widget.js", "/widget/style.css", "/api/anything"]


@pytest.fixture(scope="module")
def url(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that two other origins may use."""
    folder = tmp_path_factory.mktemp("shared")
    copy_folder(example_folder, folder / ".scholiast")
    with served(folder, SCHOLIAST_ALLOWED_ORIGINS=f"{BOOK}, {OTHER}, {PREVIEWS}") as server:
        yield server.url


async def opens(url: str, origin: str | None) -> int:
    """The status of a handshake by a page of `origin`."""
    try:
        address = url.replace("http", "ws", 1) + "ws/chat"
        async with connect(address, origin=None if origin is None else Origin(origin)) as socket:
            await socket.recv()
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def test_the_servers_own_pages_and_those_on_the_list_open_the_socket(url: str) -> None:
    for origin in (url.rstrip("/"), BOOK, OTHER, PREVIEW):
        assert await opens(url, origin) == 101, origin


@pytest.mark.parametrize("origin", WRONG)
async def test_other_pages_do_not_open_the_socket(url: str, origin: str) -> None:
    assert await opens(url, origin) == 403


async def test_a_client_without_an_origin_is_let_in_unless_the_setting_forbids_it(
    url: str,
) -> None:
    assert await opens(url, None) == 101
    assert not is_allowed(None, BOOK, (), is_required=True)
    assert is_allowed(BOOK, BOOK, (), is_required=True)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", [BOOK, OTHER, PREVIEW])
async def test_pages_on_the_list_read_what_is_shared_even_an_error(
    url: str, path: str, origin: str
) -> None:
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.get(path, headers={"Origin": origin})
    assert answer.headers.get_list("Access-Control-Allow-Origin") == [origin]
    assert "access-control-allow-credentials" not in answer.headers
    assert "retry-after" in answer.headers["Access-Control-Expose-Headers"].lower()
    assert "origin" in answer.headers["Vary"].lower()


@pytest.mark.parametrize("path", PATHS)
async def test_a_preflight_is_answered_for_pages_on_the_list(url: str, path: str) -> None:
    asks = {
        "Origin": BOOK,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, x-anything",
    }
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.options(path, headers=asks)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == BOOK
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"].lower() == "content-type"
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize("origin", [None, *WRONG])
async def test_other_pages_read_nothing_and_no_cache_mixes_them_up(
    url: str, origin: str | None
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    asks = {**headers, "Access-Control-Request-Method": "POST"}
    async with httpx.AsyncClient(base_url=url) as http:
        answers = [
            await http.get("/widget.js", headers=headers),
            await http.options("/api/anything", headers=asks),
        ]
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "origin" in answer.headers["Vary"].lower()


async def test_any_page_loads_the_script_that_says_why_it_is_refused(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.get("/widget/more-0.js", headers={"Origin": WRONG[0]})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "origin" in answer.headers["Vary"].lower()


@pytest.mark.parametrize("path", ["/", "/widget.json", "/widgets", "/apis", "/readyz"])
async def test_what_is_not_shared_is_read_by_its_own_pages_only(url: str, path: str) -> None:
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.get(path, headers={"Origin": BOOK})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("https://book.example/", "https://book.example"),
        ("https://book.example/path?x#y", "https://book.example"),
        ("HTTPS://Book.Example", "https://book.example"),
        ("https://book.example:443", "https://book.example"),
        ("http://book.example:80", "http://book.example"),
        ("http://book.example:0080", "http://book.example"),
        ("wss://book.example", "https://book.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://faß.de", "https://xn--fa-hia.de"),
        ("https://FASS.de", "https://fass.de"),
        ("https://βόλος.example", "https://xn--nxasmm1c.example"),
        ("https://ｂｏｏｋ。example", "https://book.example"),
        ("https://☕.example", "https://xn--53h.example"),
        ("https://My_Host:8080", "https://my_host:8080"),
        ("https://book／.example", "scheme://host[:port]"),
        ("https://a:b.example", "scheme://host[:port]"),
        ("https://b%C3%BCcher.example", "scheme://host[:port]"),
        ("http://[::0001]:8000", "http://[::1]:8000"),
        ("*", "scheme://host[:port]"),
        ("null", "scheme://host[:port]"),
        ("book.example", "scheme://host[:port]"),
        ("https://*.Book.example", "https://*.book.example"),
        ("https://*.book.example/", "https://*.book.example"),
        ("https://reader@book.example", "scheme://host[:port]"),
        ("https://book.example:99999", "scheme://host[:port]"),
        ("https://[::x]", "scheme://host[:port]"),
        ("https://", "scheme://host[:port]"),
        ("file:///book", "scheme://host[:port]"),
    ],
)
def test_an_origin_that_no_browser_sends_is_named_with_the_way_to_write_it(
    wrong: str, right: str
) -> None:
    with pytest.raises(SettingError, match="SCHOLIAST_ALLOWED_ORIGINS: ") as refused:
        WebSettings.read(allowed_origins=f"{BOOK},{wrong}")
    assert wrong in str(refused.value)
    assert f" {right}" in str(refused.value)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "pattern",
    [
        "https://*",
        "https://*:8443",
        "https://*.example",
        "https://*.",
        "https://*.example.",
        "https://*example.org",
        "https://*.*.example",
        "https://*.1.2.3.4",
        "https://*.[::1]",
    ],
)
def test_a_pattern_that_anyone_can_have_a_name_for_is_refused(pattern: str) -> None:
    with pytest.raises(SettingError, match="would let in too many") as refused:
        WebSettings.read(allowed_origins=pattern)
    assert "https://*.preview.example" in str(refused.value)


@pytest.mark.usefixtures("alone")
def test_a_star_stands_for_one_name_below_its_domain() -> None:
    given = "https://*.preview.example,http://*.book.example:8080"
    allowed = WebSettings.read(allowed_origins=given).allowed_origins
    for origin in (
        "https://pr-7.preview.example",
        "https://my_branch.preview.example",
        "https://xn--bcher-kva.preview.example",
        "http://a.book.example:8080",
    ):
        assert is_allowed(origin, BOOK, allowed), origin
    for origin in (
        "https://preview.example",
        "https://a.b.preview.example",
        "https://evilpreview.example",
        "https://.preview.example",
        "https://*.preview.example",
        "https://a.preview.example.evil.example",
        "https://a.preview.example:8443",
        "https://a.preview.example/",
        "https://A.preview.example",
        "http://a.preview.example",
        "https://evil.example/.preview.example",
        "https://evil.example#.preview.example",
        "https://me@a.preview.example",
        "https://a.preview.example https://evil.example",
        "https://a.preview.example\n",
        "http://a.book.example",
        "null",
        "",
    ):
        assert not is_allowed(origin, BOOK, allowed), origin


@pytest.mark.usefixtures("alone")
def test_origins_are_read_as_browsers_write_them() -> None:
    given = "https://book.example, http://localhost:3000,http://[::1]:8000, app://book,"
    assert WebSettings.read(allowed_origins=given).allowed_origins == {
        "https://book.example", "http://localhost:3000", "http://[::1]:8000", "app://book",
    }  # fmt: skip
