"""What a reader may ask for over a socket: resume, cancel, ask again, sessions and limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from typing_extensions import override

from chains.errors import ServiceUnavailable
from chains.question import Turn
from quart_app.answers.rates import Rate, parse_rates
from quart_app.answers.session_store import Begun, SessionStore
from quart_app.settings import WebSettings
from tests.support.scripted_tutor import whole_answer
from tests.support.sessions import Server, connected


async def test_losing_the_socket_does_not_stop_the_answer() -> None:
    server = Server()
    async with server.connected() as first:
        start = await first.start(client_query_id="mine")
        first.tutor.say("A gait ")
        chunk = await first.get("response_chunk")
    server.tutor.say("is a ", *whole_answer("rhythm.")[1:])
    await server.tutor.stopped.wait()
    async with server.connected() as second:
        second.send("resume", **first.keys, query_id=start["query_id"], last_seq=chunk["seq"])
        assert await second.get("resumed") == {
            "recovered": True,
            "query_id": start["query_id"],
            "client_query_id": "mine",
            "last_seq": 0,
        }
        text, end = await second.read()
    assert text == "is a rhythm."
    assert len(server.tutor.questions) == 1
    assert end["query_id"] == start["query_id"]


async def test_resuming_from_the_beginning_brings_the_sources_again() -> None:
    server = Server()
    async with server.connected() as first:
        first.ask(client_query_id="mine")
        first.send("ping")
        await first.get("pong")
    async with server.connected() as second:
        second.send("resume", **first.keys, client_query_id="mine", last_seq=-1)
        assert (await second.get("resumed"))["recovered"] is True
        server.tutor.say(*whole_answer("All of it."))
        assert (await second.get("response_start"))["client_query_id"] == "mine"
        text, _ = await second.read()
    assert text == "All of it."


async def test_two_sockets_follow_one_answer_and_each_may_cancel_it() -> None:
    server = Server()
    async with server.connected() as first, server.connected() as second:
        query_id = (await first.start())["query_id"]
        second.send("resume", **first.keys, query_id=query_id, last_seq=-1)
        assert (await second.get("resumed"))["recovered"] is True
        await second.get("response_start")
        server.tutor.say("Both read.")
        assert (await first.get("response_chunk"))["content"] == "Both read."
        assert (await second.get("response_chunk"))["content"] == "Both read."
        second.send("cancel", query_id=query_id)
        for client in (first, second):
            _, end = await client.read()
            assert end["status"] == "cancelled"
    assert server.tutor.stopped.is_set()


@pytest.mark.parametrize("wrong", ["token", "session", "query", "nothing asked"])
async def test_unknown_and_not_yours_answer_alike(wrong: str) -> None:
    server = Server()
    async with server.connected() as owner, server.connected() as other:
        query_id = (await owner.start())["query_id"]
        keys = other.keys if wrong == "session" else owner.keys
        if wrong == "token":
            keys["session_token"] = other.keys["session_token"]
        if wrong in ("query", "nothing asked"):
            query_id = f"query_{0:032x}"
        if wrong == "nothing asked":
            keys = other.keys
        other.send("resume", **keys, query_id=query_id, last_seq=-1)
        assert await other.get("resumed") == {
            "recovered": False,
            "reason": "unknown",
            "query_id": query_id,
            "last_seq": -1,
        }


async def test_an_answer_that_is_not_kept_any_more_is_expired() -> None:
    async with connected() as client:
        client.tutor.say(*whole_answer("Short."))
        query_id = (await client.start())["query_id"]
        await client.read()
        answer = client.server.answers.find(query_id)
        assert answer is not None
        client.server.answers.forget(answer)
        client.send("resume", **client.keys, query_id=query_id, last_seq=0)
        resumed = await client.get("resumed")
        assert (resumed["recovered"], resumed["reason"]) == (False, "expired")


@pytest.mark.parametrize(
    ("type", "data", "code", "param"),
    [
        ("resume", {"last_seq": -2, "query_id": "query_1"}, "INVALID_MESSAGE", "last_seq"),
        ("resume", {"last_seq": 0}, "INVALID_MESSAGE", "query_id"),
        ("resume", {"query_id": "query_1"}, "INVALID_MESSAGE", "last_seq"),
        (
            "resume",
            {"session_id": "session_1", "query_id": "query_1", "last_seq": 0},
            "INVALID_SESSION",
            "session_id",
        ),
        ("cancel", {}, "INVALID_MESSAGE", "query_id"),
        ("question", {"question": "q", "prompt": "nowhere"}, "INVALID_MESSAGE", "prompt"),
        ("question", {"question": "q", "session_id": "mine"}, "INVALID_SESSION", "session_id"),
    ],
)
async def test_a_request_that_cannot_be_met_names_its_field(
    type: str, data: dict[str, Any], code: str, param: str
) -> None:
    async with connected() as client:
        client.send(type, **(client.keys if type == "resume" else {}) | data)
        error = await client.get("error")
        assert (error["code"], error["param"]) == (code, param)


async def test_a_seq_that_is_not_written_yet_is_refused() -> None:
    server = Server()
    async with server.connected() as first, server.connected() as second:
        query_id = (await first.start())["query_id"]
        second.send("resume", **first.keys, query_id=query_id, last_seq=0)
        error = await second.get("error")
        assert (error["code"], error["param"]) == ("INVALID_MESSAGE", "last_seq")


async def test_cancel_ends_the_answer_and_allows_another_question() -> None:
    async with connected() as client:
        start = await client.start()
        client.tutor.say("Half")
        await client.get("response_chunk")
        client.send("cancel", query_id=start["query_id"])
        text, end = await client.read()
        assert (text, end["status"], end["seq"]) == ("", "cancelled", 0)
        client.tutor.script = asyncio.Queue()
        client.send("cancel", query_id=start["query_id"])
        await client.start()


async def test_cancel_by_the_clients_id_works_before_the_sources_are_found() -> None:
    async with connected() as client:
        client.ask(client_query_id="mine")
        client.send("cancel", client_query_id="other")
        client.send("cancel", query_id=f"query_{0:032x}")
        client.send("cancel", client_query_id="mine")
        assert (await client.get("response_start"))["client_query_id"] == "mine"
        text, end = await client.read()
        assert (text, end["status"]) == ("", "cancelled")


async def test_the_same_client_id_follows_the_one_run() -> None:
    async with connected() as client:
        start = await client.start(client_query_id="mine")
        client.ask(client_query_id="mine")  # its frames are on their way already
        client.tutor.say(*whole_answer("Once.")[1:])
        assert (await client.read())[0] == "Once."
        client.ask(client_query_id="mine")
        assert (await client.get("response_start"))["query_id"] == start["query_id"]
        assert (await client.read())[0] == "Once."
        assert len(client.tutor.questions) == 1


async def test_the_same_client_id_follows_a_run_that_failed_too() -> None:
    async with connected() as client:
        client.tutor.say(ServiceUnavailable("model", "it is off"))
        for _ in range(2):
            client.ask(client_query_id="mine")
            assert (await client.get("error"))["code"] == "SERVICE_UNAVAILABLE"
        assert len(client.tutor.questions) == 1


async def test_a_client_id_whose_answer_is_gone_is_refused_and_not_run_again() -> None:
    async with connected() as client:
        client.tutor.say(*whole_answer("Once."))
        query_id = (await client.start(client_query_id="mine"))["query_id"]
        await client.read()
        answer = client.server.answers.find(query_id)
        assert answer is not None
        client.server.answers.forget(answer)
        client.ask(client_query_id="mine")
        error = await client.get("error")
        assert (error["code"], error["param"]) == ("INVALID_MESSAGE", "client_query_id")
        assert len(client.tutor.questions) == 1


async def test_a_token_opens_its_session_from_another_socket() -> None:
    server = Server()
    async with server.connected() as first:
        server.tutor.say(*whole_answer("A rhythm."))
        await first.start()
        await first.read()
    async with server.connected() as second:
        server.tutor.say(*whole_answer("It is."))
        second.ask("Why is that?", **first.keys)
        start = await second.get("response_start")
        assert start["session_id"] == first.own["session_id"]
        assert server.sessions.opens(start["session_id"], start["session_token"])
        await second.read()
    assert server.tutor.questions[1].history == (
        Turn("What is a gait?", (), "A rhythm.", ("00000000-0000-0000-0000-000000000001",)),
    )


async def test_without_its_token_a_session_opens_nothing() -> None:
    server = Server()
    async with server.connected() as first, server.connected() as second:
        server.tutor.say(*whole_answer("A rhythm."))
        await first.start()
        await first.read()
        for token in (None, "forged", second.keys["session_token"]):
            server.tutor.say(*whole_answer("It is."))
            given = {} if token is None else {"session_token": token}
            second.ask("Why?", session_id=first.own["session_id"], **given)
            start = await second.get("response_start")
            assert start["session_id"] == second.own["session_id"]
            await second.read()
    assert server.tutor.questions[1].history == ()


async def test_too_many_questions_are_refused_with_the_time_to_wait() -> None:
    async with connected(limit_questions=parse_rates("1/minute, 5/hour")) as client:
        client.tutor.say(*whole_answer("One."))
        await client.start()
        await client.read()
        client.ask(client_query_id="second")
        error = await client.get("error")
        assert error["code"] == "RATE_LIMIT_EXCEEDED"
        assert (error["reason"], error["retryable"]) == ("minute", True)
        assert 58 <= error["retry_after"] <= 60
        assert error["client_query_id"] == "second"
        assert len(client.tutor.questions) == 1


class CountedStore(SessionStore):
    """Keeps the names of the calls that a store on the network would be asked with."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.calls: list[str] = []

    @override
    async def begin(self, *args: Any) -> Begun:
        self.calls.append("begin")
        return await super().begin(*args)

    @override
    async def find(self, *args: Any, **ids: Any) -> str | None:
        self.calls.append("find")
        return await super().find(*args, **ids)

    @override
    async def release(self, *args: Any) -> None:
        self.calls.append("release")
        await super().release(*args)


async def test_the_session_store_is_asked_once_for_a_question() -> None:
    server = Server(store=CountedStore)
    assert isinstance(server.sessions, CountedStore)
    async with server.connected() as client:
        await client.start(client_query_id="mine")
        assert server.sessions.calls == ["begin"]
        client.ask(client_query_id="second")
        await client.get("error")
        client.ask()
        await client.get("error")
        assert server.sessions.calls == ["begin", "find"]


async def test_a_question_that_a_limit_refuses_leaves_no_trace_of_its_session() -> None:
    settings = WebSettings.model_construct(limit_key="session", limit_sessions=(Rate(1, "hour"),))
    server = Server(settings, store=CountedStore)
    assert isinstance(server.sessions, CountedStore)
    async with server.connected() as first, server.connected() as second:
        first.tutor.say(*whole_answer("One."))
        await first.start()
        await first.read()
        for _ in range(2):
            second.ask(client_query_id="mine")
            assert (await second.get("error"))["reason"] == "hour"
            assert len(server.sessions) == 1
    assert server.sessions.calls == ["begin", "begin", "release", "begin", "release"]
    assert len(server.tutor.questions) == 1
