"""An ingestion while readers ask: no answer fails, and each is of one version of the book."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import Result

from quart_app.serve import serving
from tests.conftest import settings_of
from tests.support.commands import run, started
from tests.support.ingesting import processes_of, wait_for_processes
from tests.support.talking import ask, client, receive

READERS = 20
NEW = "# Watchdogs\n\nA watchdog timer restarts a robot controller that hangs.\n"
OLD = "# Brakes\n\nA watchdog timer is a clock that nobody winds.\n"


@pytest.fixture
def book(tmp_path: Path, alone: Path) -> Path:
    root = tmp_path / "book"
    root.mkdir()
    for number in range(30):
        text = f"A motor of kind {number} turns a wheel of {number} teeth."
        (root / f"{number}.md").write_text(f"# Motor {number}\n\n{text}\n")
    (root / "z.md").write_text(OLD)
    assert run("ingest", str(root)).exit_code == 0
    return root


async def ingested(book: Path, *options: str) -> Result:
    return await asyncio.to_thread(run, "ingest", str(book), *options)


async def test_answers_go_on_during_an_ingestion_each_from_one_version(book: Path) -> None:
    ends: list[dict[str, Any]] = []
    texts: dict[str, set[str]] = {}
    over, enough = asyncio.Event(), list[int]()

    async def read(url: str) -> None:
        async with client(url) as socket:
            await receive(socket)
            while not over.is_set():
                messages = await ask(socket, "What is a watchdog timer?")
                assert messages[-1]["type"] == "response_end", messages[-1]
                end = messages[-1]["data"]
                ends.append(end)
                if enough and len(ends) >= enough[0]:
                    over.set()
                [start] = [one["data"] for one in messages if one["type"] == "response_start"]
                found = {one["section"] for one in start["sources"]}
                texts.setdefault(end["index_version"], set()).update(
                    found & {"Brakes", "Watchdogs"}
                )

    unlimited = {"limit_questions": (), "limit_messages": None}
    async with serving(settings_of(Path(".scholiast")).model_copy(update=unlimited)) as url:
        readers = [asyncio.create_task(read(url)) for _ in range(READERS)]
        (book / "z.md").write_text(NEW)
        done = await ingested(book)
        asked = len(ends)
        enough.append(asked + 2 * READERS)
        await over.wait()
        await asyncio.gather(*readers)
    assert processes_of(os.getpid()) == set()
    assert done.exit_code == 0, done.output
    assert asked > READERS
    assert sorted(map(sorted, texts.values())) == [["Brakes"], ["Watchdogs"]]
    assert len([one for one in Path(".scholiast/index").iterdir() if len(one.name) == 16]) == 1


async def test_an_ingestion_that_is_killed_beside_a_server_leaves_the_index_as_it_was(
    book: Path,
) -> None:
    (book / "z.md").write_text(NEW)
    async with serving(settings_of(Path(".scholiast"))) as url:
        before = await ready(url)
        running = asyncio.create_task(ingested(book, "--rebuild"))
        [process] = await asyncio.to_thread(wait_for_processes, 1, os.getpid())
        os.kill(process, signal.SIGKILL)
        done = await running
        assert done.exit_code == 1
        assert "was ended by SIGKILL; the index is as it was" in done.stderr
        assert await ready(url) == before
        async with client(url) as socket:
            await receive(socket)
            messages = await ask(socket, "What is a watchdog timer?")
        assert messages[-1]["type"] == "response_end"
        assert messages[-1]["data"]["index_version"] == before["book"]["index_version"]
        again = await ingested(book)
        assert again.exit_code == 0, again.output
        assert (await ready(url))["book"]["index_version"] != before["book"]["index_version"]
    assert len([one for one in Path(".scholiast/index").iterdir() if len(one.name) == 16]) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_command_that_is_ended_ends_its_ingestion_in_the_server(
    book: Path, alone: Path, number: int
) -> None:
    (book / "z.md").write_text(NEW)
    async with serving(settings_of(Path(".scholiast"))) as url:
        before = await ready(url)
        with started(alone, "ingest", str(book), "--rebuild") as command:
            await asyncio.to_thread(wait_for_processes, 1, os.getpid())
            command.send_signal(number)
            _, said = await asyncio.to_thread(command.communicate)
        assert (command.returncode, said) == (
            130,
            "scholiast: Stopped; the index is as it was.\n",
        )
        await asyncio.to_thread(wait_for_processes, 0, os.getpid())
        assert await ready(url) == before


async def ready(url: str) -> dict[str, Any]:
    """What the server says of its book."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer: dict[str, Any] = (await http.get(f"{url}readyz")).json()
    return answer
