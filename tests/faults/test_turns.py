"""What comes all at once from a model: others have their turn while it is worked through."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage

from chains.answering.draft import Draft
from chains.answering.leaks import LeakFilter
from chains.answering.marking import Marking
from chains.answering.proof.judge import Judge, Readers
from chains.events import Delta
from chains.models import turns
from chains.models.endpoint import open_endpoint
from chains.models.generation import generate
from chains.models.model import Model, Timeouts
from tests.support.grounds import GAIT, passages
from tests.support.scripted_openai import END, ScriptedOpenAI, choice, delta

MANY = 5000


@asynccontextmanager
async def others() -> AsyncIterator[list[None]]:
    """Grows by one with each turn that another task has meanwhile."""
    had: list[None] = []

    async def wait() -> None:
        while True:
            await asyncio.sleep(0)
            had.append(None)

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    yield had
    waiting.cancel()


@pytest.mark.parametrize(
    "event",
    [
        choice({"reasoning_content": "Hm. "}),
        choice(usage={"prompt_tokens": 2, "completion_tokens": 1, "total_tokens": 3}),
    ],
    ids=["thoughts", "counts"],
)
async def test_others_have_their_turn_while_a_flood_is_read(
    event: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST", 0.0)  # else it is a matter of how fast the machine is
    flood = event * MANY + delta("A gait.") + END
    async with (
        ScriptedOpenAI([flood]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
        others() as had,
    ):
        at: Counter[int] = Counter()
        async for _ in generate(Model(chat, "scripted"), [HumanMessage("Why?")], {}, {}):
            at[len(had)] += 1
    assert at.total() > MANY
    assert max(at.values()) <= 3  # it was all of one read: more than 400


@pytest.mark.parametrize("sentence", ["A. ", "No crow eats 3 nuts. "])
async def test_others_have_their_turn_while_a_long_piece_is_judged(
    sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST", 0.0)
    marking = Marking([], Judge(passages(GAIT), "english", None, Readers(0)))
    draft = Draft(marking, 0)
    text = sentence * (20_000 // len(sentence))

    async def chunks() -> AsyncGenerator[AIMessageChunk]:
        yield AIMessageChunk(content=text)

    async with others() as had:
        leaks = LeakFilter([SystemMessage("Answer from the sources only.")])
        events = [event async for event in draft.written(chunks(), leaks, lambda _: None)]
    assert "".join(event.content for event in events if isinstance(event, Delta)) == text
    assert len(had) > 40  # it was one


async def test_of_many_streams_that_go_on_at_once_few_do_in_one_round_of_the_loop() -> None:
    rounds, went_on, most = turns.Rounds(), 0, 0

    async def stream(number: int) -> None:
        nonlocal went_on
        await rounds.enter()
        went_on += 1
        order.append(number)

    order: list[int] = []
    streams = [asyncio.create_task(stream(number)) for number in range(100)]
    streams[50].cancel()
    while not all(each.done() for each in streams):
        before = went_on
        await asyncio.sleep(0)
        most = max(most, went_on - before)
    assert most <= 2 * turns.AT_A_TIME
    assert order == [number for number in range(100) if number != 50]


async def test_of_many_streams_each_goes_on_once_in_a_beat_and_of_few_at_once() -> None:
    beat = turns.Beat()
    now = asyncio.get_running_loop().time
    with ExitStack() as streams:
        for _ in range(turns.FEW):
            streams.enter_context(beat.stream())
        before = now()
        await beat.wait(before)
        assert beat.length == 0
        streams.enter_context(beat.stream())
        before = now()
        cancelled = asyncio.create_task(beat.wait(before))
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.gather(*(beat.wait(before) for _ in range(turns.FEW)))
        assert now() - before >= turns.SHARE * (turns.FEW + 1)
        for _ in range(1000):
            streams.enter_context(beat.stream())
        assert beat.length == turns.LONGEST_BEAT
    assert beat.length == 0
