"""What all readers together may ask and spend."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from typing_extensions import override

from quart_app.answers.budget import Budget, UsedUp
from quart_app.answers.limit_store import Charge, LimitStore, Refusal
from quart_app.answers.limits import Limits
from quart_app.answers.rates import parse_rates
from quart_app.protocol.server_messages import Limit

MIDNIGHT = 20_000 * 86_400.0
"""Of a day in UTC, in seconds since the epoch."""


class WallClock:
    """A time that a test sets."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> WallClock:
    """19:00 in UTC."""
    return WallClock(MIDNIGHT + 19 * 3600)


def limits_with(
    everybody: Budget, questions: str = "off", store: LimitStore | None = None
) -> Limits:
    return Limits(
        LimitStore() if store is None else store,
        questions=parse_rates(questions),
        sessions=(),
        messages=None,
        connections=None,
        by_session=False,
        everybody=everybody,
    )


async def test_of_a_day_exactly_as_many_questions_pass_and_the_next_day_as_many_again(
    clock: WallClock,
) -> None:
    budget = Budget(parse_rates("3/day"), clock=clock)
    assert [await budget.take() for _ in range(3)] == [None] * 3
    refused = await budget.take()
    assert isinstance(refused, UsedUp)
    assert (refused.reason, refused.retry_after) == ("all_day", 5 * 3600)
    assert refused.message == (
        "The tutor has answered as many questions as it may today. Try again in 5 hours."
    )
    clock.now = MIDNIGHT + 86_399.5
    refused = await budget.take()
    assert refused is not None
    assert refused.retry_after == 1
    clock.now = MIDNIGHT + 86_400
    assert [await budget.take() is None for _ in range(4)] == [True, True, True, False]


async def test_the_log_says_once_a_day_that_all_is_used_up(
    clock: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    budget = Budget(tokens=10, clock=clock)
    for _ in range(2):
        budget.spend(10)
        for _ in range(3):
            assert await budget.take() is not None
        clock.now += 86_400
    used_up = "all 10 of SCHOLIAST_BUDGET_TOKENS are used up today (UTC)"
    assert caplog.messages == [f"{used_up}; questions are refused for 5 hours"] * 2


async def test_of_several_periods_that_are_used_up_the_last_to_end_is_named(
    clock: WallClock,
) -> None:
    budget = Budget(parse_rates("1/minute, 1/hour"), clock=clock)
    assert await budget.take() is None
    refused = await budget.take()
    assert refused is not None
    assert (refused.reason, refused.retry_after) == ("all_hour", 3600)
    assert "as it may in this hour. Try again in 60 minutes." in refused.message


async def test_tokens_are_counted_until_a_question_is_refused_for_them(clock: WallClock) -> None:
    budget = Budget(tokens=1000, clock=clock)
    budget.spend(999)
    assert await budget.take() is None
    budget.spend(500)
    assert await budget.limits() == (Limit("tokens", 1000, 0),)
    refused = await budget.take()
    assert refused is not None
    assert (refused.reason, refused.retry_after) == ("tokens", 5 * 3600)
    clock.now += 86_400
    assert await budget.limits() == (Limit("tokens", 1000, 1000),)
    assert await budget.take() is None


async def test_without_a_bound_anything_goes() -> None:
    budget = Budget()
    budget.spend(10**12)
    assert all([await budget.take() is None for _ in range(100)])
    assert await budget.limits() == ()


async def test_a_question_that_its_own_limit_refuses_is_not_counted_for_all(
    clock: WallClock,
) -> None:
    budget = Budget(parse_rates("2/day"), clock=clock)
    limits = limits_with(budget, "1/day")
    assert await limits.take_question("a", "one", is_new_session=True) is None
    for _ in range(5):
        refused = await limits.take_question("a", "one", is_new_session=False)
        assert refused is not None
        assert refused.reason == "day"
    assert await limits.question_limits("a", "one") == (Limit("day", 1, 0), Limit("all_day", 2, 1))


async def test_a_question_of_yesterday_that_is_refused_today_gives_no_more_for_today(
    clock: WallClock,
) -> None:
    budget = Budget(parse_rates("2/day"), clock=clock)

    class Slow(LimitStore):
        """A fake: the day ends while it counts, as while Redis is asked, and others ask."""

        @override
        async def take(self, charges: Sequence[Charge]) -> Refusal | None:
            clock.now = MIDNIGHT + 86_400
            assert [await budget.take() for _ in range(2)] == [None, None]
            return Refusal(charges[0], 60)

    limits = limits_with(budget, "1/day", Slow())
    refused = await limits.take_question("a", "one", is_new_session=True)
    assert refused is not None
    assert refused.reason == "day"
    refused = await budget.take()
    assert refused is not None
    assert refused.reason == "all_day"


async def test_a_question_that_is_refused_for_all_is_not_counted_for_its_reader(
    clock: WallClock,
) -> None:
    limits = limits_with(Budget(parse_rates("1/day"), clock=clock), "5/day")
    assert await limits.take_question("a", "one", is_new_session=True) is None
    assert await limits.take_question("b", "two", is_new_session=True) is not None
    assert await limits.question_limits("b", "two") == (Limit("day", 5, 5), Limit("all_day", 1, 0))
