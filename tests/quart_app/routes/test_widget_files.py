"""The widget's addresses, over a real server: what pages, browsers and caches get."""

from __future__ import annotations

import gzip
import hashlib
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path

import httpx2 as httpx
import pytest
from quart.typing import TestClientProtocol as Client

from quart_app import create_app
from quart_app.pages.bundle import NOT_BUILT, Bundle, read_bundle
from quart_app.services import open_services
from quart_app.settings import WebSettings
from tests.support.commands import run, served
from tests.support.folders import copy_folder

BOOK = "https://book.example"
WIDGET = "console.log('the widget, §');\n" * 99
MATH = "export const formula = () => {};\n" * 99


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small stand-in for the widget."""
    folder = tmp_path_factory.mktemp("widget")
    (folder / "widget.js").write_text(WIDGET, encoding="utf-8")
    (folder / "math-0123456789ab.js").write_text(MATH, encoding="utf-8")
    (folder / "NOTICES.txt").write_text("some-package 1.0 (MIT)", encoding="utf-8")
    (folder / "secret.txt").write_text("secret", encoding="utf-8")
    return folder


@pytest.fixture
def bundle(folder: Path) -> Bundle:
    found = read_bundle(folder)
    assert found
    return found


@asynccontextmanager
async def opened(settings: WebSettings, folder: Path) -> AsyncIterator[Client]:
    """A client of the real app with the widget in `folder`."""
    settings = settings.model_copy(update={"allowed_origins": {BOOK}})
    async with open_services(settings) as services:
        app = create_app(lambda: nullcontext(services), widget=folder)
        async with app.test_app():
            yield app.test_client()


@pytest.fixture
async def client(example: WebSettings, folder: Path) -> AsyncIterator[Client]:
    async with opened(example, folder) as client:
        yield client


def test_version_and_integrity_are_those_of_the_content(bundle: Bundle) -> None:
    content = WIDGET.encode()
    assert bundle.version == f"{version('scholiast')}-{hashlib.sha256(content).hexdigest()[:8]}"
    kind, _, digest = bundle.integrity.partition("-")
    assert (kind, b64decode(digest)) == ("sha384", hashlib.sha384(content).digest())
    assert Bundle(content + b" ", {}).version != bundle.version


async def test_the_licences_of_what_is_in_the_scripts_are_beside_them(client: Client) -> None:
    for script in ("/widget.js", "/widget/math-0123456789ab.js"):
        link = (await client.get(script)).headers["Link"]
        assert link == '</widget/NOTICES.txt>; rel="license"'
    notices = await client.get("/widget/NOTICES.txt")
    assert await notices.get_data(as_text=True) == "some-package 1.0 (MIT)"
    assert notices.headers["Content-Type"] == "text/plain; charset=utf-8"


async def test_the_widget_may_be_loaded_by_any_page_and_is_asked_for_anew_after_minutes(
    client: Client,
) -> None:
    answer = await client.get("/widget.js")
    assert answer.status_code == 200
    assert await answer.get_data() == WIDGET.encode()
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    caching = "public, max-age=300, stale-while-revalidate=86400"
    assert answer.headers["Cache-Control"] == caching


async def test_versions_and_math_are_kept_for_good(client: Client, bundle: Bundle) -> None:
    for path, content in ((f"/{bundle.path}", WIDGET), ("/widget/math-0123456789ab.js", MATH)):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert await answer.get_data(as_text=True) == content
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("br", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_gzip_is_for_those_who_take_it(
    client: Client, accepted: str, encoding: str | None
) -> None:
    answer = await client.get("/widget.js", headers={"Accept-Encoding": accepted})
    body = await answer.get_data(as_text=False)
    assert answer.headers.get("Content-Encoding") == encoding
    assert int(answer.headers["Content-Length"]) == len(body)
    assert (gzip.decompress(body) if encoding else body) == WIDGET.encode()
    assert len(body) < len(WIDGET) / 10 or not encoding
    assert "Accept-Encoding" in answer.vary


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
async def test_who_has_it_already_gets_nothing_but_its_leave(
    client: Client, accepted: str, bundle: Bundle
) -> None:
    for path in ("/widget.js", f"/{bundle.path}"):
        first = await client.get(path, headers={"Accept-Encoding": accepted})
        again = {
            "Accept-Encoding": accepted,
            "If-None-Match": first.headers["ETag"],
            "Origin": BOOK,
        }
        answer = await client.get(path, headers=again)
        assert (answer.status_code, await answer.get_data()) == (304, b"")
        assert answer.headers["ETag"] == first.headers["ETag"]
        assert answer.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert answer.headers["Access-Control-Allow-Origin"] == BOOK
        assert {"Origin", "Accept-Encoding"} <= set(answer.vary)
        stale = await client.get(path, headers={"If-None-Match": 'W/"0123"'})
        assert stale.status_code == 200
        no_year = {"If-Modified-Since": f"Mon, 01 Jan {'9' * 25} 00:00:00 GMT"}
        assert (await client.get(path, headers=no_year)).status_code == 200


@pytest.mark.parametrize("origin", [None, BOOK, "http://localhost", "https://other.example"])
async def test_caches_keep_pages_apart_and_only_known_ones_read_the_text(
    client: Client, origin: str | None, bundle: Bundle
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    known = origin if origin in (BOOK, "http://localhost") else None  # the second is its own
    for path in ("widget.js", bundle.path, "widget/math-0123456789ab.js", "widget/0.js"):
        for ask in (client.get, client.head):
            answer = await ask(f"/{path}", headers=headers)
            assert answer.headers.get("Access-Control-Allow-Origin") == known
            assert "Origin" in answer.vary


@pytest.mark.parametrize(
    "name",
    ["0.0.9-deadbeef.js", "widget.js", "secret.txt", "../site.css", "..%2fsite.css", "a/b.js"],
)
async def test_another_version_gets_the_name_of_the_present_one_and_nothing_else_is_given(
    client: Client, name: str, bundle: Bundle
) -> None:
    answer = await client.get(f"/widget/{name}")
    text = await answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert answer.mimetype == "text/plain"
    assert answer.headers["Cache-Control"] == "no-store"
    assert f"/{bundle.path}" in text
    assert "`scholiast status --embed`" in text
    assert text.count("\n") == 1


async def test_without_a_built_widget_the_answer_says_how_to_build_it(
    example: WebSettings, tmp_path: Path
) -> None:
    (tmp_path / "widget.js").touch()  # the math is missing
    async with opened(example, tmp_path) as client:
        for path in ("/widget.js", "/widget/0.js"):
            answer = await client.get(path)
            assert (answer.status_code, answer.mimetype) == (503, "text/plain")
            assert await answer.get_data(as_text=True) == f"{NOT_BUILT}\n"
            assert answer.headers["Cache-Control"] == "no-store"
        assert (await client.get("/")).status_code == 200


@pytest.mark.usefixtures("alone")
def test_a_server_without_a_built_widget_warns_at_its_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("quart_app.pages.bundle.read_bundle", lambda: None)
    ended = run("serve", "--host", "256.0.0.1")  # which nobody listens on
    assert ended.stderr.splitlines()[0] == f"scholiast: {NOT_BUILT}"


@pytest.fixture(scope="module")
def url(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the widget as `make` builds it."""
    folder = tmp_path_factory.mktemp("embedding")
    copy_folder(example_folder, folder / ".scholiast")
    with served(folder) as server:
        assert not [line for line in server.lines if "make widget" in line]
        yield server.url


async def test_the_built_widget_goes_out_whole_and_small(url: str) -> None:
    bundle = read_bundle()
    assert bundle, NOT_BUILT
    async with httpx.AsyncClient(base_url=url) as http:
        for path, content, limit in (
            ("widget.js", bundle.widget, 26),
            (bundle.path, bundle.widget, 26),
            *((f"widget/{name}", later, 80) for name, later in bundle.later.items()),
        ):
            got = await http.get(path, headers={"Accept-Encoding": "gzip"})
            head = await http.head(path, headers={"Accept-Encoding": "gzip"})
            assert got.content == content
            assert (head.status_code, head.content) == (200, b"")
            assert int(got.headers["Content-Length"]) <= limit * 1024
            for name in ("Content-Length", "Content-Encoding", "ETag", "Vary", "Cache-Control"):
                assert head.headers[name] == got.headers[name]
