"""The book below a path of a site: every address that the server makes leads back to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2 as httpx
import pytest

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import run, served
from tests.support.folders import copy_folder
from tests.support.nginx import documented, nginx, plain
from tests.support.talking import ask, client, receive

ADDRESS = re.compile(r'<[^>]+ (?:href|src)="([^"]*)"')
ZMP = "What is the zero moment point?"
ELSEWHERE = "How do I bake a sourdough bread with a dark crust?"


@pytest.fixture(scope="module", params=["kept", "taken off", "taken off and named"])
def home(
    request: pytest.FixtureRequest, example_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the book at /tutor/, by each way that docs/operating.md says it is done."""
    folder = tmp_path_factory.mktemp("tutor")
    copy_folder(example_folder, folder / ".scholiast")
    server, kept, taken_off = (*documented("Behind a proxy")[:1], *documented("Below a path"))
    [location] = re.findall(r"(?ms)^    location / \{.*?^    \}$", server)
    written = server.replace(location, kept if request.param == "kept" else taken_off)
    variables = {"SCHOLIAST_TRUSTED_PROXIES": "127.0.0.1"}
    if request.param == "taken off and named":
        written = written.replace('X-Forwarded-Prefix ""', "X-Forwarded-Prefix /tutor")
    else:
        variables["SCHOLIAST_ROOT_PATH"] = "/tutor"
    with served(folder, **variables) as running, nginx(folder, plain(written, running.url)) as port:
        yield f"http://127.0.0.1:{port}/tutor/"


async def test_every_page_and_what_it_links_to_is_there(home: str) -> None:
    async with httpx.AsyncClient() as http:
        seen, due = set[str](), {home, urljoin(home, "figures/gait.svg"), urljoin(home, "none")}
        while due:
            address = due.pop()
            seen.add(address)
            answer = await http.get(address)
            is_page = answer.headers["Content-Type"].startswith("text/html")
            assert answer.status_code == (404 if address.endswith(("/none", "/gait.svg")) else 200)
            for found in ADDRESS.findall(answer.text) if is_page else ():
                linked = urljoin(address, unescape(found)).partition("#")[0]
                if urlsplit(linked).netloc == urlsplit(home).netloc:
                    assert linked.startswith(home), (address, found)
                    due |= {linked} - seen
    names = {address.removeprefix(home).partition("/")[0] for address in seen}
    assert {"", "book", "figures", "static", "widget.js"} <= names
    assert len(seen) > 15


async def test_sources_lead_to_pages_below_the_path(home: str) -> None:
    async with httpx.AsyncClient() as http:
        book = (await http.get(urljoin(home, "api/book"))).json()
        assert urljoin(home, book["chat"]) == urljoin(home, "ws/chat")
        async with client(home) as socket:
            await receive(socket)
            start, *chunks, end = await ask(socket, ZMP)
            (error,) = await ask(socket, ELSEWHERE)
        assert end["data"]["status"] == "completed"
        assert error["data"]["code"] == "CONTENT_NOT_FOUND"
        cited = [source for chunk in chunks for source in chunk["data"].get("sources", ())]
        for sources in (start["data"]["sources"], cited, error["data"]["suggestions"]):
            assert sources
            for source in sources:
                address = urljoin(home, source["url"])
                assert address.startswith(urljoin(home, "book/"))
                page = await http.get(address)
                assert page.status_code == 200
                assert f' id="{urlsplit(address).fragment}"' in page.text


async def test_a_redirect_stays_below_the_path(home: str) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.get(urljoin(home, "book"))
    assert answer.status_code == 308
    assert urljoin(home, answer.headers["Location"]) == urljoin(home, "book/")


async def test_a_prefix_of_a_stranger_is_not_believed(example: WebSettings) -> None:
    async with serving(example) as url, httpx.AsyncClient(base_url=url) as http:
        page = await http.get("/", headers={"X-Forwarded-Prefix": "/evil"})
    assert "/evil" not in page.text


def test_commands_of_the_same_machine_know_the_path(
    example_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_ROOT_PATH", "/tutor/")
    with served(example_copy.parent, SCHOLIAST_ROOT_PATH="/tutor/") as running:
        assert running.url.endswith("/tutor/")
        assert f"\n    {running.url}book/motion/balance#zmp\n" in run("ask", ZMP).stdout
        assert f'src="{running.url}widget.js"' in run("status", "--embed").stdout
        assert f"runs at {running.url} " in run("doctor").stdout
