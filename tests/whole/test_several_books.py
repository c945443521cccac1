"""Two books in one server: each is asked, read and ingested by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest
from mcp import Client
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.commands import Served, refused, run, served
from tests.support.talking import ask, client, receive, send

JOINT = "What is a joint?"
ROBOT = "A joint is where two links of a robot meet, and where a motor turns one of them."
WOOD = "A joint is where two pieces of wood are glued, and where a dowel holds them."
UNKNOWN = "There is no book “metal” here; there are wood, and one without a name."


def write(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "joints.md").write_text(f"# Joints\n\n{text}\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two books ingested into one data folder: robots without a name, and wood."""
    folder = tmp_path_factory.mktemp("several")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write(folder / "robots", ROBOT)
        write(folder / "timber", WOOD)
        assert run("ingest", "robots").exit_code == 0
        assert run("ingest", "timber", "--book", "wood").exit_code == 0
    return folder


async def refused_handshake(url: str, address: str) -> tuple[int, str]:
    """The status and the words of a refusal."""
    with pytest.raises(InvalidStatus) as refusal:
        await connect(url.replace("http", "ws", 1) + address)
    response = refusal.value.response
    return response.status_code, bytes(response.body or b"").decode().strip()


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Served]:
    off = {f"SCHOLIAST_LIMIT_{name}": "off" for name in ("QUESTIONS", "MESSAGES")}
    with served(folder, SCHOLIAST_MCP="true", **off) as server:
        yield server


@pytest.fixture
def here(folder: Path, alone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands run beside the data folder."""
    monkeypatch.chdir(folder)
    return folder


def text_of(messages: list[dict[str, Any]]) -> str:
    return "".join(m["data"]["content"] for m in messages if m["type"] == "response_chunk")


def version(*options: str) -> str:
    return str(json.loads(run("status", "--json", *options).stdout)["index_version"])


async def test_each_book_answers_from_its_own_and_its_sources_open(running: Served) -> None:
    async with (
        client(running.url) as socket,
        httpx2.AsyncClient(trust_env=False, timeout=60) as http,
    ):
        assert "name" not in (await receive(socket))["data"]["book"]
        for book, own, path in (({}, ROBOT, "/book/"), ({"book": "wood"}, WOOD, "/books/wood/")):
            start, *rest = await ask(socket, JOINT, **book)
            assert own in text_of(rest)
            [source] = start["data"]["sources"]
            assert source["url"].startswith(path)
            page = await http.get(urljoin(running.url, source["url"]))
            assert page.status_code == 200
            assert own in page.text


async def test_a_connection_has_a_book_by_its_query_or_its_path(running: Served) -> None:
    for place in ("ws/chat?book=wood", "books/wood/ws/chat"):
        async with connect(running.url.replace("http", "ws", 1) + place) as socket:
            welcome = await receive(socket)
            assert welcome["data"]["book"]["name"] == "wood"
            start, *rest = await ask(socket, JOINT)
            assert WOOD in text_of(rest)
            assert start["data"]["sources"][0]["url"].startswith("/books/wood/book/joints")
            await send(socket, "get_starters", {})
            assert (await receive(socket))["type"] == "starters"


async def test_pages_programs_and_assistants_have_each_book_by_its_path(running: Served) -> None:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        for path, own, other in (("", ROBOT, WOOD), ("books/wood/", WOOD, ROBOT)):
            home = urljoin(running.url, path)
            contents = await http.get(home)
            assert 'href="/' + path + 'book/joints"' in contents.text
            text = (await http.get(urljoin(home, "llms.txt"))).text
            assert home + "book/joints" in text
            book = (await http.get(urljoin(home, "api/book"))).json()
            assert urljoin(home, book["chat"]) == urljoin(home, "ws/chat")
            async with Client(urljoin(home, "mcp")) as assistant:
                result = await assistant.call_tool("search_book", {"query": JOINT})
            [section] = getattr(result, "structured_content", {})["sections"]
            assert own in section["text"]
            page = (await http.get(section["address"])).text
            assert own in page
            assert other not in page
        there = (await http.get(urljoin(running.url, "api/books"))).json()
        assert there == {"books": ["", "wood"], "default": ""}
        by_query = (await http.get(urljoin(running.url, "api/book?book=wood"))).json()
        by_path = (await http.get(urljoin(running.url, "books/wood/api/book"))).json()
        assert by_query["book"] == by_path["book"] != book
        ready = (await http.get(urljoin(running.url, "readyz?book=wood"))).json()
        assert ready["book"]["title"] == by_path["book"]["title"]
        for facts in (by_query, by_path):
            assert facts["chat"] == "/books/wood/ws/chat"
            assert facts["book"]["base_url"] == "/books/wood/book/"


async def test_the_books_are_listed_with_links_and_each_links_to_the_list(
    running: Served,
) -> None:
    async with httpx2.AsyncClient(trust_env=False, base_url=running.url, timeout=60) as http:
        listed = await http.get("books/")
        assert (listed.status_code, listed.text.count("<li>")) == (200, 2)
        for home, own in (("/", "Robots"), ("/books/wood/", "Timber")):
            assert f'<a href="{home}">{own}</a>' in listed.text
            assert '<a href="/books/">Books</a>' in (await http.get(home)).text
        assert (await http.get("books")).headers["Location"].endswith("/books/")
        assert '<a href="/">Robots</a>' in (await http.get("books/wood/books/")).text


async def test_contents_for_authors_lead_to_the_pages_of_their_book(running: Served) -> None:
    token = (running.folder / ".scholiast" / "ingest.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(
        trust_env=False, base_url=running.url, headers=headers, timeout=60
    ) as http:
        for place, own in (("api/content", ROBOT), ("api/content?book=wood", WOOD)):
            [chapter] = (await http.get(place)).json()["chapters"]
            assert own in (await http.get(chapter["url"])).text
            assert own in (await http.get(chapter["sections"][0]["url"])).text


async def test_a_book_that_is_not_there_gets_one_message_that_names_the_others(
    running: Served,
) -> None:
    async with client(running.url) as socket:
        await receive(socket)
        [error] = await ask(socket, JOINT, book="metal")
    assert (error["data"]["message"], error["data"]["param"]) == (UNKNOWN, "book")
    async with httpx2.AsyncClient(trust_env=False, base_url=running.url, timeout=60) as http:
        answer = await http.get("api/book?book=metal")
        assert (answer.status_code, answer.json()["error"]) == (404, UNKNOWN)
        answer = await http.get("readyz?book=metal")
        assert (answer.status_code, answer.json()["reason"]) == (404, UNKNOWN)
        answer = await http.get("books/metal/api/book")
        assert (answer.status_code, answer.json()) == (404, {"error": UNKNOWN})
        page = await http.get("books/metal/book/joints")
        assert (page.status_code, UNKNOWN in page.text) == (404, True)
    assert await refused_handshake(running.url, "ws/chat?book=metal") == (404, UNKNOWN)
    assert await refused_handshake(running.url, "books/metal/ws/chat") == (404, UNKNOWN)
    escaped = (404, UNKNOWN.replace("metal", r"\x1b[2Jmetal"))
    assert await refused_handshake(running.url, "ws/chat?book=%1b[2Jmetal") == escaped


def test_commands_of_authors_take_a_book(running: Served, here: Path, tmp_path: Path) -> None:
    before = version(), version("--book", "wood")
    assert before[0] != before[1]
    assert "books   wood" in run("status").stdout
    assert WOOD in run("ask", JOINT, "--book", "wood").stdout
    assert ROBOT in run("ask", JOINT).stdout
    assert run("ask", JOINT, "--book", "metal").stderr.strip() == UNKNOWN
    assert run("ingest", "timber", "--book", "wood", "--check").exit_code == 0
    kept = str(tmp_path / "wood.tar.gz")
    assert run("backup", kept, "--book", "wood").exit_code == 0
    write(here / "timber", WOOD.replace("dowel", "nail"))
    assert run("ingest", "timber", "--book", "wood", "--check").exit_code == 1
    assert run("ingest", "timber", "--book", "wood", "--dry-run").stdout.count("joints.md") == 1
    assert run("ingest", "timber", "--book", "wood").exit_code == 0
    assert version() == before[0]
    assert version("--book", "wood") != before[1]
    assert "nail" in run("ask", JOINT, "--book", "wood").stdout
    assert run("restore", kept, "--book", "wood").exit_code == 0
    assert (version(), version("--book", "wood")) == before
    assert "dowel" in run("ask", JOINT, "--book", "wood").stdout
    write(here / "timber", WOOD)
    assert "reads no other folder" in refused(1, "ingest", "robots", "--book", "wood")


async def test_one_book_is_ingested_while_the_other_answers(running: Served) -> None:
    token = (running.folder / ".scholiast" / "ingest.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    body = {"book": "wood", "rebuild": True}
    async with (
        httpx2.AsyncClient(
            trust_env=False, base_url=running.url, headers=headers, timeout=60
        ) as http,
        client(running.url) as socket,
    ):
        await receive(socket)
        one = (await http.post("api/ingest", json=body)).json()
        status = "running"
        while status == "running":
            assert ROBOT in text_of(await ask(socket, JOINT))
            status = (await http.get(f"api/ingest/{one['id']}")).json()["status"]
            await asyncio.sleep(0.3)  # each answer is a line of the log, which nobody reads here
        assert status == "done"
        assert WOOD in text_of(await ask(socket, JOINT, book="wood"))


def test_a_new_book_is_ingested_beside_the_server_and_served_after_a_restart(
    alone: Path,
) -> None:
    write(alone / "robots", ROBOT)
    write(alone / "timber", WOOD)
    assert run("ingest", "robots").exit_code == 0
    with served(alone):
        done = run("ingest", "timber", "--book", "wood")
        assert (done.exit_code, "when it has started again" in done.stderr) == (0, True)
        assert "start the server again" in run("ask", JOINT, "--book", "wood").stderr
    spoilt = alone / ".scholiast/books/spoilt/index/0123456789abcdef"
    spoilt.mkdir(parents=True)
    with served(alone) as server:
        [line] = [line for line in server.lines if "the book 'spoilt' is not served" in line]
        assert "take --book spoilt" in line
        assert WOOD in run("ask", JOINT, "--book", "wood").stdout
