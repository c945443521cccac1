"""/mcp of a real server, asked by the real client of the `mcp` package."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from jsonschema import validate
from mcp import Client
from mcp_types import CallToolResult

from quart_app.answers.rates import parse_rates
from quart_app.assistants import mcp_door
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import served as served_beside
from tests.support.folders import copy_folder

ZMP = "What is the zero moment point?"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def address(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of /mcp of a server for the example book, in a process of its own."""
    folder = tmp_path_factory.mktemp("assistants")
    copy_folder(example_folder, folder / ".scholiast")
    rules = {"SCHOLIAST_ALLOWED_ORIGINS": "https://book.example"}
    off = {"SCHOLIAST_LIMIT_QUESTIONS": "off"}
    with served_beside(folder, SCHOLIAST_MCP="true", **rules, **off) as running:
        yield f"{running.url}mcp"


@asynccontextmanager
async def served(example: WebSettings, **settings: Any) -> AsyncIterator[str]:
    """The address of /mcp of a server for the example book."""
    with_mcp = example.model_copy(update={"mcp": True, **settings})
    async with serving(with_mcp) as url:
        yield f"{url}mcp"


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool gives, which is as its schema says."""
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert not result.is_error, result.content
    return result.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert result.is_error
    [text] = result.content
    return str(getattr(text, "text", ""))


async def post(address: str, body: Any = PING, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        return await http.post(address, json=body, headers=HEADERS | headers)


async def test_an_assistant_finds_a_section_and_reads_it_at_an_address_that_opens(
    address: str,
) -> None:
    await find_and_read(address)


async def test_an_assistant_gets_addresses_below_the_root_path(example: WebSettings) -> None:
    async with served(example, root_path="/tutor") as address:
        assert urlsplit(address).path == "/tutor/mcp"
        await find_and_read(address)


async def find_and_read(address: str) -> None:
    async with Client(address) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == ["search_book", "read_section"]
        found = await call(client, "search_book", query=ZMP)
        validate(found, tools["search_book"].output_schema or {})
        best = found["sections"][0]
        assert "zero moment point" in best["text"].lower()
        assert best["address"].startswith(address.removesuffix("mcp") + "book/")
        assert (found["is_covered"], best["score"] > 0) == (True, True)
        read = await call(client, "read_section", address=best["address"])
        validate(read, tools["read_section"].output_schema or {})
        assert read["path"] == best["path"]
        assert read["address"] == best["address"]
        assert best["text"].split("\n\n")[0] in read["text"]
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
            page = await http.get(best["address"])
        assert page.status_code == 200
        assert f'id="{best["address"].partition("#")[2]}"' in page.text


async def test_what_the_book_does_not_cover_is_said(address: str) -> None:
    async with Client(address) as client:
        found = await call(client, "search_book", query="How do I bake a sourdough bread?")
    assert found["is_covered"] is False


async def test_wrong_arguments_get_an_error_that_names_the_fix(address: str) -> None:
    async with Client(address) as client:
        found = await call(client, "search_book", query=ZMP)
        page = found["sections"][0]["address"].partition("#")[0]
        assert "no page at /nowhere" in await refused(client, "read_section", address="/nowhere")
        said = await refused(client, "read_section", address=f"{page}#none")
        assert "has no heading #none; it has #" in said
        assert await refused(client, "search_book", query="  ") == "`query` is empty."
        assert "at most 1000" in await refused(client, "search_book", query="a" * 1001)
        assert await refused(client, "search_book") == "`query` is missing."
        assert "there are search_book and read_section" in await refused(client, "write_book")


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("search_book", {"query": 3}, "`query` has to be a string."),
        ("search_book", {"query": "a" * 1001}, "`query` has to have at most 1000 characters."),
        ("search_book", {"query": "a", "x": 1}, "`x` is no argument of this tool."),
        ("read_section", {"address": "/a", "start": -1}, "`start` has to be 0 or more."),
        ("read_section", {"address": "/a", "start": 0.5}, "`start` has to be a whole number."),
        ("read_section", {"start": []}, "`address` is missing; `start` has to be a whole number."),
    ],
)
async def test_wrong_arguments_are_named_in_plain_words(
    address: str, tool: str, arguments: dict[str, Any], said: str
) -> None:
    async with Client(address) as client:
        assert await refused(client, tool, **arguments) == said


def rpc(method: str, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).encode()


WRONG = {
    "no JSON": (b"{", {}, -32700, "not valid JSON"),
    "no UTF-8": (b"\xff", {}, -32700, "not valid JSON"),
    "deep": (b"[" * 50_000, {}, -32700, "not valid JSON"),
    "a batch": (b"[%s]" % rpc("ping"), {}, -32602, "Several at once are not taken"),
    "no object": (b"3", {}, -32602, "not one message of JSON-RPC"),
    "no version of JSON-RPC": (b'{"id": 1, "method": "ping"}', {}, -32602, "not one message"),
    "params in a list": (rpc("ping").replace(b"{}", b"[1]"), {}, -32602, "`params`, an object"),
    "a method": (rpc("prompts/list"), {}, -32601, "tools/list and tools/call are"),
    "params": (rpc("tools/call", name=3), {}, -32602, "takes `name`, a string"),
    "arguments": (
        rpc("tools/call", name="search_book", arguments=[1]), {}, -32602, "`arguments`, an object",
    ),
    "a version": (rpc("ping"), {"MCP-Protocol-Version": "1999-01-01"}, -32602, "`params._meta`"),
    "what it accepts": (rpc("ping"), {"Accept": "text/html"}, -32600, "`Accept: application/json"),
    "its kind": (rpc("ping"), {"Content-Type": "text/plain"}, None, "`Content-Type: application"),
    "its length": (b"x" * 70_000, {}, None, "64 KB"),
}  # fmt: skip
"""What is wrong with a request: its body and headers, the code of the answer, and its words."""
OF_THE_SDK = re.compile(
    r"pydantic|validation error|input_value|JSONRPC[A-Z]|line 1 column|Invalid "
)


@pytest.mark.parametrize(("body", "headers", "code", "words"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_with_a_message_is_said_in_our_words(
    address: str, body: bytes, headers: dict[str, str], code: int | None, words: str
) -> None:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        answer = await http.post(address, content=body, headers=HEADERS | headers)
    error = answer.json()["error"]
    assert (error["code"] if code else None) == code
    assert words in (error["message"] if code else error)
    assert OF_THE_SDK.search(answer.text) is None


async def test_searches_count_as_questions_of_the_address(example: WebSettings) -> None:
    rates = parse_rates("2/minute")
    # Where questions are counted by session, the address counts: an assistant has no session.
    async with (
        served(example, limit_questions=rates, limit_key="session") as address,
        Client(address) as client,
    ):
        for _ in range(2):
            await call(client, "search_book", query=ZMP)
        said = await refused(client, "search_book", query=ZMP)
        assert said.startswith("Too many questions in one minute.")


async def test_hosts_and_origins_are_those_of_the_socket(address: str) -> None:
    assert (await post(address, Origin="https://book.example")).status_code == 200
    assert (await post(address, Origin="https://other.example")).status_code == 403
    assert (await post(address, Host="rebound.example")).status_code == 421


async def test_only_short_messages_sent_by_post_are_taken(address: str) -> None:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        for method in ("GET", "DELETE", "PUT"):
            answer = await http.request(method, address, headers=HEADERS)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
        long = PING | {"params": {"text": "a" * mcp_door.LONGEST_BODY}}
        assert (await post(address, long)).status_code == 413
        broken = await http.post(address, content=b'{"a": "\\ud800', headers=HEADERS)
        assert broken.status_code == 400
        surrogate = (
            b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
            b'{"name":"search_book","arguments":{"query":"a \\ud800"}}}'
        )
        odd = await http.post(address, content=surrogate, headers=HEADERS)
        assert odd.status_code in (200, 400)
        assert '"isError":true' in odd.text.replace(" ", "") or odd.status_code == 400
        assert (await post(address)).status_code == 200


async def test_there_is_no_mcp_unless_it_is_asked_for(example: WebSettings) -> None:
    async with serving(example) as url:
        assert (await post(f"{url}mcp")).status_code == 404


async def test_a_body_that_never_ends_is_given_up_and_floods_are_refused(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_door, "LONGEST_REQUEST", 0.3)
    monkeypatch.setattr(mcp_door, "REQUESTS", 1)
    async with served(example) as address:
        place = urlsplit(address)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(
            f"POST /mcp HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 9\r\n\r\n{{".encode()
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        writer.close()
        answer = await post(address)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
