"""A socket from its first message to its close code."""

from __future__ import annotations

import asyncio

import pytest

from chains.errors import ContentNotFound, ContextNotFound, ServiceUnavailable, StoreError
from chains.events import Sources
from quart_app.chat import outbox as module
from tests.support.scripted_tutor import BASIS, SOURCE, whole_answer
from tests.support.sessions import Client, Server, connected


async def test_a_question_gets_start_chunks_and_one_end() -> None:
    async with connected() as client:
        client.ask(client_query_id="mine")
        client.tutor.say(Sources((SOURCE,), BASIS))
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
        client.tutor.say(Sources((), BASIS))
        await client.get("response_start")
        client.send("ping", nonce="7")
        assert (await client.get("pong"))["nonce"] == "7"


async def test_a_second_question_waits_for_the_first() -> None:
    async with connected() as client:
        client.ask()
        client.tutor.say(Sources((), BASIS))
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
        client.tutor.say(Sources((), BASIS))
        await client.get("response_start")


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (ContextNotFound("chunk_1"), "CONTEXT_NOT_FOUND", False),
        (ContentNotFound((SOURCE,)), "CONTENT_NOT_FOUND", False),
        (ServiceUnavailable("model", "the key sk-1 is wrong"), "SERVICE_UNAVAILABLE", True),
        (StoreError("the index in /secret is damaged"), "SERVICE_UNAVAILABLE", True),
        (ZeroDivisionError("secret"), "INTERNAL_ERROR", True),
    ],
)
async def test_a_failure_is_sent_with_its_code_and_without_its_reasons(
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
        client.send("ping")
        await client.get("pong")
        for _ in range(10):
            client.inbox.put_nowait("nonsense")
            await client.get("error")
        assert await client.closed() == 4000


async def test_what_is_no_message_counts_among_messages_all_the_same() -> None:
    async with connected(limit_messages=3) as client:
        for _ in range(3):
            client.inbox.put_nowait("nonsense")
            assert (await client.get("error"))["code"] == "INVALID_MESSAGE"
            client.send("ping")
            await client.get("pong")
        client.inbox.put_nowait("nonsense")
        assert (await client.get("error"))["reason"] == "messages"
        assert await client.closed() == 4200


async def test_an_answer_gets_its_end_before_bad_messages_close_the_socket() -> None:
    async with connected() as client:
        await client.start()
        for _ in range(12):
            client.inbox.put_nowait("nonsense")
        for _ in range(10):
            await client.get("error")
        client.tutor.say(*whole_answer("All of it.")[1:])
        assert (await client.read())[0] == "All of it."
        assert await client.closed() == 4000


async def test_an_idle_socket_leaves_at_once_when_the_server_drains() -> None:
    async with connected() as client:
        client.socket.leave()
        assert await client.closed() == 1012


async def test_a_socket_that_is_to_leave_before_its_welcome_is_read_leaves() -> None:
    client = Client(Server())
    client.socket.leave()
    assert await client.closed() == 1012


async def test_a_running_answer_ends_before_the_server_drains() -> None:
    async with connected() as client:
        await client.start()
        client.socket.leave()
        client.ask(client_query_id="too_late")
        error = await client.get("error")
        assert error["code"] == "RATE_LIMIT_EXCEEDED"
        client.tutor.say(*whole_answer("Done.")[1:])
        text, end = await client.read()
        assert (text, end["status"]) == ("Done.", "completed")
        assert await client.closed() == 1012


async def test_when_its_messages_are_used_a_socket_gets_an_error_and_is_closed() -> None:
    async with connected(limit_messages=2) as client:
        for _ in range(5):
            client.send("ping")
            await client.get("pong")
        for _ in range(3):
            client.send("cancel", query_id="query_1")
        error = await client.get("error")
        assert (error["code"], error["reason"]) == ("RATE_LIMIT_EXCEEDED", "messages")
        assert await client.closed() == 4200


async def test_an_answer_gets_its_end_before_the_socket_is_closed() -> None:
    async with connected(limit_messages=1) as client:
        await client.start()
        client.send("cancel", query_id="query_1")
        assert (await client.get("error"))["reason"] == "messages"
        client.tutor.say(*whole_answer("All of it.")[1:])
        assert (await client.read())[0] == "All of it."
        assert await client.closed() == 4200


async def test_an_idle_socket_is_closed_and_pings_do_not_keep_it() -> None:
    async with connected(idle_timeout=1) as client:
        client.send("ping")
        await client.get("pong")
        assert await client.closed() == 4201


async def test_a_socket_with_an_answer_on_it_is_not_idle() -> None:
    async with connected(idle_timeout=0.5) as client:
        await client.start()
        await asyncio.sleep(1)
        client.tutor.say(*whole_answer("Slow.")[1:])
        assert (await client.read())[0] == "Slow."
        assert await client.closed() == 4201


async def test_a_reader_that_reads_nothing_is_closed_and_may_resume(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SEND_TIMEOUT", 0.05)
    server = Server()
    async with server.connected() as client:
        start = await client.start()
        client.outbox = asyncio.Queue(1)
        client.socket._outbox._send = client.outbox.put
        client.send("ping")
        server.tutor.say("One. ", "Two. ")
        assert await client.closed() == 4102
    async with server.connected() as again:
        again.send("resume", **client.keys, query_id=start["query_id"], last_seq=-1)
        assert (await again.get("resumed"))["recovered"] is True
        await again.get("response_start")
        server.tutor.say(*whole_answer("Three.")[1:])
        assert (await again.read())[0] == "One. Two. Three."


async def test_replies_that_nobody_reads_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REPLIES", 10)
    async with connected() as client:
        client.socket._outbox._send = asyncio.Queue[str](1).put
        for _ in range(20):
            client.send("ping")
        with pytest.raises(module.Close, match="does not read its replies"):
            await client.running


async def test_a_thousand_pings_at_once_are_all_answered() -> None:
    async with connected() as client:
        for number in range(1000):
            client.send("ping", nonce=str(number))
        assert [(await client.get("pong"))["nonce"] for _ in range(1000)] == [
            str(number) for number in range(1000)
        ]


async def test_a_bug_closes_the_socket_with_1011_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken() -> str:
        raise ZeroDivisionError("bug")

    async with connected() as client:
        client.socket._receive = broken
        client.send("ping")
        assert await client.closed() == 1011
    assert "ZeroDivisionError" in caplog.text
