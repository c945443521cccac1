from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.errors import SettingError
from quart_app.answers.exceeded import CONVERSATIONS, Exceeded
from quart_app.answers.limit_store import MOST_DROPPED, SECOND, Charge, LimitStore, Refusal
from quart_app.answers.limits import Limits
from quart_app.answers.rates import SECONDS, Rate, parse_limit, parse_rates
from quart_app.protocol.server_messages import Limit
from quart_app.settings import WebSettings
from quart_app.sharing import limits_of
from tests.support.clocks import Clock

A_CENTURY = 100 * 365 * 86400 * SECOND
TEN_A_MINUTE = Charge("reader", 10, 60)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> LimitStore:
    return LimitStore(clock)


@given(
    counts=st.fixed_dictionaries({period: st.integers(1, 300) for period in SECONDS}),
    askers=st.integers(1, 320),
    uptime=st.integers(0, A_CENTURY),
)
async def test_of_many_at_once_exactly_as_many_pass_as_every_rate_allows(
    counts: dict[Any, int], askers: int, uptime: int
) -> None:
    store = LimitStore(Clock(uptime))
    charges = [Charge(period, count, SECONDS[period]) for period, count in counts.items()]
    taken = await asyncio.gather(*(store.take(charges) for _ in range(askers)))
    passed = min(askers, *counts.values())
    assert taken.count(None) == passed
    for charge in charges:
        assert await store.remaining([charge]) == [charge.count - passed]


async def test_one_comes_back_at_a_time(store: LimitStore, clock: Clock) -> None:
    for _ in range(10):
        assert await store.take([TEN_A_MINUTE]) is None
    assert await store.take([TEN_A_MINUTE]) == Refusal(TEN_A_MINUTE, 6)
    clock.forward(6)
    assert await store.take([TEN_A_MINUTE]) is None
    assert await store.take([TEN_A_MINUTE]) == Refusal(TEN_A_MINUTE, 6)


@given(
    count=st.integers(1, 50),
    seconds=st.sampled_from([60, 3600, 86400]),
    pauses=st.lists(st.integers(0, 100 * SECOND), max_size=30),
    uptime=st.integers(0, A_CENTURY),
)
async def test_after_retry_after_it_is_accepted_and_not_a_second_before(
    count: int, seconds: int, pauses: list[int], uptime: int
) -> None:
    clock = Clock(uptime)
    store = LimitStore(clock)
    charge = Charge("reader", count, seconds)
    for pause in pauses:
        await store.take([charge])
        clock.now += pause
    while (refusal := await store.take([charge])) is None:
        pass
    clock.forward(refusal.retry_after - 1)
    assert await store.take([charge]) == Refusal(charge, 1)
    clock.forward(1)
    assert await store.take([charge]) is None


async def test_all_are_charged_or_none(store: LimitStore) -> None:
    few, many = Charge("few", 1, 60), Charge("many", 10, 60)
    assert await store.take([few, many]) is None
    assert await store.take([few, many]) == Refusal(few, 60)
    assert await store.remaining([many]) == [9]


async def test_of_several_that_are_used_up_the_longest_wait_is_returned(store: LimitStore) -> None:
    minute, hour = Charge("m", 1, 60), Charge("h", 1, 3600)
    await store.take([minute, hour])
    assert await store.take([minute, hour]) == Refusal(hour, 3600)


async def test_what_remains_is_shown_and_not_taken(store: LimitStore, clock: Clock) -> None:
    assert await store.remaining([TEN_A_MINUTE]) == [10]
    for _ in range(3):
        await store.take([TEN_A_MINUTE])
    assert await store.remaining([TEN_A_MINUTE]) == [7]
    clock.forward(5.9)
    assert await store.remaining([TEN_A_MINUTE]) == [7]
    clock.forward(0.1)
    assert await store.remaining([TEN_A_MINUTE]) == [8]


async def test_keys_are_dropped_when_they_are_free_again(store: LimitStore, clock: Clock) -> None:
    for number in range(MOST_DROPPED):
        await store.take([Charge(f"reader {number}", 10, 60)])
    for _ in range(9):
        await store.take([Charge("reader 0", 10, 60)])
    clock.forward(7)
    await store.take([Charge("another", 10, 60)])
    assert len(store) == 2
    clock.forward(60)
    await store.take([Charge("another", 10, 60)])
    assert len(store) == 1


async def test_of_keys_that_end_together_no_question_drops_them_all(
    store: LimitStore, clock: Clock
) -> None:
    many = 10 * MOST_DROPPED
    for number in range(many):
        await store.take([Charge(f"reader {number}", 10, 60)])
    clock.forward(60)
    for asked in range(1, 11):
        assert await store.take([Charge("another", 100, 60)]) is None
        assert len(store) == many - asked * MOST_DROPPED + 1


async def test_readers_that_come_and_go_for_hours_leave_no_more_than_a_period_holds(
    store: LimitStore, clock: Clock
) -> None:
    for number in range(5000):
        for _ in range(2):
            await store.take([Charge(f"reader {number}", 10, 60)])
        clock.forward(3)
        assert len(store) <= 12 // 3


async def test_a_full_store_forgets_who_is_free_soonest(clock: Clock) -> None:
    store = LimitStore(clock, most=2)
    busy, idle = Charge("busy", 2, 60), Charge("idle", 100, 60)
    await store.take([busy])
    await store.take([idle])
    await store.take([busy])
    await store.take([Charge("new", 10, 60)])
    assert len(store) == 2
    assert await store.remaining([busy]) == [0]
    assert await store.remaining([idle]) == [100]


async def test_a_store_stays_full_and_no_fuller_whoever_comes(clock: Clock) -> None:
    store = LimitStore(clock, most=10)
    for number in range(100):
        charges = [Charge(f"{number} {period}", 10, SECONDS[period]) for period in SECONDS]
        assert await store.take(charges) is None
        assert len(store) <= 10
    assert len(store) == 10


async def test_a_key_is_ahead_of_now_by_what_was_taken(store: LimitStore, clock: Clock) -> None:
    assert await store.ahead(TEN_A_MINUTE.key) == timedelta(0)
    for _ in range(3):
        await store.take([TEN_A_MINUTE])
    assert await store.ahead(TEN_A_MINUTE.key) == timedelta(seconds=18)
    clock.forward(10)
    assert await store.ahead(TEN_A_MINUTE.key) == timedelta(seconds=8)
    clock.forward(10)
    assert await store.ahead(TEN_A_MINUTE.key) == timedelta(0)


def limits_with(clock: Clock, **settings: Any) -> Limits:
    return limits_of(WebSettings.model_construct(**settings), LimitStore(clock))


async def test_questions_are_counted_by_address(clock: Clock) -> None:
    limits = limits_with(clock, limit_questions=parse_rates("1/minute, 2/hour"))
    assert await limits.take_question("a", "one", is_new_session=True) is None
    refused = await limits.take_question("a", "two", is_new_session=True)
    assert refused == Exceeded("minute", 60)
    assert await limits.take_question("b", "three", is_new_session=True) is None
    clock.forward(60)
    assert await limits.take_question("a", "two", is_new_session=True) is None
    clock.forward(60)
    refused = await limits.take_question("a", "two", is_new_session=False)
    assert refused == Exceeded("hour", 1680)


async def test_questions_are_counted_by_session_and_sessions_by_address(clock: Clock) -> None:
    limits = limits_with(
        clock,
        limit_key="session",
        limit_questions=parse_rates("2/minute"),
        limit_sessions=parse_rates("2/hour"),
    )
    for session in ("one", "two"):
        assert await limits.take_question("a", session, is_new_session=True) is None
        assert await limits.take_question("a", session, is_new_session=False) is None
        refused = await limits.take_question("a", session, is_new_session=False)
        assert refused == Exceeded("minute", 30)
    refused = await limits.take_question("a", "three", is_new_session=True)
    assert refused == Exceeded("hour", 1800, CONVERSATIONS)
    assert await limits.take_question("b", "three", is_new_session=True) is None
    assert await limits.question_limits("a", "three") == (
        Limit("minute", 2, 1),
        Limit("sessions", 2, 0),
    )


async def test_a_session_that_may_not_begin_costs_no_question(clock: Clock) -> None:
    limits = limits_with(
        clock,
        limit_key="session",
        limit_questions=parse_rates("2/minute"),
        limit_sessions=parse_rates("1/hour"),
    )
    assert await limits.take_question("a", "one", is_new_session=True) is None
    for _ in range(5):
        refused = await limits.take_question("a", "two", is_new_session=True)
        assert refused == Exceeded("hour", 3600, CONVERSATIONS)
    assert (await limits.question_limits("a", "two"))[0] == Limit("minute", 2, 2)


async def test_sessions_that_begin_at_once_are_as_many_as_an_address_may(clock: Clock) -> None:
    limits = limits_with(clock, limit_key="session", limit_sessions=parse_rates("3/hour"))
    taken = await asyncio.gather(
        *(limits.take_question("a", f"session {n}", is_new_session=True) for n in range(20))
    )
    assert taken.count(None) == 3


@pytest.mark.parametrize("by", ["address", "session"])
async def test_who_has_many_ipv6_networks_may_ask_ten_times_as_much_and_no_more(
    clock: Clock, by: str
) -> None:
    one = parse_rates("1/minute")
    limits = limits_with(clock, limit_key=by, limit_questions=one, limit_sessions=one)
    networks = [f"2001:db8:1:{number:x}::/64" for number in range(30)]
    refused = [await limits.take_question(one, one, is_new_session=True) for one in networks]
    assert refused.count(None) == 10
    assert (await limits.question_limits("2001:db8:1:ff::/64", "new"))[-1].remaining == 0
    assert await limits.take_question("2001:db8:2:1::/64", "other", is_new_session=True) is None


async def test_limits_may_be_off(clock: Clock) -> None:
    limits = limits_with(clock, limit_questions=(), limit_messages=None, limit_connections=None)
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


def test_rates_are_read_as_people_write_them() -> None:
    assert parse_rates(" 200/day,10 / minute ") == (Rate(10, "minute"), Rate(200, "day"))
    assert parse_rates("10/Minute") == (Rate(10, "minute"),)
    assert parse_rates("off") == parse_rates("OFF ") == ()
    assert (parse_limit("7"), parse_limit("off")) == (7, None)


@pytest.mark.parametrize(
    "text", ["", "10", "10/second", "0/minute", "-1/hour", "1.5/hour", "1/hour,2/hour", "1/hour,"]
)
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"minute|once"):
        parse_rates(text)


def test_a_budget_may_be_as_large_as_that_of_a_large_site() -> None:
    assert parse_limit("20000000000") == 20_000_000_000
    assert parse_rates("999999999/minute") == (Rate(999_999_999, "minute"),)
    assert Charge("its interval is rounded down", 999_999_999, 60).left(0) == 999_999_999


@pytest.mark.parametrize(
    ("variable", "value", "fix"),
    [
        ("SCHOLIAST_LIMIT_QUESTIONS", "10/fortnight", "write a rate as 10/minute"),
        ("SCHOLIAST_LIMIT_QUESTIONS", "10/second", "write a rate as 10/minute"),
        ("SCHOLIAST_LIMIT_QUESTIONS", "1/hour, 2/hour", "at most once"),
        ("SCHOLIAST_LIMIT_SESSIONS", "many", "write a rate as 10/minute"),
        ("SCHOLIAST_LIMIT_MESSAGES", "0", "write a number, 1 or more, or off"),
        ("SCHOLIAST_LIMIT_CONNECTIONS", "none", "write a number, 1 or more, or off"),
        ("SCHOLIAST_BUDGET_TOKENS", "1" + 12 * "0", "write a number of at most 12 digits, or off"),
        ("SCHOLIAST_LIMIT_ALL", "1000000000/day", "write a number of at most 9 digits, or off"),
        ("SCHOLIAST_LIMIT_KEY", "cookie", "'address' or 'session'"),
    ],
)
@pytest.mark.usefixtures("alone")
def test_a_wrong_limit_is_named_with_its_fix_and_hides_no_other_setting(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, fix: str
) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setenv("SCHOLIAST_PORT", "none")
    with pytest.raises(SettingError, match=f"{variable}: .*{fix}") as raised:
        WebSettings.read()
    assert "SCHOLIAST_PORT: " in str(raised.value)
