"""The server stops or dies in the middle of an answer, and comes back."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.commands import Served, served
from tests.support.resuming import Forgotten, ResumingClient, Told
from tests.support.scripted_openai import HANG, ScriptedOpenAI, Step
from tests.support.talking import Message, client, receive

ZMP = "What is the zero moment point?"
HALF, WHOLE = "Half an answer. ", "The whole answer."
SHORT_GRACE = "graceful_timeout = 0.3\n"


@dataclass
class House:
    """A server of the example book that may be started again, and a reader of it."""

    folder: Path
    endpoint: ScriptedOpenAI
    reader: ResumingClient
    heard: asyncio.Event

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Served]:
        variables = {
            "SCHOLIAST_MODEL": "scripted",
            "OPENAI_BASE_URL": self.endpoint.base_url,
            "SCHOLIAST_LIMIT_QUESTIONS": "off",
        }
        with served(self.folder, **variables) as server:
            self.reader.url = server.url
            yield server

    async def ask(self, told: Told | None = None) -> Told:
        told = told or Told("mine")
        await self.reader.go_on(told, ZMP)
        return told

    async def resume(self, told: Told) -> Message:
        """What an attempt to resume the answer is told."""
        assert self.reader.keys
        wanted = {**self.reader.keys, "query_id": told.query_id, "last_seq": told.last_seq}
        async with client(self.reader.url) as socket:
            await receive(socket)
            await socket.send(json.dumps({"type": "resume", "data": wanted}))
            resumed = await receive(socket)
        assert resumed["type"] == "resumed"
        data: Message = resumed["data"]
        return data


@asynccontextmanager
async def house(folder: Path, *scripts: list[Step]) -> AsyncIterator[House]:
    heard = asyncio.Event()

    def hear(text: str) -> None:
        if text:
            heard.set()

    async with ScriptedOpenAI(*scripts) as endpoint, ResumingClient("", on_text=hear) as reader:
        yield House(folder, endpoint, reader, heard)


async def stopped(server: Served, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """Its exit code and what it said, once it has gone; the loop goes on meanwhile."""
    return await asyncio.to_thread(server.end, number)


@pytest.mark.usefixtures("example_copy")
async def test_at_sigterm_an_answer_that_is_too_long_ends_with_an_error_to_ask_again(
    alone: Path,
) -> None:
    (alone / "hypercorn.toml").write_text(SHORT_GRACE)
    async with house(alone, [HALF, HANG], [WHOLE]) as h:
        async with h.open() as server:
            asking = asyncio.create_task(h.ask())
            await h.heard.wait()
            code, said = await stopped(server)
            told = await asking
            assert told.end
            assert (told.end["code"], told.end["retryable"]) == ("SERVICE_UNAVAILABLE", True)
            assert told.end["query_id"] == told.query_id
            assert told.text == HALF.strip()
            assert await h.reader.closed() == 1012
            assert code == 0
            assert re.search(rf"{told.query_id} failed: .*interrupted", said), said
        async with h.open():
            resumed = await h.resume(told)
            assert (resumed["recovered"], resumed["reason"]) == (False, "unknown")
            again = await h.ask()
            assert again.text == WHOLE
            assert told.start
            assert again.start
            assert again.start["session_id"] == told.start["session_id"]
        assert len(h.endpoint.requests) == 2


@pytest.mark.usefixtures("example_copy")
async def test_at_sigterm_a_reader_gets_the_rest_and_then_1012(alone: Path) -> None:
    goes_on = asyncio.Event()
    async with (
        house(alone, [HALF, goes_on, "The rest."]) as h,
        h.open() as server,
        client(server.url) as idle,
    ):
        asking = asyncio.create_task(h.ask())
        await h.heard.wait()
        stopping = asyncio.create_task(stopped(server))
        await idle.wait_closed()  # the signal has arrived
        assert idle.close_code == 1012
        goes_on.set()
        told = await asking
        assert told.text == HALF + "The rest."
        assert await h.reader.closed() == 1012
        code, said = await stopping
    assert code == 0
    assert f"{told.query_id} completed" in said


@pytest.mark.usefixtures("example_copy")
async def test_at_sigterm_no_answer_is_left_without_an_ending_in_the_log(alone: Path) -> None:
    (alone / "hypercorn.toml").write_text(SHORT_GRACE)
    async with house(alone, [HALF, HANG]) as h, h.open() as server, AsyncExitStack() as stack:
        query_ids = []
        for is_left in (False, False, True):
            socket = await stack.enter_async_context(client(server.url))
            await receive(socket)
            await socket.send(json.dumps({"type": "question", "data": {"question": ZMP}}))
            query_ids.append((await receive(socket))["data"]["query_id"])
            await receive(socket)
            if is_left:
                socket.transport.abort()
        code, said = await stopped(server)
    assert code == 0
    for query_id in query_ids:
        assert len(re.findall(rf"{query_id} (?:failed|completed|cancelled)", said)) == 1, said
    assert "Traceback" not in said


@pytest.mark.usefixtures("example_copy")
async def test_after_sigkill_the_answer_is_unknown_and_asking_again_works(alone: Path) -> None:
    async with house(alone, [HALF, HANG], [WHOLE]) as h:
        async with h.open() as server:
            asking = asyncio.create_task(h.ask())
            await h.heard.wait()
            url = server.url
            await stopped(server, signal.SIGKILL)
        async with h.open() as again:
            assert again.url != url
            with pytest.raises(Forgotten) as forgotten:
                await asking
            told = forgotten.value.told
            assert forgotten.value.reason == "unknown"
            assert told.text == HALF.strip()
            whole = await h.ask()
            assert whole.text == WHOLE
            assert told.start
            assert whole.start
            assert whole.start["session_id"] == told.start["session_id"]
        assert len(h.endpoint.requests) == 2
