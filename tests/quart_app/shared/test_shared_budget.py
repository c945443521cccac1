"""What all readers together may ask and spend at several servers with one Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from pydantic import SecretStr

from quart_app.answers.budget import UsedUp
from quart_app.answers.limits import Limits
from quart_app.answers.rates import parse_rates
from quart_app.shared.redis_link import RedisLink, open_redis
from quart_app.shared.redis_names import RedisNames
from quart_app.shared.shared_budget import SharedBudget
from quart_app.shared.shared_limits import SharedLimitStore
from tests.support.redis_server import RedisServer, redis_server

THREE_A_DAY = parse_rates("3/day")
NAMES = RedisNames("secret")


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[RedisLink]:
    async with open_redis(SecretStr(redis.url)) as link:
        yield link


async def left(budget: SharedBudget) -> dict[str, int | None]:
    return {limit.name: limit.remaining for limit in await budget.limits()}


async def until_back(link: RedisLink) -> None:
    async with asyncio.timeout(20):
        while link.problem is not None:  # noqa: ASYNC110 -- there is no event
            await asyncio.sleep(0.01)


async def test_of_many_at_once_at_two_servers_exactly_as_many_pass(link: RedisLink) -> None:
    first, second = (
        SharedBudget(link, NAMES, parse_rates("9/hour, 7/day"), 1000) for _ in range(2)
    )
    taken = await asyncio.gather(*(each.take() for each in [first, second] * 10))
    assert taken.count(None) == 7
    refused = await second.take()
    assert isinstance(refused, UsedUp)
    assert refused.reason == "all_day"
    assert 1 <= refused.retry_after <= 86_400
    assert await left(first) == {"all_hour": 2, "all_day": 0, "tokens": 1000}


async def test_what_one_spends_is_used_up_for_the_other(link: RedisLink) -> None:
    first, second = SharedBudget(link, NAMES, (), 1000), SharedBudget(link, NAMES, (), 1000)
    first.spend(400)
    first.spend(599)
    await first.pay()
    assert await second.take() is None
    second.spend(500)  # of an answer under way
    await second.pay()
    assert await left(first) == {"tokens": 0}
    refused = await first.take()
    assert refused is not None
    assert refused.reason == "tokens"


async def test_a_question_that_is_refused_for_another_reason_is_given_back(
    link: RedisLink,
) -> None:
    budget, other = SharedBudget(link, NAMES, THREE_A_DAY), SharedBudget(link, NAMES, THREE_A_DAY)
    limits = Limits(
        SharedLimitStore(link, NAMES), questions=parse_rates("1/hour"), sessions=(),
        messages=None, connections=None, by_session=False, everybody=budget,
    )  # fmt: skip
    assert await limits.take_question("192.0.2.1", "s", is_new_session=True) is None
    refused = await limits.take_question("192.0.2.1", "s", is_new_session=False)
    assert refused is not None
    assert refused.reason == "hour"
    await budget.pay()
    assert await left(other) == {"all_day": 2}
    (day,) = budget.periods
    budget.give_back((day - 1,))  # one that was counted before midnight
    await budget.pay()
    assert await left(other) == {"all_day": 2}


async def test_what_was_counted_without_redis_is_paid_when_it_is_back() -> None:
    with redis_server() as server:
        url = SecretStr(server.url)
        async with open_redis(url) as link, open_redis(url) as elsewhere:
            here, there = (
                SharedBudget(link, NAMES, THREE_A_DAY, 1000),
                SharedBudget(elsewhere, NAMES, THREE_A_DAY),
            )
            assert await here.take() is None
            server.freeze()
            assert await here.take() is None
            assert await here.take() is None
            assert await here.take() is not None
            here.spend(100)
            server.thaw()
            await until_back(link)
            await until_back(elsewhere)
            await here.pay()
            assert await left(there) == {"all_day": 0}
            assert await left(here) == {"all_day": 0, "tokens": 900}


async def test_what_was_on_its_way_when_redis_stood_still_is_counted_once() -> None:
    with redis_server() as server:
        async with open_redis(SecretStr(server.url)) as link:
            here, there = (SharedBudget(link, NAMES, parse_rates("9/day"), 1000) for _ in range(2))
            assert await here.take() is None
            here.spend(100)
            server.freeze()
            assert await here.take() is None  # with the tokens, which Redis reads when it goes on
            here.spend(20)
            leaving = asyncio.create_task(here.take())
            server.thaw()
            await leaving
            await until_back(link)
            await here.pay()
            assert await left(there) == await left(here) == {"all_day": 6, "tokens": 880}


async def test_a_question_whose_reader_leaves_meanwhile_is_not_counted(link: RedisLink) -> None:
    here, there = (SharedBudget(link, NAMES, THREE_A_DAY) for _ in range(2))
    asking = asyncio.create_task(here.take())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    assert await here.take() is None
    assert await left(there) == {"all_day": 2 if asking.cancelled() else 1}


async def test_a_redis_that_lost_its_data_gets_what_a_server_knows(
    link: RedisLink, redis: RedisServer
) -> None:
    budget = SharedBudget(link, NAMES, THREE_A_DAY, 1000)
    assert await budget.take() is None
    budget.spend(100)
    await budget.pay()
    redis.client.flushall()
    assert await left(SharedBudget(link, NAMES, THREE_A_DAY, 1000)) == {
        "all_day": 3,
        "tokens": 1000,
    }
    redis.client.flushall()
    assert await budget.take() is None
    assert await left(SharedBudget(link, NAMES, THREE_A_DAY, 1000)) == {"all_day": 1, "tokens": 900}


async def test_a_period_ends_by_the_clock_of_redis(link: RedisLink, redis: RedisServer) -> None:
    budget = SharedBudget(link, NAMES, THREE_A_DAY)
    for _ in range(3):
        assert await budget.take() is None
    [key] = redis.client.keys("scholiast:budget:*")
    assert 86_400 < redis.client.ttl(key) <= 2 * 86_400
    redis.client.hincrby(key, "period", 1)  # as after its clock was set back
    assert await budget.take() is not None
    redis.client.hincrby(key, "period", -2)
    assert await budget.take() is None
    assert await left(budget) == {"all_day": 2}


async def test_a_server_whose_clock_is_wrong_counts_by_that_of_redis(link: RedisLink) -> None:
    ahead = SharedBudget(link, NAMES, THREE_A_DAY, 1000, clock=lambda: 4e9)
    right = SharedBudget(link, NAMES, THREE_A_DAY, 1000)
    assert await ahead.take() is None
    ahead.spend(10)
    await ahead.pay()
    assert await right.take() is None
    assert await left(ahead) == await left(right) == {"all_day": 1, "tokens": 990}
