"""The index fails: what stops the start, and what a reader of a running server sees.

For an embedded index that is missing, in use, damaged, or another's at the start see
tests/quart_app/test_serve.py; for failures of the engine, tests/chains/index/test_edge_folder.py.
"""

from __future__ import annotations

import asyncio
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from chains import tutor
from chains.index import store
from chains.index.edge.edge_client import EdgeClient
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.conftest import settings_of
from tests.support.commands import refused
from tests.support.scripted_qdrant import CUT, HANG, Answer, Fault, ScriptedQdrant
from tests.support.talking import Message, ask, client, receive, text_of

ZMP = "What is the zero moment point?"
LATER = "The index cannot answer right now. Please ask again later."
PROXY_PAGE = Answer(200, b"<html>Sign in</html>")
NOTHING = Answer(200, b'{"result": null}')
BUSY = Answer(429, headers=(("Retry-After", "7"),))
FAULTS: dict[str, Fault] = {
    "500": Answer(500),
    "503": Answer(503, b""),
    "a wrong key": Answer(401),
    "busy": BUSY,
    "cut": CUT,
    "a page of a proxy": PROXY_PAGE,
    "nothing": NOTHING,
}


@pytest.fixture
def qdrant(example_copy: Path) -> Iterator[ScriptedQdrant]:
    """A Qdrant server that holds the example book."""
    edge = EdgeClient(example_copy / "index")
    with ScriptedQdrant(edge) as server:
        yield server
    edge.close()


@pytest.fixture
def settings(qdrant: ScriptedQdrant, tmp_path: Path) -> WebSettings:
    """Those of a server with that book and a data folder of its own."""
    update = {"qdrant_url": qdrant.url, "limit_questions": ()}
    return settings_of(tmp_path / "own").model_copy(update=update)


def unavailable(messages: list[Message], retry_after: int | None = None) -> None:
    """The reader gets one error, which says that asking again may help, and no reason."""
    [message] = (m for m in messages if m["type"] != "status")  # it may have waited in line
    error = message["data"]
    assert (error["code"], error["retryable"]) == ("SERVICE_UNAVAILABLE", True)
    assert (error["message"], error.get("retry_after")) == (LATER, retry_after)


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines about questions."""
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert all("\n" not in line for line in lines)
    return lines


# At the start


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_qdrant_that_fails_at_the_start_is_printed_on_one_line(
    qdrant: ScriptedQdrant, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setenv("QDRANT_URL", qdrant.url)
    qdrant.fault = fault
    line = refused(1, "serve", "--port", "0")
    assert line.startswith("scholiast: The index did not answer: ")
    assert f"from {qdrant.url}; see whether Qdrant runs there, and check QDRANT_URL" in line


def test_a_qdrant_that_refuses_at_the_start_is_printed_without_its_password(
    qdrant: ScriptedQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    qdrant.refuse()
    address = qdrant.url.removeprefix("http://")
    monkeypatch.setenv("QDRANT_URL", f"http://reader:very-secret@{address}")
    line = refused(1, "serve", "--port", "0")
    assert "refused" in line
    assert f"http://{address}" in line
    assert "secret" not in line


def test_a_qdrant_that_hangs_at_the_start_is_given_up_after_seconds(
    qdrant: ScriptedQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDRANT_URL", qdrant.url)
    qdrant.fault = HANG
    monkeypatch.setattr(store, "READ_TIMEOUT", 1)
    assert "timed out" in refused(1, "serve", "--port", "0")


def test_a_qdrant_without_the_book_is_printed_with_the_way_to_it(
    qdrant: ScriptedQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDRANT_URL", qdrant.url)
    qdrant.fault = Answer(200, b'{"result": {"exists": false}}')
    line = refused(1, "serve", "--port", "0")
    assert f"no book in {qdrant.url}; run `scholiast ingest PATH` first" in line


# Beside a running server


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_qdrant_that_fails_costs_a_question_and_not_the_server(
    settings: WebSettings,
    qdrant: ScriptedQdrant,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
) -> None:
    async with serving(settings) as url, client(url) as socket:
        await receive(socket)
        qdrant.fault = fault
        unavailable(await ask(socket, ZMP), retry_after=7 if fault is BUSY else None)
        [line] = logged(caplog)
        assert "The index did not answer" in line
        qdrant.fault = None
        assert text_of(await ask(socket, ZMP))


async def test_a_qdrant_that_went_away_is_found_again_when_it_comes_back(
    settings: WebSettings, qdrant: ScriptedQdrant, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(settings) as url, client(url) as socket:
        await receive(socket)
        qdrant.refuse()
        unavailable(await ask(socket, ZMP))
        unavailable(await ask(socket, ZMP))
        assert "refused" in logged(caplog)[-1]
        qdrant.come_back()
        assert text_of(await ask(socket, ZMP))


async def test_a_qdrant_that_hangs_is_given_up_within_the_time_for_retrieval(
    settings: WebSettings,
    qdrant: ScriptedQdrant,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(settings) as url, client(url) as socket:
        await receive(socket)
        monkeypatch.setattr(tutor, "RETRIEVAL_TIMEOUT", 0.5)
        qdrant.fault = HANG
        unavailable(await ask(socket, ZMP))
        [line] = logged(caplog)
        assert "no result within" in line
        qdrant.over.set()


async def test_readers_who_wait_for_a_qdrant_that_hangs_keep_nobody_else_waiting(
    settings: WebSettings, qdrant: ScriptedQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are fewer threads than readers; those who have given up leave no work behind."""
    readers = 40
    monkeypatch.setattr(store, "READ_TIMEOUT", 2)
    settings = settings.model_copy(update={"max_answers": 2 * readers})  # nobody waits in line
    async with serving(settings) as url, asyncio.TaskGroup() as tasks, client(url) as other:
        await receive(other)
        welcomed, hangs = asyncio.Barrier(readers + 1), asyncio.Event()

        async def read() -> None:
            async with client(url) as socket:
                await receive(socket)
                await welcomed.wait()
                await hangs.wait()
                unavailable(await ask(socket, ZMP))

        monkeypatch.setattr(tutor, "RETRIEVAL_TIMEOUT", 3)
        reading = [tasks.create_task(read()) for _ in range(readers)]
        await welcomed.wait()
        qdrant.fault = HANG
        hangs.set()
        await asyncio.wait(reading, timeout=0.5)
        await other.send('{"type": "ping"}')
        assert (await receive(other))["type"] == "pong"
        assert not any(task.done() for task in reading)
        await asyncio.wait(reading)
        assert qdrant.hanging < readers
        qdrant.fault = None
        monkeypatch.setattr(tutor, "RETRIEVAL_TIMEOUT", 10)
        assert text_of(await ask(other, ZMP))
        qdrant.over.set()


async def test_a_reader_who_comes_while_qdrant_hangs_is_welcome_and_gets_an_error_when_asking(
    settings: WebSettings, qdrant: ScriptedQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(settings) as url:
        monkeypatch.setattr(tutor, "RETRIEVAL_TIMEOUT", 0.5)
        qdrant.fault = HANG
        async with client(url) as socket:
            assert (await receive(socket))["type"] == "welcome"
            unavailable(await ask(socket, ZMP))
        qdrant.over.set()


async def test_pages_and_readiness_say_that_the_index_is_away(
    settings: WebSettings, qdrant: ScriptedQdrant
) -> None:
    def get(address: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(address) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    async with serving(settings) as url:
        page = f"{url}book/motion/balance"
        status, _ = await asyncio.to_thread(get, page)
        assert status == 200
        qdrant.fault = Answer(500, b"very secret")
        for path in (url, page, f"{url}readyz"):
            status, text = await asyncio.to_thread(get, path)
            assert status == 503
            assert "index of the book does not answer" in text
            assert "secret" not in text
        status, _ = await asyncio.to_thread(get, f"{url}healthz")
        assert status == 200


async def test_an_embedded_index_that_is_blanked_costs_questions_and_not_the_server(
    example_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(settings_of(example_copy)) as url, client(url) as socket:
        await receive(socket)
        assert text_of(await ask(socket, ZMP))
        for path in (example_copy / "index").rglob("*.dat"):
            with path.open("r+b") as file:  # a shorter file would end the process: it is mapped
                file.write(bytes(path.stat().st_size))
        for _ in range(2):
            unavailable(await ask(socket, ZMP))
        assert all("scholiast ingest" in line for line in logged(caplog))
        await socket.send('{"type": "ping"}')
        assert (await receive(socket))["type"] == "pong"


async def test_an_embedded_index_whose_folder_is_removed_answers_on(example_copy: Path) -> None:
    async with serving(settings_of(example_copy)) as url, client(url) as socket:
        await receive(socket)
        for path in (example_copy / "index").rglob("*.*"):
            if path.is_file():
                path.unlink()
        assert text_of(await ask(socket, ZMP))
