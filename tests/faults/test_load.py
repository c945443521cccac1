"""More questions than there are places to answer them."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
import threading
import weakref
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from quart_app import serve
from quart_app.answers import answer_queue
from quart_app.answers.kept_answer import RunningAnswer
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import ROOT, served
from tests.support.scripted_openai import HANG, ScriptedOpenAI
from tests.support.talking import Message, client, receive, send, until_end

ZMP = "What is the zero moment point?"
MANY, AT_WORK = 80, 2
SERVE_AND_COUNT = """
import asyncio, gc, os, signal, sys
from quart_app.serve import serve
from quart_app.settings import WebSettings

def announce(*_):
    print(gc.get_freeze_count(), len(gc.get_objects()), gc.get_threshold()[0])
    print(sys.getswitchinterval(), "quart_app.routes.chat" in sys.modules)
    os.kill(os.getpid(), signal.SIGTERM)

asyncio.run(serve(WebSettings.read(), announce=announce))
"""


async def test_many_questions_at_once_are_sent_their_place_and_answered_in_turn(
    example: WebSettings,
) -> None:
    off = {"limit_questions": (), "limit_connections": None, "max_answers": AT_WORK}
    together = asyncio.Barrier(MANY)

    async def read(url: str) -> list[Message]:
        async with client(url) as socket:
            await receive(socket)
            await together.wait()
            await send(socket, "question", {"question": ZMP})
            return await until_end(socket)

    async with serving(example.model_copy(update=off)) as url:
        answers = await asyncio.gather(*(read(url) for _ in range(MANY)))
    waited = [messages[0]["data"] for messages in answers if messages[0]["type"] == "status"]
    assert len(waited) >= MANY - 3 * AT_WORK
    assert max(status["ahead"] for status in waited) >= MANY // 2
    for messages in answers:
        types = [message["type"] for message in messages if message["type"] != "status"]
        assert (types[0], types[-1]) == ("response_start", "response_end"), messages[-1]
        ahead = [m["data"]["ahead"] for m in messages if m["type"] == "status"]
        assert ahead == sorted(ahead, reverse=True)


async def test_questions_that_find_no_place_in_line_are_a_line_a_second(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(answer_queue, "MOST_WAITING", 0)
    goes_on = asyncio.Event()
    async with ScriptedOpenAI(["Half ", goes_on]) as endpoint, AsyncExitStack() as stack:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url, "max_answers": 1}
        url = await stack.enter_async_context(serving(example.model_copy(update=model)))
        first, second = [await stack.enter_async_context(client(url)) for _ in range(2)]
        for socket in (first, second):
            await receive(socket)
        await send(first, "question", {"question": ZMP})
        while (await receive(first))["type"] != "response_chunk":
            pass
        for _ in range(3):
            await send(second, "question", {"question": ZMP})
            assert (await receive(second))["data"]["code"] == "SERVICE_UNAVAILABLE"
        goes_on.set()
        await until_end(first)
    (line,) = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert "refused a question: too many wait" in line
    assert "SCHOLIAST_MAX_ANSWERS" in line
    assert ZMP not in line


@pytest.mark.usefixtures("example_copy")
async def test_at_sigterm_a_question_that_waits_ends_with_an_error_to_ask_again(
    alone: Path,
) -> None:
    async with ScriptedOpenAI(["Half an answer. ", HANG]) as endpoint:
        variables = {
            "SCHOLIAST_MODEL": "scripted",
            "OPENAI_BASE_URL": endpoint.base_url,
            "SCHOLIAST_MAX_ANSWERS": "1",
        }
        with served(alone, **variables) as server:
            async with client(server.url) as first, client(server.url) as second:
                for socket in (first, second):
                    await receive(socket)
                    await send(socket, "question", {"question": ZMP})
                    await receive(socket)
                stopping = asyncio.create_task(asyncio.to_thread(server.end))
                error = (await until_end(second))[-1]["data"]
                assert (error["code"], error["retryable"]) == ("SERVICE_UNAVAILABLE", True)
                await second.wait_closed()
                assert second.close_code == 1012
                await send(
                    first, "cancel", {"query_id": (await receive(first))["data"]["query_id"]}
                )
                assert (await until_end(first))[-1]["data"]["status"] == "cancelled"
                code, _ = await stopping
    assert (code, len(endpoint.requests)) == (0, 1)


@pytest.mark.usefixtures("example_copy")
def test_neither_garbage_nor_threads_nor_building_the_app_stop_the_loop_for_long(
    alone: Path,
) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SCHOLIAST_PORT": "0"}
    done = subprocess.run(
        [sys.executable, "-c", SERVE_AND_COUNT],
        cwd=alone, env=environment, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    *figures, is_built = done.stdout.split()
    apart, looked_through, new, seconds = map(float, figures)
    assert looked_through < apart / 10
    assert new >= 10_000
    assert seconds <= 0.001
    assert is_built == "True"


def answers_in_memory() -> list[RunningAnswer]:
    """Also those that wait for the garbage collector."""
    return [found for found in gc.get_objects() if type(found) is RunningAnswer]


def watch(kept: object) -> asyncio.Event:
    """An event that is set when the object is gone."""
    gone = asyncio.Event()
    weakref.finalize(kept, gone.set)
    return gone


async def test_an_answer_that_is_kept_no_longer_does_not_wait_for_the_garbage_collector(
    example: WebSettings,
) -> None:
    async with ScriptedOpenAI(["A whole answer."], ["Half an answer. ", HANG]) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url, "resume_window": 1}
        async with serving(example.model_copy(update=model)) as url, client(url) as socket:
            await receive(socket)
            others = answers_in_memory()
            gc.disable()
            try:
                await send(socket, "question", {"question": ZMP})
                await until_end(socket)
                await send(socket, "question", {"question": ZMP})
                while (message := await receive(socket))["type"] != "response_chunk":
                    pass
                await send(socket, "cancel", {"query_id": message["data"]["query_id"]})
                await until_end(socket)
                gone = [watch(kept) for kept in answers_in_memory() if kept not in others]
                assert len(gone) == 2
                async with asyncio.timeout(10):
                    await asyncio.gather(*(event.wait() for event in gone))
            finally:
                gc.enable()


async def test_when_the_last_answer_is_kept_no_longer_its_memory_is_given_back(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back = threading.Event()
    monkeypatch.setattr(serve, "REST", 0.05)
    monkeypatch.setattr(serve, "give_memory_back", given_back.set)
    settings = example.model_copy(update={"resume_window": 1})
    async with serving(settings) as url:
        assert not await asyncio.to_thread(given_back.wait, 0.3)
        async with client(url) as socket:
            await receive(socket)
            await send(socket, "question", {"question": ZMP})
            await until_end(socket)
            assert not given_back.is_set()
        assert await asyncio.to_thread(given_back.wait, 20)
