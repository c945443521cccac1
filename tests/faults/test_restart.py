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
from tests.support.resuming import Forgotten, Received, ResumingClient
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

    async def ask(self, received: Received | None = None) -> Received:
        received = received or Received("mine")
        await self.reader.go_on(received, ZMP)
        return received

    async def resume(self, received: Received) -> Message:
        """What an attempt to resume the answer is sent."""
        assert self.reader.keys
        wanted = {**self.reader.keys, "query_id": received.query_id, "last_seq": received.last_seq}
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
            received = await asking
            assert received.end
            assert (received.end["code"], received.end["retryable"]) == (
                "SERVICE_UNAVAILABLE",
                True,
            )
            assert received.end["query_id"] == received.query_id
            assert received.text == HALF.strip()
            assert await h.reader.closed() == 1012
            assert code == 0
            assert re.search(rf"{received.query_id} failed: .*interrupted", said), said
        async with h.open():
            resumed = await h.resume(received)
            assert (resumed["recovered"], resumed["reason"]) == (False, "unknown")
            again = await h.ask()
            assert again.text == WHOLE
            assert received.start
            assert again.start
            assert again.start["session_id"] == received.start["session_id"]
        assert len(h.endpoint.requests) == 2


@pytest.mark.usefixtures("example_copy")
async def test_at_sigterm_a_reader_gets_the_rest_and_then_1012(alone: Path) -> None:
    goes_on = asyncio.Event()
    async with (
        house(alone, [HALF, goes_on, "The rest?"]) as h,
        h.open() as server,
        client(server.url) as idle,
    ):
        asking = asyncio.create_task(h.ask())
        await h.heard.wait()
        stopping = asyncio.create_task(stopped(server))
        await idle.wait_closed()  # the signal has arrived
        assert idle.close_code == 1012
        goes_on.set()
        received = await asking
        assert received.text == HALF + "The rest?"
        assert await h.reader.closed() == 1012
        code, said = await stopping
    assert code == 0
    assert f"{received.query_id} completed" in said


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
            received = forgotten.value.received
            assert forgotten.value.reason == "unknown"
            assert received.text == HALF.strip()
            whole = await h.ask()
            assert whole.text == WHOLE
            assert received.start
            assert whole.start
            assert whole.start["session_id"] == received.start["session_id"]
        assert len(h.endpoint.requests) == 2
