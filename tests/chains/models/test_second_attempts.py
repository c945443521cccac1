"""Which failures of a model are tried once more, and how long is waited before."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import pytest

from chains.models import generation
from chains.models.model import Timeouts
from tests.support.generating import answer, failure, model_at, text
from tests.support.scripted_openai import (
    CUT,
    DROP,
    END,
    STOP,
    ScriptedOpenAI,
    Status,
    Step,
    choice,
    delta,
)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
async def test_a_passing_refusal_is_tried_once_more(status: int) -> None:
    assert await text([Status(status, retry_after=0)], ["Hello."], requests=2) == "Hello."


@pytest.mark.parametrize(
    "script",
    [
        [DROP],
        [CUT],
        [STOP],
        [b"", STOP],
        [b": comment\n\n", CUT],
        [b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n', STOP],
        [choice({"content": ""}, "error"), END],
    ],
    ids=["dropped", "cut", "stopped", "empty", "comment only", "error in it", "error at its end"],
)
async def test_a_connection_lost_before_the_first_word_is_tried_once_more(
    script: list[Step],
) -> None:
    assert await text(script, ["Hello."], requests=2) == "Hello."


async def test_a_second_failure_is_the_last() -> None:
    failed = await failure([Status(503, retry_after=0)], requests=2)
    assert "HTTP 503" in failed.reason


async def test_a_second_attempt_that_begins_with_a_role_is_the_last_all_the_same() -> None:
    assert "broke" in (await failure([CUT], requests=2)).reason


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_a_refusal_that_will_not_pass_is_not_tried_again(status: int) -> None:
    assert (await failure([Status(status, retry_after=0)], requests=1)).retry_after == 1


async def test_an_account_without_credit_is_not_tried_again() -> None:
    failed = await failure([Status(429, "insufficient_quota", retry_after=0)], requests=1)
    assert "no credit" in failed.reason


async def test_nothing_is_tried_again_after_the_first_word() -> None:
    scripts: list[list[Step]] = [
        [delta("A "), CUT],
        ["A ", STOP],
        [delta("A "), b'data: {"error": "x"}\n\n'],
    ]
    for script in scripts:
        await failure(script, said="A ", requests=1)


async def test_a_server_that_refuses_connections_is_tried_once_more() -> None:
    async with ScriptedOpenAI(["Hello."]) as server, model_at(server.base_url) as model:
        server.stop_listening()
        asking = asyncio.create_task(answer(model))
        _, waiting = await asyncio.wait([asking], timeout=0.2)
        assert waiting
        await server.listen(server.port)
        assert "".join(chunk.text for chunk in await asking) == "Hello."


async def test_a_second_attempt_that_helps_is_logged_on_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "scholiast")
    await text([Status(500, retry_after=0)], ["Hello."], requests=2)
    [line] = [r.getMessage() for r in caplog.records if r.name.startswith("scholiast")]
    assert line.startswith("asked the model a second time: ")
    assert "HTTP 500" in line


# Retry-After


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_the_wish_of_the_endpoint_is_waited_for(form: str) -> None:
    now = datetime.now(UTC)
    wish = "1" if form == "seconds" else format_datetime(now + timedelta(seconds=2), usegmt=True)
    before = monotonic()
    assert await text([Status(429, retry_after=wish)], ["Hello."], requests=2) == "Hello."
    assert monotonic() - before > 0.9


async def test_a_wish_in_the_past_is_no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "PAUSE", 3600)  # where there is no wish
    wish = "Wed, 21 Oct 2015 07:28:00 GMT"
    assert await text([Status(429, retry_after=wish)], ["Hello."], requests=2) == "Hello."


async def test_a_wish_beyond_the_bound_is_passed_on_at_once() -> None:
    before = monotonic()
    failed = await failure(
        [Status(429, retry_after=11)],
        timeouts=Timeouts(first=60),
        requests=1,
    )
    assert monotonic() - before < 11
    assert failed.retry_after == 11
    assert "try again in 11 s" in failed.reason


async def test_a_date_beyond_the_bound_is_passed_on_in_whole_seconds() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert (await failure([Status(503, retry_after=date)], requests=1)).retry_after in (89, 90)


async def test_a_wish_that_leaves_no_time_for_an_answer_is_passed_on_at_once() -> None:
    quick = Timeouts(first=2)
    assert (
        await failure([Status(429, retry_after=3)], timeouts=quick, requests=1)
    ).retry_after == 3


async def test_the_wish_of_the_second_failure_is_passed_on() -> None:
    scripts: list[list[Step]] = [[Status(500, retry_after=0)], [Status(429, retry_after=7)]]
    assert (await failure(*scripts, requests=2)).retry_after == 7


@pytest.mark.parametrize("wish", ["soon", "-5", "1e9", "٣", "Wed, 99 Oct 2015 07:28:00 GMT", ""])
async def test_a_wish_that_nobody_can_read_is_none(wish: str) -> None:
    scripted: list[Step] = [Status(429, retry_after=wish.encode().decode("latin-1"))]
    assert (await failure(scripted, requests=2)).retry_after is None
