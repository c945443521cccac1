"""Questions begin as fast as the event loop can take them beside the answers that stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from quart_app.answers.answer_queue import AnswerQueue
from quart_app.answers.pace import AT_ONCE, EVERY, LATE


@asynccontextmanager
async def held_loop() -> AsyncIterator[None]:
    """A loop that is always late, as one whose answers take all of its time."""

    async def hold() -> None:
        while True:
            time.sleep(2 * LATE)  # noqa: ASYNC251 (this is what a busy loop does)
            await asyncio.sleep(0)

    holding = asyncio.create_task(hold())
    try:
        yield
    finally:
        holding.cancel()
        with suppress(asyncio.CancelledError):
            await holding


async def test_a_few_begin_at_once_and_the_others_soon_after_in_their_order() -> None:
    queue = AnswerQueue(1000, paced=True)
    tickets = [queue.enter(f"reader {number}") for number in range(AT_ONCE + 5)]
    assert [ticket.ahead for ticket in tickets] == [None] * AT_ONCE + [0, 1, 2, 3, 4]
    began = []
    for ticket in tickets[AT_ONCE:]:
        await ticket.turn()
        began.append(time.monotonic())
    assert began[-1] - began[0] >= 3 * EVERY
    assert queue.waiting == 0
    queue.close()


async def test_a_loop_that_is_late_lets_few_begin_and_never_none() -> None:
    queue = AnswerQueue(1000, paced=True)
    tickets = [queue.enter(f"reader {number}") for number in range(AT_ONCE + 50)]
    async with held_loop():
        await tickets[AT_ONCE].turn()
        assert queue.waiting >= 45
    await asyncio.gather(*(ticket.turn() for ticket in tickets))
    assert queue.waiting == 0
    queue.close()


async def test_a_look_that_is_very_late_lets_one_begin_and_not_many_at_once() -> None:
    queue = AnswerQueue(1000, paced=True)
    for number in range(AT_ONCE + 3):
        queue.enter(f"reader {number}")
    time.sleep(20 * LATE)  # noqa: ASYNC251 (this is what a busy loop does)
    for _ in range(3):
        await asyncio.sleep(0)
    assert queue.waiting > 0
    queue.close()


async def test_who_waits_only_for_the_loop_is_not_passed_by_a_newcomer() -> None:
    queue = AnswerQueue(1000, paced=True)
    tickets = [queue.enter(f"reader {number}") for number in range(AT_ONCE + 2)]
    tickets[0].leave()  # a place, but no time
    late = queue.enter("late")
    assert [tickets[-2].ahead, tickets[-1].ahead, late.ahead] == [0, 1, 2]
    queue.close()
