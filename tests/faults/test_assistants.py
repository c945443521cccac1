"""Assistants that do harm: requests that do not end, and addresses of another book."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx2
import pytest

from chains.index.library import Library
from chains.index.retriever import BookRetriever
from quart_app.assistants import mcp_door
from quart_app.assistants.book_tools import BookTools, NotInBook, Reading
from quart_app.serve import serving
from quart_app.settings import WebSettings

HERE = "http://book.example"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}
HALF = (
    b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
    b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
)


async def test_requests_that_do_not_end_take_no_place_and_leave_no_trace(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mcp_door, "MOST_AT_ONCE", 3)
    settings = example.model_copy(update={"mcp": True})
    async with serving(settings) as url, httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        address = urlsplit(url)
        writers = []
        for _ in range(6):
            _, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(HALF)
            writers.append(writer)
        for _ in range(5):  # the server has read what came before
            answer = await http.post(f"{url}mcp", json=PING, headers=HEADERS)
            assert answer.status_code == 200
        for writer in writers:
            writer.transport.abort()
        answer = await http.post(f"{url}mcp", json=PING, headers=HEADERS)
        assert answer.status_code == 200
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


async def test_a_section_is_read_of_its_own_book_alone(library: Library) -> None:
    wood = f"{HERE}/books/wood"
    named = BookTools(BookRetriever(library=library), "even", ("wood",))
    default = BookTools(BookRetriever(library=library), "even", ("",))
    page = "/book/motion/balance"
    for tools, here, address in (
        (named, wood, page),
        (named, wood, HERE + page),
        (named, wood, f"{HERE}/books/metal{page}"),
        (default, HERE, f"/books/wood{page}"),
        (default, f"{HERE}/tutor", f"{HERE}/tutor/books/wood{page}#zmp"),
    ):
        with pytest.raises(NotInBook, match="which has an address of its own for MCP"):
            await tools.read(Reading(address=address), here)
    assert (await named.read(Reading(address=wood + page), wood)).title == "Balance"
    assert (await default.read(Reading(address=f"https://elsewhere{page}"), HERE)).text
