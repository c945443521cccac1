"""Answers of one server, followed at another that has the same Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import Served, served
from tests.support.folders import copy_folder
from tests.support.redis_server import RedisServer
from tests.support.scripted_openai import ScriptedOpenAI, Step
from tests.support.sharing import SECRET, sharing
from tests.support.talking import Message, client, receive, send, text_of, until_end

ZMP = "What is the zero moment point?"
PIECES = ("Der Nullmomentpunkt ", "hält ", "🦾 das Gleichgewicht", " – 漢字", ", e\u0301", ".\n\n")
TEXT = "".join(PIECES * 2)


@dataclass
class Servers:
    """Two of one book, which answer by the same endpoint."""

    here: str
    there: str
    endpoint: ScriptedOpenAI


@asynccontextmanager
async def two_servers(
    one: WebSettings, other: WebSettings, redis: RedisServer, *scripts: list[Step]
) -> AsyncIterator[Servers]:
    async with ScriptedOpenAI(*scripts) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url, "limit_questions": ()}
        first, second = (sharing(each, redis.url, **model) for each in (one, other))
        async with serving(first) as here, serving(second) as there:
            yield Servers(here, there, endpoint)


def slowly(pause: float) -> list[Step]:
    return [step for piece in PIECES * 2 for step in (piece, pause)]


def keys_of(welcome: Message) -> dict[str, Any]:
    return {name: welcome["data"][name] for name in ("session_id", "session_token")}


async def read_until(url: str, cut: int, **asked: Any) -> tuple[dict[str, Any], list[Message]]:
    """Ask, read until a chunk with at least this seq has come, and leave: the session's keys, and
    what came."""
    async with client(url) as socket:
        keys = keys_of(await receive(socket))
        await send(socket, "question", {"question": ZMP, **asked})
        got = [await receive(socket)]
        while got[-1]["data"].get("seq", -1) < cut:
            got.append(await receive(socket))
    return keys, got


async def resume(url: str, keys: dict[str, Any], **wanted: Any) -> list[Message]:
    """What comes after a `resume` that succeeds."""
    async with client(url) as socket:
        await receive(socket)
        await send(socket, "resume", {**keys, **wanted})
        resumed = await receive(socket)
        assert resumed["data"]["recovered"], resumed
        return await until_end(socket)


async def until_features(url: str, *, lacking: str) -> None:
    """Wait until a welcome lacks the feature."""
    async with asyncio.timeout(30):
        while True:
            async with client(url) as socket:
                if lacking not in (await receive(socket))["data"]["features"]:
                    return


def seq_of(messages: list[Message]) -> int:
    return max(int(message["data"].get("seq", -1)) for message in messages)


async def test_an_answer_that_is_cut_at_any_seq_goes_on_at_another_server_to_the_byte(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    async with two_servers(example, second, redis, slowly(0.03)) as servers:

        async def cut_at(seq: int) -> None:
            keys, before = await read_until(servers.here, seq)
            query_id = before[0]["data"]["query_id"]
            after = await resume(servers.there, keys, query_id=query_id, last_seq=seq_of(before))
            end = after[-1]["data"]
            text = text_of(before) + text_of(after)
            assert text == TEXT, seq
            assert end["content_sha256"] == sha256(TEXT.encode()).hexdigest()
            seqs = [m["data"]["seq"] for m in after if m["type"] == "response_chunk"]
            assert seqs == sorted(seqs)

        await asyncio.gather(*(cut_at(seq) for seq in range(-1, len(PIECES) * 2)))
    assert len(servers.endpoint.requests) == len(PIECES) * 2 + 1


async def test_an_answer_that_has_ended_is_resumed_at_another_server_from_any_seq(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    async with two_servers(example, second, redis, slowly(0.0)) as servers:
        keys, before = await read_until(servers.here, 0, client_query_id="mine")
        whole = await resume(servers.here, keys, client_query_id="mine", last_seq=-1)
        for seq in range(-1, seq_of(whole) + 1):
            after = await resume(servers.there, keys, client_query_id="mine", last_seq=seq)
            assert after[-1]["data"] == whole[-1]["data"]
            assert TEXT.endswith(text_of(after))
            if seq < 0:
                sources = [got[0]["data"]["sources"] for got in (before, after)]
                assert sources[0] == sources[1]
                assert text_of(after) == TEXT


async def test_a_question_that_is_asked_at_two_servers_at_once_is_answered_once(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    async with (
        two_servers(example, second, redis, slowly(0.01)) as servers,
        client(servers.here) as one,
        client(servers.there) as other,
    ):
        keys = keys_of(await receive(one))
        await receive(other)
        asked = {"question": ZMP, "client_query_id": "mine", **keys}
        await asyncio.gather(*(send(socket, "question", asked) for socket in (one, other)))
        both = await asyncio.gather(until_end(one), until_end(other))
    assert [text_of(got) for got in both] == [TEXT, TEXT]
    assert both[0][-1]["data"] == both[1][-1]["data"]
    assert len(servers.endpoint.requests) == 1


async def test_an_answer_is_cancelled_at_another_server(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    never = asyncio.Event()
    async with (
        two_servers(example, second, redis, ["Half", never]) as servers,
        client(servers.here) as one,
        client(servers.there) as other,
    ):
        keys = keys_of(await receive(one))
        await receive(other)
        await send(one, "question", {"question": ZMP, "client_query_id": "mine"})
        assert (await receive(one))["type"] == "response_start"
        await send(other, "question", {"question": ZMP, "client_query_id": "mine", **keys})
        while (got := await receive(other))["type"] != "response_chunk":
            pass
        assert got["data"]["content"] == "Half"
        await send(other, "cancel", {"client_query_id": "mine"})
        ends = [(await until_end(socket))[-1] for socket in (one, other)]
    assert [end["data"]["status"] for end in ends] == ["cancelled", "cancelled"]
    assert ends[0]["data"] == ends[1]["data"]


async def test_an_answer_whose_server_is_killed_ends_elsewhere_with_an_error_to_ask_again(
    example_folder: Path, tmp_path: Path, redis: RedisServer
) -> None:
    never = asyncio.Event()
    with ExitStack() as stack:
        async with ScriptedOpenAI(["Half", never]) as endpoint:
            shared = {
                "OPENAI_BASE_URL": endpoint.base_url,
                "SCHOLIAST_MODEL": "scripted",
                "REDIS_URL": redis.url,
                "SCHOLIAST_SESSION_SECRET": SECRET,
            }

            def start(name: str) -> Served:
                copy_folder(example_folder, tmp_path / name / ".scholiast")
                return stack.enter_context(served(tmp_path / name, **shared))

            here, there = [await asyncio.to_thread(start, name) for name in ("here", "there")]
            keys, before = await read_until(here.url, 0, client_query_id="mine")
            query_id = before[0]["data"]["query_id"]
            async with client(there.url) as socket:
                await receive(socket)
                await send(socket, "resume", {**keys, "query_id": query_id, "last_seq": -1})
                while (got := await receive(socket))["type"] != "response_chunk":
                    pass
                assert got["data"]["content"] == "Half"
                here.process.kill()
                async with asyncio.timeout(10):
                    error = await receive(socket)
            again = await resume(there.url, keys, client_query_id="mine", last_seq=0)
    for said in (error, again[-1]):
        assert said["type"] == "error"
        assert said["data"]["code"] == "SERVICE_UNAVAILABLE"
        assert said["data"]["retryable"]
        assert said["data"]["query_id"] == query_id


async def test_a_server_that_drains_ends_answers_that_are_followed_elsewhere_alone(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    goes_on = asyncio.Event()
    script: list[Step] = ["Half an answer ", goes_on, "and the rest."]
    async with ScriptedOpenAI(script) as endpoint, AsyncExitStack() as stack:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url, "limit_questions": ()}
        one, other = (sharing(each, redis.url, **model) for each in (example, second))
        there = await stack.enter_async_context(serving(other))
        async with AsyncExitStack() as leaving:
            here = await leaving.enter_async_context(serving(one))
            keys, before = await read_until(here, 0)
            query_id = before[0]["data"]["query_id"]
            after = asyncio.create_task(resume(there, keys, query_id=query_id, last_seq=-1))
            idle = await stack.enter_async_context(client(here))
            stopping = asyncio.create_task(leaving.pop_all().aclose())
            await idle.wait_closed()  # no socket is left
            goes_on.set()
            await stopping
        assert text_of(await after) == "Half an answer and the rest."


async def test_when_redis_is_gone_answers_go_on_where_they_are_and_elsewhere_when_it_is_back(
    example: WebSettings, second: WebSettings, own_redis: RedisServer
) -> None:
    kill, back = asyncio.Event(), asyncio.Event()
    script: list[Step] = ["One ", kill, "two ", back, "three."]
    async with (
        two_servers(example, second, own_redis, script) as servers,
        client(servers.here) as one,
        client(servers.there) as other,
    ):
        welcome = await receive(one)
        assert "resume_anywhere" in welcome["data"]["features"]
        await receive(other)
        asked = {"question": ZMP, "client_query_id": "mine", **keys_of(welcome)}
        for socket in (one, other):  # one after the other: it is `here` that answers
            await send(socket, "question", asked)
            while (await receive(socket))["type"] != "response_chunk":
                pass
        own_redis.kill()
        kill.set()
        said = text_of([await receive(one)])
        await until_features(servers.here, lacking="resume_anywhere")
        own_redis.start()
        back.set()
        assert "One" + said + text_of(await until_end(one)) == "One two three."
        assert "One" + text_of(await until_end(other)) == "One two three."
