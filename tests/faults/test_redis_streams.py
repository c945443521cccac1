"""Streams in Redis that hold what none of our servers wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from redis import Redis

from quart_app.settings import WebSettings
from quart_app.shared.redis_names import RedisNames
from quart_app.shared.stream_names import ANSWER
from quart_app.shared.streams.entries import Entry, encode
from tests.faults.test_answers_elsewhere import TEXT, ZMP, Servers, keys_of, slowly, two_servers
from tests.support.redis_server import RedisServer
from tests.support.sharing import SECRET
from tests.support.talking import client, receive, send, text_of, until_end

NAMES = RedisNames(SECRET)
PATIENCE = 60.0


@dataclass
class Followed:
    """An answer that goes on while somebody follows it at another server: its stream."""

    redis: Redis
    stream: str

    def mailboxes(self) -> list[str]:
        keys = map(str, self.redis.keys("scholiast:server:*"))
        return [key for key in keys if not key.endswith((":alive", ":dead"))]


@asynccontextmanager
async def follower(servers: Servers, redis: RedisServer) -> AsyncIterator[tuple[Followed, Any]]:
    """A question at one server, and a socket that follows its answer at the other."""
    async with client(servers.here) as asking, client(servers.there) as following:
        keys = keys_of(await receive(asking))
        await receive(following)
        await send(asking, "question", {"question": ZMP})
        query_id = (await receive(asking))["data"]["query_id"]
        await send(following, "resume", {**keys, "query_id": query_id, "last_seq": -1})
        assert (await receive(following))["data"]["recovered"]
        assert (await receive(following))["type"] == "response_start"
        yield Followed(redis.client, NAMES.of(ANSWER, query_id)), following


def take_the_mailboxes(answer: Followed) -> None:
    for box in answer.mailboxes():
        answer.redis.delete(box)
        answer.redis.set(box, "a text")


def write_garbage_to_the_mailboxes(answer: Followed) -> None:
    for box in answer.mailboxes():
        answer.redis.xadd(box, {b"\xff\xfe": b"\xff", "cancel": "nobody's"})


@pytest.mark.parametrize("spoil", [take_the_mailboxes, write_garbage_to_the_mailboxes])
async def test_a_spoilt_mailbox_keeps_no_follower_waiting(
    example: WebSettings,
    second: WebSettings,
    redis: RedisServer,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Followed], None],
) -> None:
    async with (
        two_servers(example, second, redis, slowly(0.1)) as servers,
        follower(servers, redis) as (answer, following),
    ):
        spoil(answer)
        async with asyncio.timeout(PATIENCE):
            messages = await until_end(following)
    assert (messages[-1]["type"], text_of(messages)) == ("response_end", TEXT)
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []


async def test_a_spoilt_stream_ends_its_own_answer_alone(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    silent = asyncio.Event()
    async with (
        two_servers(example, second, redis, [silent, "Late."], slowly(0.1)) as servers,
        follower(servers, redis) as (answer, following),
        follower(servers, redis) as (_, other),
    ):
        answer.redis.delete(answer.stream)
        answer.redis.set(answer.stream, "a text")
        async with asyncio.timeout(PATIENCE):
            assert (await until_end(following))[-1]["data"]["code"] == "SERVICE_UNAVAILABLE"
            assert text_of(await until_end(other)) == TEXT
        silent.set()


async def test_an_answer_is_followed_though_the_clock_of_redis_was_set_back(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    async with (
        two_servers(example, second, redis, slowly(0.2)) as servers,
        follower(servers, redis) as (answer, following),
    ):
        seen = [await receive(following)]
        # An entry of the future, which adds nothing; then the stream is lost, and made again.
        answer.redis.xadd(answer.stream, {"d": encode(Entry(0))}, id="9999999999999-1")
        seen += [await receive(following), await receive(following)]
        answer.redis.delete(answer.stream)
        async with asyncio.timeout(PATIENCE):
            messages = await until_end(following)
    assert (messages[-1]["type"], text_of(seen + messages)) == ("response_end", TEXT)
