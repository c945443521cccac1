"""How long a model may take, how an answer ends, and what leaving it closes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from time import monotonic
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage

from chains.models import generation
from chains.models.generation import generate
from chains.models.model import Timeouts
from chains.models.opening import LOCAL_TIMEOUTS
from tests.support.clocks import HurriedLoop
from tests.support.generating import (
    AT_ONCE,
    PATIENT,
    answer,
    failure,
    hurried,
    model_at,
    silence,
    text,
)
from tests.support.scripted_openai import (
    CUT,
    END,
    HANG,
    MUTE,
    STOP,
    Finish,
    ScriptedOpenAI,
    Status,
    Step,
    choice,
    delta,
)
from tests.support.stopped_time import settle, until

USUAL = Timeouts()

# Silence


@pytest.mark.parametrize(
    "script",
    [[MUTE], [b"", HANG], [HANG], ["", HANG]],
    ids=["no headers", "headers", "a role", "an empty delta"],
)
def test_silence_before_the_first_word_ends_in_time_and_is_not_asked_again(
    script: list[Step],
) -> None:
    failed, waited = hurried(silence(script))
    assert waited <= USUAL.first + 1
    assert "too slow" in failed.reason
    assert failed.retry_after is None


async def test_both_attempts_share_the_time_for_the_first_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deadlines: list[float] = []
    attempt = generation._attempt

    def noted(*arguments: Any) -> AsyncGenerator[AIMessageChunk]:
        deadlines.append(arguments[-1])
        return attempt(*arguments)

    monkeypatch.setattr(generation, "_attempt", noted)
    before = asyncio.get_running_loop().time()
    assert await text([Status(500, retry_after="0.1")], ["Hello."], requests=2) == "Hello."
    first, second = deadlines
    assert before + PATIENT.first <= first == second


@pytest.mark.parametrize(
    "script", [["A ", HANG], [delta("A "), b": keep\n\n", HANG]], ids=["nothing", "a comment"]
)
def test_silence_between_words_ends_in_time(script: list[Step]) -> None:
    failed, waited = hurried(silence(script, said="A "))
    assert waited <= 2 * USUAL.between
    assert "too slow" in failed.reason


def test_a_first_word_may_take_longer_than_the_next() -> None:
    async def said() -> str:
        gate = asyncio.Event()
        async with (
            ScriptedOpenAI([gate, "A ", "gait."]) as server,
            model_at(server.base_url, USUAL) as model,
        ):
            asking = asyncio.create_task(answer(model))
            await until(lambda: bool(server.requests))
            await forward((USUAL.between + USUAL.first) / 2)
            gate.set()
            return "".join(chunk.text for chunk in await asking)

    assert hurried(said()) == "A gait."


def test_a_reader_who_takes_long_is_no_silence_of_the_model() -> None:
    async def said() -> str:
        said = ""
        async with (
            ScriptedOpenAI(["A ", "gait."]) as server,
            model_at(server.base_url, USUAL) as model,
        ):
            async for chunk in generate(model, [HumanMessage("?")], {}, {}):
                said += chunk.text
                await forward(0.75 * USUAL.between)
        return said

    assert hurried(said()) == "A gait."


async def forward(seconds: float) -> None:
    """Let so much time pass while nothing else happens."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, HurriedLoop)
    await settle()
    loop.forward(seconds)
    await settle()


def test_a_local_model_gets_more_time() -> None:
    assert (LOCAL_TIMEOUTS.first, Timeouts().first) == (60, 30)


# An end


@pytest.mark.parametrize("broken", [CUT, STOP])
async def test_a_stream_without_its_end_is_a_failure(broken: Step) -> None:
    assert "broke" in (await failure(["Half", broken], said="Half", requests=1)).reason


async def test_an_end_without_done_or_count_is_one() -> None:
    end = END.partition(b"\n\n")[0] + b"\n\n"
    before = monotonic()
    for rest in (STOP, CUT, HANG, b"data: {garbage\n\n"):
        assert await text([delta("Whole."), end, rest]) == "Whole."
    assert monotonic() - before < PATIENT.between


@pytest.mark.parametrize("again", [choice({}, "stop"), choice({"refusal": "No."}), delta("x")])
async def test_an_end_that_goes_on_and_on_is_one(
    again: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "LAST_WORDS", 0.2)
    goes_on: list[Step] = [again, 0.05]
    script = [delta("Whole."), choice({}, "stop"), *goes_on * 100_000]  # for an hour
    assert (await text(script)).startswith("Whole.")


async def test_a_finish_reason_goes_through() -> None:
    async with (
        ScriptedOpenAI(["Half", Finish("length")]) as server,
        model_at(server.base_url) as model,
    ):
        reasons = [c.response_metadata.get("finish_reason") for c in await answer(model)]
    assert "length" in reasons


# Leaving


@pytest.mark.parametrize(
    ("script", "said"),
    [([MUTE], []), ([b"", HANG], []), ([HANG], []), (["A ", HANG], ["A "])],
    ids=["before the headers", "after the headers", "after a role", "between words"],
)
async def test_a_cancellation_closes_the_request_at_once(
    script: list[Step], said: list[str]
) -> None:
    heard: list[str] = []
    async with ScriptedOpenAI(script) as server, model_at(server.base_url) as model:
        asking = asyncio.create_task(answer(model, heard))
        await server.until_hanging()
        await until(lambda: heard == said)
        _, waiting = await asyncio.wait([asking], timeout=0.1)
        assert waiting
        asking.cancel()
        before = monotonic()
        await server.until_idle()
        assert monotonic() - before < AT_ONCE
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_a_cancellation_while_waiting_for_the_second_attempt_makes_none() -> None:
    async with ScriptedOpenAI([Status(503, retry_after=10)]) as server:
        async with model_at(server.base_url) as model:
            asking = asyncio.create_task(answer(model))
            await until(lambda: bool(server.requests))
            _, waiting = await asyncio.wait([asking], timeout=0.3)
            assert waiting
            before = monotonic()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert monotonic() - before < AT_ONCE
        await server.until_idle()
        assert len(server.requests) == 1


async def test_who_leaves_between_words_closes_the_request_at_once() -> None:
    async with ScriptedOpenAI(["A ", HANG]) as server, model_at(server.base_url) as model:
        chunks = generate(model, [HumanMessage("What is a gait?")], {}, {})
        while not (await anext(chunks)).text:
            pass
        await chunks.aclose()
        before = monotonic()
        await server.until_idle()
        assert monotonic() - before < AT_ONCE


# Connections


async def test_questions_use_no_more_connections_than_are_asked_at_once() -> None:
    readers = 20
    async with ScriptedOpenAI(["A ", "gait."]) as server, model_at(server.base_url) as model:
        for _ in range(10):
            await answer(model)
        assert server.connections == 1
        for _ in range(2):
            await asyncio.gather(*(answer(model) for _ in range(readers)))
            assert server.connections <= readers
        assert len(server.requests) == 10 + 2 * readers


async def test_failures_and_second_attempts_leave_no_connection_behind() -> None:
    scripts: list[list[Step]] = [[Status(500, retry_after=0)], ["Hello."]] * 5
    async with ScriptedOpenAI(*scripts) as server, model_at(server.base_url) as model:
        for _ in range(5):
            await answer(model)
        assert (server.connections, server.open_connections) == (1, 1)
