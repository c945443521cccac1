from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.errors import SettingError
from quart_app.limit_store import Charge, LimitStore, Refusal
from quart_app.limits import Exceeded, Limits, address_key
from quart_app.protocol import Limit
from quart_app.rates import Rate, parse_limit, parse_rates
from quart_app.settings import WebSettings

TEN_A_MINUTE = Charge("reader", 10, 60)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> LimitStore:
    return LimitStore(clock)


async def test_of_many_at_once_exactly_as_many_pass_as_may(store: LimitStore) -> None:
    taken = await asyncio.gather(*(store.take([TEN_A_MINUTE]) for _ in range(100)))
    assert taken.count(None) == 10


async def test_one_comes_back_at_a_time(store: LimitStore, clock: Clock) -> None:
    for _ in range(10):
        assert await store.take([TEN_A_MINUTE]) is None
    assert await store.take([TEN_A_MINUTE]) == Refusal(TEN_A_MINUTE, 6)
    clock.now += 6
    assert await store.take([TEN_A_MINUTE]) is None
    assert await store.take([TEN_A_MINUTE]) == Refusal(TEN_A_MINUTE, 6)


@given(
    count=st.integers(1, 50),
    seconds=st.sampled_from([60, 3600, 86400]),
    pauses=st.lists(st.floats(0, 100), max_size=30),
)
async def test_after_retry_after_it_is_accepted_and_not_a_second_before(
    count: int, seconds: int, pauses: list[float]
) -> None:
    clock = Clock()
    store = LimitStore(clock)
    charge = Charge("reader", count, seconds)
    for pause in pauses:
        await store.take([charge])
        clock.now += pause
    while (refusal := await store.take([charge])) is None:
        pass
    then = clock.now + refusal.retry_after
    if refusal.retry_after > 1:
        clock.now = then - 1.001
        assert await store.take([charge]) is not None
    clock.now = then
    assert await store.take([charge]) is None


async def test_all_are_charged_or_none(store: LimitStore) -> None:
    few, many = Charge("few", 1, 60), Charge("many", 10, 60)
    assert await store.take([few, many]) is None
    assert await store.take([few, many]) == Refusal(few, 60)
    assert await store.remaining(many) == 9


async def test_of_several_that_are_used_up_the_longest_wait_is_told(store: LimitStore) -> None:
    minute, hour = Charge("m", 1, 60), Charge("h", 1, 3600)
    await store.take([minute, hour])
    assert await store.take([minute, hour]) == Refusal(hour, 3600)


async def test_what_remains_is_told_and_not_taken(store: LimitStore, clock: Clock) -> None:
    assert await store.remaining(TEN_A_MINUTE) == 10
    for _ in range(3):
        await store.take([TEN_A_MINUTE])
    assert await store.remaining(TEN_A_MINUTE) == 7
    clock.now += 5.9
    assert await store.remaining(TEN_A_MINUTE) == 7
    clock.now += 0.1
    assert await store.remaining(TEN_A_MINUTE) == 8


async def test_keys_are_dropped_when_they_are_free_again(store: LimitStore, clock: Clock) -> None:
    for number in range(1000):
        await store.take([Charge(f"reader {number}", 10, 60)])
    for _ in range(9):
        await store.take([Charge("reader 0", 10, 60)])
    clock.now += 7
    await store.take([Charge("another", 10, 60)])
    assert len(store) == 2
    clock.now += 60
    await store.take([Charge("another", 10, 60)])
    assert len(store) == 1


async def test_a_full_store_forgets_who_is_free_soonest(clock: Clock) -> None:
    store = LimitStore(clock, most=2)
    busy, idle = Charge("busy", 2, 60), Charge("idle", 100, 60)
    await store.take([busy])
    await store.take([idle])
    await store.take([busy])
    await store.take([Charge("new", 10, 60)])
    assert len(store) == 2
    assert await store.remaining(busy) == 0
    assert await store.remaining(idle) == 100


async def test_the_librarys_times_are_relative_to_its_own_clock(
    store: LimitStore, clock: Clock
) -> None:
    now = datetime.now(UTC)
    assert await store.get("reader", now) == now
    await store.set("reader", datetime.now(UTC) + timedelta(seconds=30))
    clock.now += 10
    an_hour_back = now - timedelta(hours=1)
    tat = await store.get("reader", an_hour_back)
    assert (tat - an_hour_back).total_seconds() == pytest.approx(20, abs=1)


def limits_with(clock: Clock, **settings: Any) -> Limits:
    return Limits(WebSettings.model_construct(**settings), LimitStore(clock))


async def test_questions_are_counted_by_address(clock: Clock) -> None:
    limits = limits_with(clock, limit_questions="1/minute, 2/hour")
    assert await limits.take_question("a", "one", is_new_session=True) is None
    refused = await limits.take_question("a", "two", is_new_session=True)
    assert refused == Exceeded("minute", 60)
    assert await limits.take_question("b", "three", is_new_session=True) is None
    clock.now += 60
    assert await limits.take_question("a", "two", is_new_session=True) is None
    clock.now += 60
    refused = await limits.take_question("a", "two", is_new_session=False)
    assert refused == Exceeded("hour", 1680)


async def test_questions_are_counted_by_session_and_sessions_by_address(clock: Clock) -> None:
    limits = limits_with(
        clock, limit_key="session", limit_questions="2/minute", limit_sessions="2/hour"
    )
    for session in ("one", "two"):
        assert await limits.take_question("a", session, is_new_session=True) is None
        assert await limits.take_question("a", session, is_new_session=False) is None
        refused = await limits.take_question("a", session, is_new_session=False)
        assert refused == Exceeded("minute", 30)
    refused = await limits.take_question("a", "three", is_new_session=True)
    assert refused == Exceeded("hour", 1800)
    assert await limits.take_question("b", "three", is_new_session=True) is None
    assert await limits.question_limits("a", "three") == (
        Limit("minute", 2, 1),
        Limit("sessions", 2, 0),
    )


async def test_limits_may_be_off(clock: Clock) -> None:
    limits = limits_with(
        clock, limit_questions="off", limit_messages="off", limit_connections="off"
    )
    for _ in range(1000):
        assert await limits.take_question("a", "one", is_new_session=False) is None
    assert await limits.question_limits("a", "one") == ()
    assert (limits.messages, limits.connections) == (None, None)


async def test_the_defaults_are_those_of_the_protocol(clock: Clock) -> None:
    limits = limits_with(clock)
    assert await limits.question_limits("a", "one") == (
        Limit("minute", 10, 10),
        Limit("hour", 50, 50),
        Limit("day", 200, 200),
    )
    assert (limits.messages, limits.connections) == (100, 100)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_an_ipv6_network_is_one_reader(address: str, key: str) -> None:
    assert address_key(address) == key


def test_rates_are_read_as_people_write_them() -> None:
    assert parse_rates(" 200/day,10 / minute ") == (Rate(10, "minute"), Rate(200, "day"))
    assert parse_rates("off") == ()
    assert (parse_limit("7"), parse_limit("off")) == (7, None)


@pytest.mark.parametrize(
    "text", ["", "10", "10/second", "0/minute", "-1/hour", "1.5/hour", "1/hour,2/hour", "1/hour,"]
)
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"minute|once"):
        parse_rates(text)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SCHOLIAST_LIMIT_QUESTIONS", "10/fortnight"),
        ("SCHOLIAST_LIMIT_SESSIONS", "many"),
        ("SCHOLIAST_LIMIT_MESSAGES", "0"),
        ("SCHOLIAST_LIMIT_CONNECTIONS", "none"),
        ("SCHOLIAST_LIMIT_KEY", "cookie"),
    ],
)
@pytest.mark.usefixtures("alone")
def test_a_wrong_limit_is_named_with_its_fix(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingError, match=variable):
        WebSettings.read()
