from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chains.errors import ContentNotFound, ContextNotFound, ServiceUnavailable, StoreError
from chains.events import Sources
from quart_app.answers import Answers
from quart_app.protocol import BookInfo, WelcomeData
from quart_app.session import Close, Session
from tests.scripted_tutor import SOURCE, ScriptedTutor, whole_answer

WELCOME = WelcomeData("session_1", "0", [], "chat-v1", "fake", BookInfo("A book", "v1"))


class Client:
    """Both ends of a session without a server in between."""

    def __init__(self) -> None:
        self.tutor = ScriptedTutor()
        self.answers = Answers(self.tutor)
        self.draining = asyncio.Event()
        self.inbox: asyncio.Queue[str] = asyncio.Queue()
        self.outbox: asyncio.Queue[str] = asyncio.Queue()
        session = Session(self.inbox.get, self.outbox.put, self.answers, self.draining)
        self.session = asyncio.create_task(session.run(WELCOME))

    def ask(self, question: str = "What is a gait?", **data: Any) -> None:
        self.send({"type": "question", "data": {"question": question, **data}})

    def send(self, message: Any) -> None:
        self.inbox.put_nowait(json.dumps(message))

    async def get(self, type: str) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self.outbox.get())
        assert message["type"] == type, message
        data: dict[str, Any] = message["data"]
        return data


@asynccontextmanager
async def connected() -> AsyncIterator[Client]:
    client = Client()
    await client.get("welcome")
    try:
        yield client
    finally:
        client.session.cancel()
        await asyncio.wait([client.session])


async def test_a_question_gets_start_chunks_and_one_end() -> None:
    async with connected() as client:
        client.ask(client_query_id="mine")
        client.tutor.say(Sources((SOURCE,)))
        start = await client.get("response_start")
        assert (start["seq"], start["client_query_id"]) == (-1, "mine")
        assert start["sources"][0]["quote"] == "A gait is."
        client.tutor.say("A gait")
        chunk = await client.get("response_chunk")
        assert (chunk["seq"], chunk["content"], chunk["is_complete"]) == (0, "A gait", False)
        client.tutor.say(*whole_answer(" is.")[1:])
        seen = ""
        while not chunk["is_complete"]:
            chunk = await client.get("response_chunk")
            seen += chunk["content"]
        assert seen == " is."
        end = await client.get("response_end")
        assert (end["seq"], end["status"]) == (1, "completed")
        assert {start["query_id"], chunk["query_id"], end["query_id"]} == {start["query_id"]}


async def test_pings_are_answered_while_an_answer_runs() -> None:
    async with connected() as client:
        client.ask()
        client.tutor.say(Sources(()))
        await client.get("response_start")
        client.send({"type": "ping", "data": {"nonce": "7"}})
        assert (await client.get("pong"))["nonce"] == "7"


async def test_a_second_question_waits_for_the_first() -> None:
    async with connected() as client:
        client.ask()
        client.tutor.say(Sources(()))
        await client.get("response_start")
        client.ask(client_query_id="second")
        error = await client.get("error")
        assert error["code"] == "RATE_LIMIT_EXCEEDED"
        assert (error["reason"], error["retry_after"], error["retryable"]) == (
            "concurrent",
            1,
            True,
        )
        assert error["client_query_id"] == "second"
        client.tutor.say(*whole_answer()[1:])
        await client.get("response_chunk")
        await client.get("response_end")
        client.ask()
        client.tutor.say(Sources(()))
        await client.get("response_start")


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (ContextNotFound("chunk_1"), "CONTEXT_NOT_FOUND", False),
        (ContentNotFound((SOURCE,)), "CONTENT_NOT_FOUND", False),
        (ServiceUnavailable("model", "the key sk-1 is wrong"), "SERVICE_UNAVAILABLE", True),
        (StoreError("the index in /secret is damaged"), "SERVICE_UNAVAILABLE", True),
        (ZeroDivisionError("secret"), "INTERNAL_ERROR", False),
    ],
)
async def test_a_failure_is_told_with_its_code_and_without_its_reasons(
    error: Exception, code: str, retryable: bool
) -> None:
    async with connected() as client:
        client.ask(client_query_id="mine")
        client.tutor.say(error)
        data = await client.get("error")
        assert (data["code"], data["retryable"]) == (code, retryable)
        assert data["client_query_id"] == "mine"
        assert data["query_id"].startswith("query_")
        assert "sk-1" not in data["message"]
        assert "secret" not in data["message"]
        assert ("suggestions" in data) == (code == "CONTENT_NOT_FOUND")


async def test_ten_bad_messages_in_a_row_close_the_socket() -> None:
    async with connected() as client:
        for _ in range(9):
            client.inbox.put_nowait("nonsense")
            await client.get("error")
        client.send({"type": "ping"})
        await client.get("pong")
        for _ in range(10):
            client.inbox.put_nowait("nonsense")
            await client.get("error")
        with pytest.raises(Close) as closed:
            await client.session
        assert closed.value.code == 4000


async def test_an_idle_session_leaves_at_once_when_the_server_drains() -> None:
    async with connected() as client:
        client.draining.set()
        with pytest.raises(Close) as closed:
            await client.session
        assert closed.value.code == 1012


async def test_a_running_answer_ends_before_the_server_drains() -> None:
    async with connected() as client:
        client.ask()
        client.tutor.say(Sources(()))
        await client.get("response_start")
        client.draining.set()
        client.ask(client_query_id="too late")
        client.tutor.say(*whole_answer("Done.")[1:])
        types = {json.loads(await client.outbox.get())["type"] for _ in range(3)}
        assert types >= {"response_chunk", "response_end"}
        with pytest.raises(Close) as closed:
            await client.session
        assert closed.value.code == 1012


async def test_when_the_client_goes_its_answer_is_cancelled() -> None:
    async with connected() as client:
        client.ask()
        client.tutor.say(Sources(()))
        await client.get("response_start")
    await client.tutor.stopped.wait()


async def test_a_bug_closes_the_socket_with_1011_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken() -> str:
        raise ZeroDivisionError("bug")

    outbox: asyncio.Queue[str] = asyncio.Queue()
    session = Session(broken, outbox.put, Answers(ScriptedTutor()), asyncio.Event())
    with pytest.raises(Close) as closed:
        await session.run(WELCOME)
    assert closed.value.code == 1011
    assert "ZeroDivisionError" in caplog.text
