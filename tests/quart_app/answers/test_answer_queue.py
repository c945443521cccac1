from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from quart_app.answers import answer_queue as module
from quart_app.answers.answer_queue import AnswerQueue, Busy, Ticket
from tests.support.tracing import Clock


def places(*tickets: Ticket) -> list[int | None]:
    return [ticket.ahead for ticket in tickets]


async def test_so_many_are_at_work_and_the_others_follow_in_their_order() -> None:
    queue = AnswerQueue(2)
    first, second, third, fourth = (queue.enter(key) for key in "abcd")
    assert places(first, second, third, fourth) == [None, None, 0, 1]
    await first.turn()
    waits = asyncio.create_task(third.turn())
    second.leave()
    await waits
    assert (places(third, fourth), queue.waiting) == ([None, 0], 1)


async def test_whoever_leaves_the_line_lets_the_others_move_up() -> None:
    queue = AnswerQueue(1)
    _, second, third = (queue.enter(key) for key in "abc")
    second.leave()
    second.leave()
    assert places(second, third) == [None, 0]
    assert queue.waiting == 1


async def test_a_place_is_free_again_when_nobody_waits() -> None:
    queue = AnswerQueue(1)
    queue.enter("a").leave()
    assert queue.enter("b").ahead is None
    assert queue.enter("c").ahead == 0


async def test_one_reader_with_a_hundred_questions_lets_others_pass() -> None:
    queue = AnswerQueue(1)
    at_work = queue.enter("greedy")
    greedy = [queue.enter("greedy") for _ in range(100)]
    other = queue.enter("other")
    assert places(greedy[0], other, greedy[1]) == [0, 1, 2]
    at_work.leave()
    assert places(greedy[0], other, greedy[1]) == [None, 0, 1]
    assert queue.enter("third").ahead == 1


async def test_what_is_remembered_of_readers_goes_with_their_questions() -> None:
    queue = AnswerQueue(1)
    tickets = [queue.enter(f"reader {number}") for number in range(50)]
    for ticket in tickets:
        ticket.leave()
    assert (queue.waiting, len(queue._waiting_of)) == (0, 0)


async def test_a_full_line_refuses_until_somebody_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    queue = AnswerQueue(1)
    *_, last = (queue.enter(key) for key in "abc")
    with pytest.raises(Busy) as busy, queue.coming():
        pass
    assert busy.value.retry_after == 1
    last.leave()
    with queue.coming():
        pass


async def test_questions_whose_limits_are_still_being_counted_take_places_in_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    queue = AnswerQueue(2)
    with ExitStack() as counting:
        for _ in range(3):  # two for the places at work, and one that waits
            counting.enter_context(queue.coming())
        with pytest.raises(Busy), queue.coming():
            pass
    with queue.coming():
        pass


async def test_a_wait_that_would_be_too_long_is_refused_with_its_length() -> None:
    clock = Clock()
    queue = AnswerQueue(2, clock)
    slow = queue.enter("a")
    clock.now += 15
    slow.leave()  # an answer takes 15 s, so each place is free twice in 15 s
    for key in "bcdef":
        with queue.coming():
            pass
        queue.enter(key)
    assert queue.waiting == 3
    with queue.coming():  # 30 s
        pass
    queue.enter("g")
    with pytest.raises(Busy) as busy, queue.coming():
        pass
    assert busy.value.retry_after == 38


async def test_news_come_at_once_and_end_with_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OFTEN", 0.001)
    queue = AnswerQueue(1)
    first, second, third = (queue.enter(key) for key in "abc")
    news = third.news()
    assert await anext(news) == 1
    first.leave()
    assert await anext(news) == 0
    second.leave()
    assert [ahead async for ahead in news] == []
    assert [ahead async for ahead in first.news()] == []
