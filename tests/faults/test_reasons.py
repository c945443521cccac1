"""Readers get no path and no word of the engine or the system; the log does."""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from mcp import Client

from chains.index.edge.edge_client import EdgeClient
from quart_app.routes.current import LINES
from quart_app.serve import serving
from tests.conftest import settings_of
from tests.support.scripted_qdrant import Answer, ScriptedQdrant
from tests.support.talking import ask, client, receive

ZMP = "What is the zero moment point?"
PAGES = ("", "book/motion/balance", "figures/zmp.svg", "nothing/here", "search?q=balance")
PATHS = (*PAGES, "llms.txt", "readyz", "api/book")
SECRET = "folder-of-anna"
INSIDE = re.compile(
    rf"{SECRET}|/tmp|/home|\.py\b|qdrant|sqlite|errno|os error|traceback|panick|segment|wal\b"
    r"|scholiast ingest",
    re.IGNORECASE,
)
"""Paths, and words of what the index is made of."""


async def everything_said(url: str) -> dict[str, str]:
    """The body of each page, and the error of a question and of an assistant's search."""
    LINES.forget()
    async with AsyncClient(base_url=url, trust_env=False) as http:
        said = {path: (await http.get(path)).text for path in PATHS}
    async with Client(f"{url}mcp") as assistant:
        result = await assistant.call_tool("search_book", {"query": ZMP})
        assert result.is_error
        said["mcp"] = str(result.content)
    async with client(url) as socket:
        await receive(socket)
        said["question"] = str(await ask(socket, ZMP))
    return said


def assert_nothing_of_the_inside(said: dict[str, str]) -> None:
    assert all(said.values())
    assert {path: found for path, text in said.items() if (found := INSIDE.search(text))} == {}


async def test_a_damaged_index_is_named_to_readers_without_path_or_words_of_the_engine(
    example_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = example_copy.parent / SECRET
    shutil.move(example_copy, data)
    async with serving(settings_of(data).model_copy(update={"mcp": True})) as url:
        for path in (data / "index").rglob("*.dat"):
            with path.open("r+b") as file:  # a shorter file would end the process: it is mapped
                file.write(b"\xff" * path.stat().st_size)
        said = await everything_said(url)
    assert_nothing_of_the_inside(said)
    assert "cannot be read" in said["readyz"]
    assert "SERVICE_UNAVAILABLE" in said["question"]
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert any(SECRET in line and "damaged" in line for line in lines)
    assert len(lines) < len(PATHS)


@pytest.mark.parametrize("fault", [Answer(500, b"panicked at /home/qdrant"), Answer(401)])
async def test_a_qdrant_that_fails_is_named_to_readers_without_its_address_or_its_words(
    example_copy: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: Answer
) -> None:
    edge = EdgeClient(example_copy / "index")
    with ScriptedQdrant(edge) as qdrant:
        update = {"qdrant_url": qdrant.url, "mcp": True}
        settings = settings_of(tmp_path / SECRET).model_copy(update=update)
        async with serving(settings) as url:
            qdrant.fault = fault
            said = await everything_said(url)
    edge.close()
    assert_nothing_of_the_inside(said)
    assert not any(qdrant.url.rpartition(":")[2] in text for text in said.values())
    assert "does not answer" in said["readyz"]
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert any("The index did not answer: " in line for line in lines)
