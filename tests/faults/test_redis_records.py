"""Sessions and budgets in Redis that hold what none of our servers wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from pydantic import SecretStr
from redis import Redis

from chains.question import Turn
from quart_app.answers.session_tokens import SessionTokens
from quart_app.settings import WebSettings
from quart_app.shared.redis_link import open_redis
from quart_app.shared.redis_names import RedisNames
from quart_app.shared.shared_budget import SharedBudget
from quart_app.shared.shared_sessions import SharedSessionStore
from tests.faults.test_answers_elsewhere import ZMP, keys_of, two_servers
from tests.support.redis_server import RedisServer
from tests.support.sharing import SECRET
from tests.support.talking import client, receive, send, until_end

NAMES = RedisNames(SECRET)


@asynccontextmanager
async def session(redis: RedisServer) -> AsyncIterator[tuple[SharedSessionStore, Redis, str]]:
    """The sessions of a server; and of one with a question and a turn, the name in Redis."""
    async with open_redis(SecretStr(redis.url)) as link:
        store = SharedSessionStore(link, NAMES, SessionTokens(SECRET, 3600), 3600)
        await store.begin("session_1", "query_1", "mine")
        await store.add_turn("session_1", Turn("Why?", (), "So."))
        yield store, redis.client, NAMES.of("scholiast:session:", "session_1")


async def test_turns_that_none_of_our_servers_wrote_are_left_out(redis: RedisServer) -> None:
    async with session(redis) as (store, client, name):
        long = msgspec.json.encode(Turn("x" * 1_000_000, (), "y")).decode()
        many = msgspec.json.encode(Turn("x" * 5000, (), "y")).decode()
        for written in ("garbage", f"5:{many}", f"5:{long}", '5:{"asked": 5}', "-9:{}"):
            client.rpush(f"{name}:turns", written)
        history = (await store.begin("session_1", "query_2", None)).history
        assert [len(turn.question) for turn in history] == [4, 5000]
        await store.add_turn("session_1", Turn("And now?", (), "Now."))
        assert (await store.begin("session_1", "query_3", None)).history[-1].question == "And now?"


async def test_an_id_that_none_of_our_servers_wrote_is_unknown(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    async with two_servers(example, second, redis, ["The end."]) as servers:
        async with client(servers.here) as asking:
            keys = keys_of(await receive(asking))
            await send(asking, "question", {"question": ZMP, "client_query_id": "mine"})
            await until_end(asking)
        [names] = redis.client.keys("scholiast:session:*:names")
        redis.client.hset(names, "client mine", b"\xff\xfe")
        async with client(servers.there) as socket:
            await receive(socket)
            await send(socket, "resume", {**keys, "client_query_id": "mine", "last_seq": -1})
            assert (await receive(socket))["data"]["reason"] == "unknown"
            again = {"question": ZMP, "client_query_id": "mine", **keys}
            await send(socket, "question", again)
            assert (await until_end(socket))[-1]["type"] == "response_end"


async def test_a_budget_that_another_hand_has_written_is_counted_by_each_server(
    redis: RedisServer,
) -> None:
    async with open_redis(SecretStr(redis.url)) as link:
        budget = SharedBudget(link, RedisNames("secret"), tokens=100)
        budget.spend(40)
        await budget.pay()
        [key] = redis.client.keys("scholiast:budget:*")
        for field in map(str, redis.client.hkeys(key)):
            if field.startswith("call:"):
                redis.client.hset(key, field, "1e300")
        [limit] = await budget.limits()
        assert (limit.limit, limit.remaining) == (100, 60)
        assert await budget.take() is None
