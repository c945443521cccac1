"""Limits that several servers count in one Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from quart_app.answers.limit_store import Charge, Refusal
from quart_app.shared.redis_link import MOST_CALLS, RedisLink, open_redis
from quart_app.shared.redis_names import RedisNames
from quart_app.shared.shared_limits import SharedLimitStore
from tests.support.redis_server import RedisServer, redis_server

NAMES = RedisNames("the same secret on every server")
TEN_AN_HOUR = Charge("question hour 192.0.2.77", 10, 3600)


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[RedisLink]:
    async with open_redis(SecretStr(redis.url)) as link:
        yield link


@pytest.fixture
async def other(redis: RedisServer) -> AsyncIterator[SharedLimitStore]:
    """The store of another server."""
    async with open_redis(SecretStr(redis.url)) as link:
        yield SharedLimitStore(link, NAMES)


@pytest.fixture
def store(link: RedisLink) -> SharedLimitStore:
    return SharedLimitStore(link, NAMES)


async def test_of_many_at_once_at_two_servers_exactly_as_many_pass_as_every_rate_allows(
    store: SharedLimitStore, other: SharedLimitStore
) -> None:
    charges = [TEN_AN_HOUR, Charge("day", 12, 86_400)]
    stores = [store, other] * 20
    taken = await asyncio.gather(*(each.take(charges) for each in stores))
    assert taken.count(None) == 10
    assert await store.remaining(charges) == await other.remaining(charges) == [0, 2]
    assert Refusal(TEN_AN_HOUR, 360) in taken


async def test_a_burst_of_questions_is_counted_over_few_connections(
    store: SharedLimitStore, link: RedisLink, redis: RedisServer
) -> None:
    charge = Charge("reader", 450, 3600)
    taken = await asyncio.gather(*(store.take([charge]) for _ in range(500)))
    assert taken.count(None) == 450
    connections = [client for client in redis.client.client_list() if client["cmd"] == "evalsha"]
    assert len(connections) <= MOST_CALLS
    assert link.problem is None


async def test_all_are_charged_or_none_and_the_longest_wait_is_returned(
    store: SharedLimitStore, other: SharedLimitStore
) -> None:
    few, none = Charge("few", 1, 3600), Charge("day", 1, 86_400)
    assert await store.take([few, TEN_AN_HOUR]) is None
    assert await other.take([few, TEN_AN_HOUR]) == Refusal(few, 3600)
    assert await other.take([none]) is None
    assert await store.take([few, none, TEN_AN_HOUR]) == Refusal(none, 86_400)
    assert await other.remaining([TEN_AN_HOUR]) == [9]
    assert round((await other.ahead(few.key)).total_seconds()) == 3600
    assert not await other.ahead("nobody")


async def test_without_charges_redis_is_not_asked(
    store: SharedLimitStore, redis: RedisServer
) -> None:
    redis.client.config_resetstat()
    assert await store.take([]) is None
    assert await store.remaining([]) == []
    assert "cmdstat_evalsha" not in redis.client.info("commandstats")


async def test_a_key_holds_no_address_and_goes_when_its_charge_is_free_again(
    store: SharedLimitStore, redis: RedisServer
) -> None:
    assert await store.take([TEN_AN_HOUR]) is None
    [key] = redis.client.scan_iter("scholiast:limit:*")
    assert "192" not in key
    assert 359_000 < redis.client.pttl(key) <= 360_000
    assert await store.take([Charge("soon", 20, 1)]) is None
    async with asyncio.timeout(10):
        while redis.client.dbsize() > 2:  # noqa: ASYNC110 -- the first, and what is looked at
            await asyncio.sleep(0.01)


async def test_another_secret_counts_apart(store: SharedLimitStore, link: RedisLink) -> None:
    assert await store.take([Charge("reader", 1, 60)]) is None
    assert (
        await SharedLimitStore(link, RedisNames("another")).take([Charge("reader", 1, 60)]) is None
    )


async def test_a_clock_of_redis_that_was_set_back_keeps_nobody_out_for_longer_than_a_period(
    store: SharedLimitStore, redis: RedisServer
) -> None:
    charge = Charge("reader", 2, 60)
    assert await store.take([charge]) is None
    [key] = redis.client.scan_iter("scholiast:limit:*")
    redis.client.incrby(key, 86_400_000_000)
    assert await store.take([charge]) == Refusal(charge, 30)


async def test_who_used_up_a_limit_gets_no_new_one_while_redis_is_gone() -> None:
    with redis_server() as server:
        async with open_redis(SecretStr(server.url)) as link:
            store = SharedLimitStore(link, NAMES)
            for _ in range(10):
                assert await store.take([TEN_AN_HOUR]) is None
            server.kill()
            assert await store.take([TEN_AN_HOUR]) == Refusal(TEN_AN_HOUR, 360)
            assert await store.remaining([TEN_AN_HOUR]) == [0]
            assert round((await store.ahead(TEN_AN_HOUR.key)).total_seconds()) == 3600
            assert await store.take([Charge("another", 1, 60)]) is None
            assert await store.take([Charge("another", 1, 60)]) is not None


async def test_a_redis_that_lost_its_scripts_gets_them_again(
    store: SharedLimitStore, redis: RedisServer
) -> None:
    assert await store.take([TEN_AN_HOUR]) is None
    redis.client.script_flush()
    assert await store.take([TEN_AN_HOUR]) is None
    assert await store.remaining([TEN_AN_HOUR]) == [8]
