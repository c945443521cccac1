"""Sessions that several servers share in one Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from chains.question import Turn
from quart_app.answers.session_store import MOST_CHARACTERS, MOST_QUERIES, MOST_TURNS
from quart_app.answers.session_tokens import SessionTokens
from quart_app.shared import shared_sessions
from quart_app.shared.redis_link import RedisLink, open_redis
from quart_app.shared.redis_names import RedisNames
from quart_app.shared.shared_sessions import SharedSessionStore
from tests.support.redis_server import RedisServer, redis_server

SECRET = "the same secret on every server"
LIFETIME = 3600
SESSION = "session_1f0e"
TURN = Turn("What is a gait?", ("A “gait” is\nhow",), "A way to walk.", ("uuid",))


def store_of(link: RedisLink, secret: str = SECRET) -> SharedSessionStore:
    tokens = SessionTokens(secret, LIFETIME)
    return SharedSessionStore(link, RedisNames(secret), tokens, LIFETIME)


@asynccontextmanager
async def two_servers(redis: RedisServer) -> AsyncIterator[list[SharedSessionStore]]:
    url = SecretStr(redis.url)
    async with open_redis(url) as one, open_redis(url) as other:
        yield [store_of(one), store_of(other)]


@pytest.fixture
async def stores(redis: RedisServer) -> AsyncIterator[list[SharedSessionStore]]:
    async with two_servers(redis) as stores:
        yield stores


async def test_another_server_knows_what_was_asked_and_answered_before(
    stores: list[SharedSessionStore],
) -> None:
    here, there = stores
    begun = await here.begin(SESSION, "query_1", None)
    assert (begun.is_new_session, begun.history) == (True, ())
    await here.add_turn(SESSION, TURN)
    begun = await there.begin(SESSION, "query_2", None)
    assert (begun.is_new_session, begun.history) == (False, (TURN,))
    await there.add_turn(SESSION, Turn("And a ZMP?", (), "A point.[1]"))
    begun = await here.begin(SESSION, "query_3", None)
    assert begun.history == (TURN, Turn("And a ZMP?", (), "A point."))


async def test_a_session_is_new_once_and_again_when_its_only_question_was_refused(
    stores: list[SharedSessionStore],
) -> None:
    here, there = stores
    begun = await asyncio.gather(
        *(each.begin(SESSION, f"query_{n}", None) for n, each in enumerate(stores * 5))
    )
    assert [each.is_new_session for each in begun].count(True) == 1
    for number, each in enumerate((stores * 5)[:-1]):
        await each.release(SESSION, f"query_{number}")
    assert not (await here.begin(SESSION, "query_10", None)).is_new_session
    await here.release(SESSION, "query_10")
    await there.release(SESSION, "query_9")
    assert (await here.begin(SESSION, "query_11", None)).is_new_session


async def test_a_turn_of_a_session_that_has_ended_is_dropped(
    stores: list[SharedSessionStore], redis: RedisServer
) -> None:
    here, there = stores
    await here.begin(SESSION, "query_1", None)
    redis.client.flushall()
    await here.add_turn(SESSION, TURN)
    assert (await there.begin(SESSION, "query_2", None)).history == ()


async def test_history_has_the_bounds_that_it_has_in_memory(
    stores: list[SharedSessionStore],
) -> None:
    here, there = stores
    await here.begin(SESSION, "query_1", None)
    for number in range(MOST_TURNS + 2):
        await here.add_turn(SESSION, Turn(f"{number}?", (), "Ä."))
    history = (await there.begin(SESSION, "query_2", None)).history
    assert [turn.question for turn in history] == [f"{n}?" for n in range(2, MOST_TURNS + 2)]
    await here.add_turn(SESSION, Turn("long?", (), "ü" * MOST_CHARACTERS))
    history = (await there.begin(SESSION, "query_3", None)).history
    assert [turn.question for turn in history] == ["long?"]
    assert history == (await here.begin(SESSION, "query_4", None)).history


async def test_keys_end_with_the_session_and_hold_no_session_in_their_names(
    stores: list[SharedSessionStore], redis: RedisServer
) -> None:
    here, _ = stores
    for number in range(MOST_QUERIES + 9):
        await here.begin(SESSION, f"query_{number}", None)
    await here.add_turn(SESSION, TURN)
    keys = [key for key in redis.client.scan_iter() if key != "scholiast:looked-at"]
    assert len(keys) == 3
    assert all(LIFETIME - 60 < redis.client.ttl(key) <= LIFETIME for key in keys)
    assert not any("1f0e" in key for key in keys)
    [queries] = [key for key in keys if redis.client.type(key) == "zset" and ":session:" in key]
    assert redis.client.zcard(queries) == MOST_QUERIES + 1


async def test_of_too_many_sessions_the_one_that_was_not_used_for_longest_goes(
    stores: list[SharedSessionStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_sessions, "MOST_SESSIONS", 2)
    here, there = stores
    for name in "abc":
        await here.begin(name, f"query_{name}", None)
        await here.add_turn(name, TURN)
    await there.begin("a", "query_again", None)
    await there.begin("d", "query_d", None)
    used = {name: await there.begin(name, "query_last", None) for name in "adcb"}
    assert [name for name, begun in used.items() if begun.is_new_session] == ["b"]


async def test_sessions_of_another_secret_take_no_place(
    stores: list[SharedSessionStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_sessions, "MOST_SESSIONS", 2)
    here, there = stores
    foreign = store_of(here.link, "another secret")
    await here.begin(SESSION, "query_1", None)
    await here.add_turn(SESSION, TURN)
    for name in "abcd":
        await foreign.begin(name, f"query_{name}", None)
    assert (await there.begin(SESSION, "query_2", None)).history == (TURN,)


async def test_turns_that_redis_did_not_get_are_there_when_it_is_back() -> None:
    with redis_server() as server:
        async with two_servers(server) as (here, there):
            await there.begin(SESSION, "query_0", None)
            await there.add_turn(SESSION, TURN)
            assert not (await here.begin(SESSION, "query_1", None)).is_new_session
            server.freeze()
            during = Turn("Meanwhile?", (), "An answer.")
            await here.add_turn(SESSION, during)
            assert (await here.begin(SESSION, "query_2", None)).history == (during,)
            server.thaw()
            async with asyncio.timeout(30):
                while TURN not in (await here.begin(SESSION, "q", None)).history:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            history = (await there.begin(SESSION, "query_4", None)).history
            assert history[0] == TURN
            assert during in history


async def test_several_questions_at_once_bring_such_turns_to_redis_once_and_in_order() -> None:
    with redis_server() as server:
        async with two_servers(server) as (here, there):
            await here.begin(SESSION, "query_1", None)
            server.kill()
            turns = tuple(Turn(f"{number}?", (), "Yes.") for number in range(3))
            for turn in turns:
                await here.add_turn(SESSION, turn)
            server.start()
            async with asyncio.timeout(30):
                while here.link.problem is not None:  # noqa: ASYNC110 -- there is no event
                    await asyncio.sleep(0.01)
            await there.begin(SESSION, "query_2", None)  # Redis knows the session again
            asked = (here.begin(SESSION, f"query_{number}", None) for number in (3, 4, 5))
            assert [begun.history for begun in await asyncio.gather(*asked)] == [turns] * 3
            assert (await there.begin(SESSION, "query_6", None)).history == turns


async def test_a_redis_that_lost_its_data_gets_what_a_server_knows_of_a_session(
    stores: list[SharedSessionStore], redis: RedisServer
) -> None:
    here, there = stores
    await here.begin(SESSION, "query_1", None)
    await here.add_turn(SESSION, TURN)
    redis.client.flushall()
    begun = await here.begin(SESSION, "query_2", None)
    assert (begun.is_new_session, begun.history) == (False, (TURN,))
    assert (await there.begin(SESSION, "query_3", None)).history == (TURN,)


async def test_a_session_does_not_begin_with_a_question_whose_reader_goes_meanwhile(
    stores: list[SharedSessionStore], redis: RedisServer
) -> None:
    here, there = stores
    await here.begin("another", "query_0", None)  # Redis knows the script from here on
    redis.freeze()
    asking = asyncio.create_task(here.begin(SESSION, "query_1", None))
    for _ in range(100):  # rounds of the event loop, until it waits for Redis
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking])
    redis.thaw()
    async with asyncio.timeout(30):
        while here._releasing:  # noqa: ASYNC110 -- there is no event
            await asyncio.sleep(0.01)
    assert (await there.begin(SESSION, "query_2", None)).is_new_session


async def test_turns_of_another_version_are_left_out(
    stores: list[SharedSessionStore], redis: RedisServer
) -> None:
    here, there = stores
    await here.begin(SESSION, "query_1", None)
    await here.add_turn(SESSION, TURN)
    [key] = redis.client.scan_iter("*:turns")
    redis.client.rpush(key, '9:{"asked":"What?"}', "what")
    assert (await there.begin(SESSION, "query_2", None)).history == (TURN,)


async def test_a_question_that_was_asked_here_before_is_not_begun_again(
    stores: list[SharedSessionStore],
) -> None:
    here, _ = stores
    await here.begin(SESSION, "query_1", "mine")
    assert (await here.begin(SESSION, "query_2", "mine")).query_id == "query_1"
    assert await here.find(SESSION, client_query_id="mine") == "query_1"
