"""A question's whole way, over a real socket, with each kind of model."""

from __future__ import annotations

import json
import re
from contextlib import AsyncExitStack
from hashlib import sha256
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from quart_app.protocol.bounds import FRAME_BYTES
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.scripted_openai import CUT, HANG, ScriptedOpenAI, Status, Step
from tests.support.talking import Message, ask, client, receive, text_of

ZMP = "What is the zero moment point?"


def check_frames(messages: list[Message]) -> None:
    """What holds for every answer that came through."""
    start, *chunks, end = messages
    assert start["type"] == "response_start"
    assert {chunk["type"] for chunk in chunks} == {"response_chunk"}
    assert end["type"] == "response_end"
    assert len({message["data"]["query_id"] for message in messages}) == 1
    seqs = [chunk["data"]["seq"] for chunk in chunks]
    assert seqs == sorted(seqs)
    assert [chunk["data"]["is_complete"] for chunk in chunks] == [False] * (len(chunks) - 1) + [
        True
    ]
    assert end["data"]["content_sha256"] == sha256(text_of(messages).encode()).hexdigest()
    indexes = {source["index"] for source in start["data"]["sources"]}
    assert {int(n) for n in re.findall(r"\[(\d+)\]", text_of(messages))} <= indexes
    assert all(message["timestamp"].endswith("Z") for message in messages)


async def test_a_scripted_endpoint_streams_over_the_same_frames(example: WebSettings) -> None:
    words: list[Step] = ["The ZMP ", "is a point ", "on the ground [1", "]. Nothing [9] else."]
    async with ScriptedOpenAI(words) as endpoint:
        settings = example.model_copy(
            update={"model": "scripted", "openai_base_url": endpoint.base_url}
        )
        async with serving(settings) as url, client(url) as socket:
            assert socket.subprotocol == "chat-v1"
            welcome = await receive(socket)
            assert welcome["type"] == "welcome"
            assert welcome["data"]["model"] == "scripted"
            messages = await ask(socket, ZMP, context_chunks=["a highlighted sentence"])
    check_frames(messages)
    assert text_of(messages) == "The ZMP is a point on the ground. [2] Nothing else."
    end = messages[-1]["data"]
    assert (end["model"], end["status"], end["sources_used"]) == ("scripted", "completed", 1)
    system, *_, user = endpoint.requests[0].body["messages"]
    assert system["role"] == "system"
    assert ZMP in user["content"]
    assert "a highlighted sentence" in user["content"]
    assert messages[0]["data"]["sources"][0]["title"] in user["content"]


@pytest.mark.slow  # `scholiast ask` has a shorter answer of it in test_ask.py
async def test_the_local_model_answers_over_the_same_frames(example: WebSettings) -> None:
    settings = example.model_copy(update={"model": "local"})
    async with serving(settings) as url, client(url) as socket:
        await receive(socket)
        messages = await ask(socket, ZMP)
    check_frames(messages)
    assert text_of(messages).strip()
    assert "local" in messages[-1]["data"]["model"]


async def test_quotes_come_word_for_word_from_the_section_that_answers(
    example: WebSettings,
) -> None:
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        messages = await ask(socket, ZMP)
    check_frames(messages)
    cited = [source for m in messages[1:-1] for source in m["data"]["sources"]]
    assert cited[0]["url"].endswith("#zmp")
    assert cited[0]["quote"] in text_of(messages)
    end = messages[-1]["data"]
    assert end["grounding"]["supported"] == end["grounding"]["sentences"] > 0
    assert "no language model connected" in end["model"]


async def test_explain_this_is_about_the_selected_passage(example: WebSettings) -> None:
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        alone = await ask(socket, "explain this")
        about_imu = await ask(
            socket,
            "explain this",
            context_chunks=[{"text": "An accelerometer at rest reads one g upward."}],
        )
    check_frames(about_imu)
    assert about_imu[0]["data"]["sources"][0]["file"] == "02-hardware/02-sensors.md"
    assert alone[0]["data"]["code"] == "CONTENT_NOT_FOUND"


async def test_a_chunk_id_is_taken_as_context_and_an_unknown_one_refused(
    example: WebSettings,
) -> None:
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        first = await ask(socket, ZMP)
        chunk_id = first[0]["data"]["sources"][0]["chunk_id"]
        again = await ask(socket, "explain this", context_chunks=[chunk_id])
        unknown = await ask(socket, "explain this", context_chunks=["chunk_" + "0" * 32])
    assert again[0]["data"]["sources"][0]["chunk_id"] == chunk_id
    assert unknown[0]["data"]["code"] == "CONTEXT_NOT_FOUND"


async def test_what_the_book_does_not_cover_is_answered_by_the_nearest_sections(
    example: WebSettings,
) -> None:
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        (message,) = await ask(socket, "What is the capital of France?", client_query_id="mine")
    error = message["data"]
    assert (error["code"], error["client_query_id"]) == ("CONTENT_NOT_FOUND", "mine")
    assert 0 < len(error["suggestions"]) <= 3


@pytest.mark.parametrize(
    "script",
    [[Status(401)], [Status(500)], ["Half an ", CUT]],
    ids=["wrong key", "broken", "cut off"],
)
async def test_a_model_that_fails_is_reported_and_the_server_stays_up(
    example: WebSettings, script: list[Step]
) -> None:
    async with ScriptedOpenAI(script) as endpoint:
        settings = example.model_copy(
            update={"model": "scripted", "openai_base_url": endpoint.base_url}
        )
        async with serving(settings) as url, client(url) as socket:
            await receive(socket)
            *_, error = await ask(socket, ZMP)
            assert error["data"]["code"] == "SERVICE_UNAVAILABLE"
            assert error["data"]["retryable"] is True
            assert endpoint.base_url not in error["data"]["message"]
            await socket.send('{"type": "ping"}')
            assert (await receive(socket))["type"] == "pong"


async def test_an_unreachable_model_is_reported(example: WebSettings) -> None:
    update = {"model": "scripted", "openai_base_url": "http://127.0.0.1:9/v1"}
    async with serving(example.model_copy(update=update)) as url, client(url) as socket:
        await receive(socket)
        *_, error = await ask(socket, ZMP)
        assert error["data"]["code"] == "SERVICE_UNAVAILABLE"


async def test_many_readers_are_answered_at_once(example: WebSettings) -> None:
    from asyncio import gather

    async with serving(example.model_copy(update={"limit_questions": ()})) as url:

        async def read(number: int) -> list[Message]:
            async with client(url) as socket:
                await receive(socket)
                return await ask(socket, f"{ZMP} ({number})")

        for messages in await gather(*(read(number) for number in range(20))):
            # A question may wait for its turn, and is answered then.
            check_frames([message for message in messages if message["type"] != "status"])


async def test_a_full_server_turns_the_next_reader_away(example: WebSettings) -> None:
    full = example.model_copy(update={"max_connections": 1})
    async with serving(full) as url, client(url) as first:
        await receive(first)
        with pytest.raises(InvalidStatus) as refused:
            await client(url).__aenter__()
        assert refused.value.response.status_code == 503
        assert int(refused.value.response.headers["Retry-After"]) >= 1


async def test_the_origin_is_checked_exactly(example: WebSettings) -> None:
    from websockets.asyncio.client import connect

    settings = example.model_copy(update={"allowed_origins": {"https://book.example"}})
    async with serving(settings) as url:
        address = url.replace("http", "ws", 1) + "ws/chat"
        for origin in (url.rstrip("/"), "https://book.example", None):
            async with connect(address, origin=origin):  # type: ignore[arg-type]
                pass
        for origin in ("null", "http://book.example", "https://book.example.evil.example"):
            with pytest.raises(InvalidStatus) as refused:
                await connect(address, origin=origin)  # type: ignore[arg-type]
            assert refused.value.response.status_code == 403


async def test_a_handshake_for_another_subprotocol_ends_with_400(example: WebSettings) -> None:
    from websockets.asyncio.client import connect
    from websockets.typing import Subprotocol

    async with serving(example) as url:
        with pytest.raises(InvalidStatus) as refused:
            await connect(
                url.replace("http", "ws", 1) + "ws/chat", subprotocols=[Subprotocol("chat-v9")]
            )
        assert refused.value.response.status_code == 400


@pytest.mark.parametrize("frame", [b"", b"binary"])
async def test_a_binary_frame_closes_the_socket_with_1003(
    example: WebSettings, frame: bytes
) -> None:
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        await socket.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            await receive(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1003


async def test_a_frame_over_the_limit_closes_the_socket_with_1009(example: WebSettings) -> None:
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        await socket.send("x" * (FRAME_BYTES + 1))
        with pytest.raises(ConnectionClosed) as closed:
            await receive(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


async def test_stopping_sends_idle_sockets_away_with_1012(example: WebSettings) -> None:
    async with AsyncExitStack() as sockets:
        async with serving(example) as url:
            socket = await sockets.enter_async_context(client(url))
            await receive(socket)
        with pytest.raises(ConnectionClosed) as closed:
            await receive(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012


async def test_stopping_ends_an_answer_that_hangs_with_an_error(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hypercorn.toml").write_text("graceful_timeout = 0.2\n")
    async with ScriptedOpenAI(["Half an ", HANG]) as endpoint, AsyncExitStack() as sockets:
        update = {"model": "scripted", "openai_base_url": endpoint.base_url}
        async with serving(example.model_copy(update=update)) as url:
            socket = await sockets.enter_async_context(client(url))
            await receive(socket)
            await socket.send(json.dumps({"type": "question", "data": {"question": ZMP}}))
            assert (await receive(socket))["type"] == "response_start"
            assert (await receive(socket))["type"] == "response_chunk"
        error = await receive(socket)
        assert error["data"]["code"] == "SERVICE_UNAVAILABLE"
        with pytest.raises(ConnectionClosed) as closed:
            await receive(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
