"""A server of two workers: one port, one book, and whatever an author asks for is done once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.exceptions import ConnectionClosed

from tests.support.commands import Served, run, served
from tests.support.scripted_openai import ScriptedOpenAI, Step
from tests.support.talking import ask, client, receive, text_of, until_end

TOKEN = "a token of sixteen characters"
TIMER = "# Watchdogs\n\nA watchdog timer restarts a robot controller that hangs.\n"


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two, with a book of a few pages in `book`."""
    folder = tmp_path_factory.mktemp("workers")
    (folder / "book").mkdir()
    for kind in range(5):
        text = f"A motor of kind {kind} turns a wheel of {kind} teeth."
        (folder / "book" / f"{kind}.md").write_text(f"# Motor {kind}\n\n{text}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCHOLIAST_DATA", str(folder / ".scholiast"))
        assert run("ingest", str(folder / "book")).exit_code == 0
        variables = {"SCHOLIAST_WORKERS": "2", "SCHOLIAST_METRICS_TOKEN": TOKEN}
        with served(folder, **variables) as server:
            yield server
            code, said = server.end()
    assert (code, "Traceback" in said) == (0, False)


def fetch(url: str, **headers: str) -> httpx2.Response:
    """By a connection of its own, which any worker may get."""
    with httpx2.Client(trust_env=False) as http:
        return http.get(url, headers=headers)


def figures(url: str) -> dict[tuple[str, str], float]:
    """Each sample by its name and its worker."""
    text = fetch(f"{url}metrics", Authorization=f"Bearer {TOKEN}").text
    return {
        (sample.name, sample.labels["worker"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def processes(url: str) -> set[str]:
    """The workers that can be asked for their figures."""
    return {worker for name, worker in figures(url) if name == "scholiast_connections"}


def test_they_say_what_they_do_not_share_and_then_what_one_says(workers: Served) -> None:
    warning, _, model, number, last = workers.lines
    assert warning.startswith("scholiast: 2 workers without REDIS_URL: ")
    assert model.startswith("Model quotes")
    assert number == "2 workers"
    assert last == f"Open {workers.url} (Ctrl-C stops)"


async def test_figures_show_each_worker_whoever_is_asked(workers: Served) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(10):
            await receive(await stack.enter_async_context(client(workers.url)))
        for _ in range(5):
            shown = await asyncio.to_thread(figures, workers.url)
            assert sum(shown["scholiast_connections", worker] for worker in "12") == 10
            assert ("process_resident_memory_bytes", "2") in shown


def test_an_ingestion_reaches_all_of_them_whoever_is_asked(
    workers: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workers.folder)
    (workers.folder / "book" / "w.md").write_text(TIMER)
    assert run("ingest", "book").exit_code == 0
    new = json.loads(run("status", "--json").stdout)["index_version"]
    versions = {fetch(f"{workers.url}readyz").json()["book"]["index_version"] for _ in range(20)}
    assert versions == {new}


async def test_when_the_worker_that_has_the_index_is_killed_another_answers_meanwhile(
    workers: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workers.folder)
    children = Path(f"/proc/{workers.process.pid}/task/{workers.process.pid}/children")
    first, _ = children.read_text().split()
    os.kill(int(first), signal.SIGKILL)
    async with client(workers.url) as socket:
        await receive(socket)
        assert (await ask(socket, "What does a motor of kind 3 turn?"))[-1]["type"] != "error"
    async with asyncio.timeout(90):
        while await asyncio.to_thread(processes, workers.url) != {"1", "2"}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    checked = await asyncio.to_thread(run, "ingest", "book", "--check")
    assert checked.exit_code == 0


async def test_at_sigterm_an_answer_of_a_worker_finishes(alone: Path, example_data: Path) -> None:
    goes_on = asyncio.Event()
    script: list[Step] = ["Half an answer. ", goes_on, "The other half."]
    async with ScriptedOpenAI(script) as endpoint:
        variables = {
            "SCHOLIAST_DATA": str(example_data),
            "SCHOLIAST_MODEL": "scripted",
            "OPENAI_BASE_URL": endpoint.base_url,
            "SCHOLIAST_WORKERS": "2",
        }
        with served(alone, **variables) as server:
            async with client(server.url) as reader, client(server.url) as idle:
                await receive(reader), await receive(idle)
                question = {"question": "What is the zero moment point?"}
                await reader.send(json.dumps({"type": "question", "data": question}))
                assert (await receive(reader))["type"] == "response_start"
                assert (await receive(reader))["data"]["content"] == "Half an answer."
                server.process.send_signal(signal.SIGTERM)
                with pytest.raises(ConnectionClosed) as closed:
                    await receive(idle)
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 1012
                goes_on.set()
                assert text_of(await until_end(reader)) == " The other half."
            code, said = await asyncio.to_thread(server.wait)
    assert (code, "Traceback" in said) == (0, False)
    assert not (example_data / "server.json").exists()
