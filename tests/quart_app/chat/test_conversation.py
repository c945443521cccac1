"""What chat-v1 promises beyond one question and its answer, over real sockets."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from hashlib import sha256
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from quart_app.answers.rates import parse_rates
from quart_app.protocol.bounds import FRAME_BYTES
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.scripted_openai import HANG, ScriptedOpenAI, Step
from tests.support.talking import Message, ask, client, receive, text_of

ZMP = "What is the zero moment point?"


def scripted(settings: WebSettings, endpoint: ScriptedOpenAI, **update: Any) -> WebSettings:
    """The settings with the endpoint's model."""
    update = {"model": "scripted", "openai_base_url": endpoint.base_url, **update}
    return settings.model_copy(update=update)


async def send(socket: ClientConnection, type: str, **data: Any) -> None:
    await socket.send(json.dumps({"type": type, "data": data}))


async def rest_of(socket: ClientConnection) -> list[Message]:
    """Every message through the end of the answer."""
    messages = [await receive(socket)]
    while messages[-1]["type"] not in ("response_end", "error"):
        messages.append(await receive(socket))
    return messages


def keys(welcome: Message) -> dict[str, str]:
    return {name: welcome["data"][name] for name in ("session_id", "session_token")}


async def test_the_welcome_names_every_limit_with_what_remains(example: WebSettings) -> None:
    async with serving(example) as url, client(url) as first:
        await receive(first)
        await ask(first, ZMP)
        async with client(url) as second:
            data = (await receive(second))["data"]
    limits = {limit["name"]: (limit["limit"], limit.get("remaining")) for limit in data["limits"]}
    assert limits == {
        "minute": (10, 9),
        "hour": (50, 49),
        "day": (200, 199),
        "concurrent": (1, 1),
        "messages": (100, 100),
        "connections": (100, 98),
        "idle_s": (1800, None),
        "frame_bytes": (FRAME_BYTES, None),
        "question_length": (1000, None),
        "selections": (5, None),
        "selection_length": (2000, None),
    }
    assert (data["resume_window_s"], data["session_lifetime_s"]) == (120, 86_400)
    assert set(data["features"]) >= {"cancel", "resume", "follow_up"}


async def test_limits_that_are_off_are_not_in_the_welcome(example: WebSettings) -> None:
    off = {"limit_questions": (), "limit_messages": None, "limit_connections": None}
    async with serving(example.model_copy(update=off)) as url, client(url) as socket:
        limits = (await receive(socket))["data"]["limits"]
    assert {limit["name"] for limit in limits} == {
        "concurrent",
        "idle_s",
        "frame_bytes",
        "question_length",
        "selections",
        "selection_length",
    }


async def test_a_question_that_follows_a_run_is_not_counted(example: WebSettings) -> None:
    settings = example.model_copy(update={"limit_questions": parse_rates("1/day")})
    async with serving(settings) as url, client(url) as socket:
        await receive(socket)
        once = await ask(socket, ZMP, client_query_id="mine")
        again = await ask(socket, ZMP, client_query_id="mine")
        (refused,) = await ask(socket, ZMP, client_query_id="another")
    assert text_of(again) == text_of(once)
    assert (refused["data"]["code"], refused["data"]["reason"]) == ("RATE_LIMIT_EXCEEDED", "day")


async def test_cancel_reaches_the_model_and_keeps_the_partial_answer(example: WebSettings) -> None:
    async with ScriptedOpenAI(["Half an answer. ", HANG]) as endpoint, AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(scripted(example, endpoint)))
        socket = await stack.enter_async_context(client(url))
        await receive(socket)
        await send(socket, "question", question=ZMP, client_query_id="mine")
        start, chunk = await receive(socket), await receive(socket)
        assert chunk["data"]["content"] == "Half an answer."
        await send(socket, "cancel", client_query_id="mine")
        await endpoint.until_idle()  # benchmarks/ measure how soon
        last, end = await rest_of(socket)
        assert last["data"]["is_complete"] is True
        assert end["data"]["status"] == "cancelled"
        assert end["data"]["query_id"] == start["data"]["query_id"]
        assert end["data"]["content_sha256"] == sha256(b"Half an answer.").hexdigest()


async def test_an_answer_is_taken_up_again_on_another_socket(example: WebSettings) -> None:
    goes_on = asyncio.Event()
    script: list[Step] = ["Half an answer. ", goes_on, "The other half."]
    async with ScriptedOpenAI(script) as endpoint:
        async with serving(scripted(example, endpoint)) as url:
            async with client(url) as first:
                own = keys(await receive(first))
                await send(first, "question", question=ZMP, client_query_id="mine")
                await receive(first)
                seen = await receive(first)
                first.transport.abort()
            goes_on.set()
            async with client(url) as second:
                await receive(second)
                last_seq = seen["data"]["seq"]
                await send(second, "resume", **own, client_query_id="mine", last_seq=last_seq)
                resumed, *rest = await rest_of(second)
        assert resumed["data"]["recovered"] is True
        text = seen["data"]["content"] + text_of(rest)
        assert text == "Half an answer. The other half."
        assert rest[-1]["data"]["content_sha256"] == sha256(text.encode()).hexdigest()
        assert len(endpoint.requests) == 1


async def test_an_answer_without_a_reader_is_cancelled_at_the_model_after_the_window(
    example: WebSettings,
) -> None:
    async with ScriptedOpenAI(["Half an ", HANG]) as endpoint, AsyncExitStack() as stack:
        settings = scripted(example, endpoint, resume_window=0.2)
        url = await stack.enter_async_context(serving(settings))
        async with client(url) as first:
            own = keys(await receive(first))
            await send(first, "question", question=ZMP, client_query_id="mine")
            await receive(first)
            await receive(first)
            first.transport.abort()
        await endpoint.until_idle()
        async with client(url) as second:
            await receive(second)
            await send(second, "resume", **own, client_query_id="mine", last_seq=0)
            resumed = await receive(second)
    assert (resumed["data"]["recovered"], resumed["data"]["reason"]) == (False, "expired")


async def test_a_follow_up_is_understood_from_the_turn_before(example: WebSettings) -> None:
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        alone = await ask(socket, "Why does it matter?")
        await ask(socket, ZMP)
        after = await ask(socket, "Why does it matter?")
    assert alone[0]["data"]["code"] == "CONTENT_NOT_FOUND"
    assert any(source["url"].endswith("#zmp") for source in after[0]["data"]["sources"])


async def test_the_eleventh_question_in_a_minute_is_refused_with_the_time_to_wait(
    example: WebSettings,
) -> None:
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        for _ in range(10):
            await ask(socket, "What is the capital of France?")
        (refused,) = await ask(socket, ZMP)
    assert refused["data"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert refused["data"]["reason"] == "minute"
    assert 1 <= refused["data"]["retry_after"] <= 6


async def test_one_address_has_so_many_connections_and_no_more(example: WebSettings) -> None:
    settings = example.model_copy(update={"limit_connections": 1})
    async with serving(settings) as url:
        async with client(url) as first:
            await receive(first)
            with pytest.raises(InvalidStatus) as refused:
                await client(url).__aenter__()
            assert refused.value.response.status_code == 429
            assert int(refused.value.response.headers["Retry-After"]) >= 1
        async with client(url) as second:
            assert (await receive(second))["type"] == "welcome"


async def test_an_idle_socket_is_closed_with_4201(example: WebSettings) -> None:
    settings = example.model_copy(update={"idle_timeout": 0.2})
    async with serving(settings) as url, client(url) as socket:
        await receive(socket)
        with pytest.raises(ConnectionClosed) as closed:
            await receive(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4201


async def test_when_all_messages_are_used_the_socket_is_closed_with_4200(
    example: WebSettings,
) -> None:
    settings = example.model_copy(update={"limit_messages": 1})
    async with serving(settings) as url, client(url) as socket:
        await receive(socket)
        await send(socket, "cancel", query_id="query_1")
        await send(socket, "cancel", query_id="query_1")
        error = await receive(socket)
        assert (error["data"]["code"], error["data"]["reason"]) == (
            "RATE_LIMIT_EXCEEDED",
            "messages",
        )
        with pytest.raises(ConnectionClosed) as closed:
            await receive(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4200


async def test_talk_comes_like_any_answer_with_no_sources_and_three_questions(
    example: WebSettings,
) -> None:
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        got = await ask(socket, "hi")
        answered = await ask(socket, text_of(got).splitlines()[-1].removeprefix("- "))
    assert [message["type"] for message in got] == [
        "response_start",
        "response_chunk",
        "response_end",
    ]
    assert got[0]["data"]["sources"] == []
    assert text_of(got).startswith("Hello! I answer questions about “Humanoid Robots")
    assert text_of(got).count("\n- ") == 3
    end = got[-1]["data"]
    assert (end["status"], end["total_tokens"], end["sources_used"]) == ("completed", 0, 0)
    assert end["grounding"] == {"sentences": 0, "supported": 0}
    assert answered[-1]["data"]["sources_used"] > 0
