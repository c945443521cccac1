"""A model's answer while it is generated, from a real HTTP server that misbehaves by script."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessageChunk, HumanMessage

from chains.errors import ServiceUnavailable
from chains.models.generation import generate
from chains.models.model import Model, Timeouts
from chains.models.opening import LOCAL_TIMEOUTS, open_model
from chains.settings import Settings
from tests.support.scripted_openai import (
    CUT,
    DROP,
    END,
    HANG,
    MUTE,
    STOP,
    TRICKLE,
    Finish,
    ScriptedOpenAI,
    Status,
    Step,
    delta,
)

PATIENT = Timeouts(connect=2, first=5, between=5)
FIRST_SOON = Timeouts(connect=2, first=0.2, between=5)
BETWEEN_SOON = Timeouts(connect=2, first=5, between=0.2)
AT_ONCE = 0.1
"""Seconds."""
TEXT = "Ein Gang „im Nullmomentpunkt“: θ ≈ 0,5 · 𝜋 🦿"


@asynccontextmanager
async def model_at(base_url: str, timeouts: Timeouts = PATIENT) -> AsyncIterator[Model]:
    settings = Settings.model_construct(model="scripted", openai_base_url=base_url)
    async with open_model(settings, timeouts) as model:
        yield model


async def answer(model: Model, heard: list[str] | None = None) -> list[AIMessageChunk]:
    """All chunks of an answer; `heard` gets the text as it comes."""
    chunks = []
    async for chunk in generate(model, [HumanMessage("What is a gait?")], {}, {}):
        chunks.append(chunk)
        if heard is not None and chunk.text:
            heard.append(chunk.text)
    return chunks


async def failure(
    *scripts: list[Step], timeouts: Timeouts = PATIENT, said: str = "", requests: int
) -> ServiceUnavailable:
    """How an answer fails after it `said` something, in so many requests."""
    heard: list[str] = []
    async with (
        ScriptedOpenAI(*scripts) as server,
        model_at(server.base_url, timeouts) as model,
    ):
        with pytest.raises(ServiceUnavailable) as failed:
            await answer(model, heard)
        assert ("".join(heard), len(server.requests)) == (said, requests)
    assert failed.value.service == "model"
    assert "\n" not in str(failed.value)
    return failed.value


async def text(*scripts: list[Step], requests: int = 1) -> str:
    """The text of an answer that comes through."""
    async with ScriptedOpenAI(*scripts) as server, model_at(server.base_url) as model:
        chunks = await answer(model)
        assert len(server.requests) == requests
    assert any("finish_reason" in chunk.response_metadata for chunk in chunks)
    return "".join(chunk.text for chunk in chunks)


# What may pass is tried once more


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
    ],
    ids=["dropped", "cut", "stopped", "empty", "comment only", "error in the stream"],
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
    assert 0.9 < monotonic() - before < 3


async def test_a_wish_in_the_past_is_no_wait() -> None:
    before = monotonic()
    wish = "Wed, 21 Oct 2015 07:28:00 GMT"
    assert await text([Status(429, retry_after=wish)], ["Hello."], requests=2) == "Hello."
    assert monotonic() - before < 0.5


async def test_a_wish_beyond_the_bound_is_passed_on_at_once() -> None:
    before = monotonic()
    failed = await failure(
        [Status(429, retry_after=11)],
        timeouts=Timeouts(first=60),
        requests=1,
    )
    assert monotonic() - before < 1
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


# Silence


@pytest.mark.parametrize(
    "script",
    [[MUTE], [b"", HANG], [HANG], ["", HANG], [b": keep\n\n", 0.15, b": alive\n\n", HANG]],
    ids=["no headers", "headers", "a role", "an empty delta", "comments"],
)
async def test_silence_before_the_first_word_ends_in_time_and_is_not_asked_again(
    script: list[Step],
) -> None:
    before = monotonic()
    failed = await failure(script, timeouts=FIRST_SOON, requests=1)
    assert 0.15 < monotonic() - before < 1
    assert "too slow" in failed.reason
    assert failed.retry_after is None


async def test_both_attempts_share_the_time_for_the_first_word() -> None:
    before = monotonic()
    quick = Timeouts(first=1)
    failed = await failure([Status(500, retry_after=0)], [MUTE], timeouts=quick, requests=2)
    assert "too slow" in failed.reason
    assert monotonic() - before < 1.5


@pytest.mark.parametrize(
    "script", [["A ", HANG], [delta("A "), b": keep\n\n", HANG]], ids=["nothing", "a comment"]
)
async def test_silence_between_words_ends_in_time(script: list[Step]) -> None:
    before = monotonic()
    failed = await failure(script, timeouts=BETWEEN_SOON, said="A ", requests=1)
    assert 0.15 < monotonic() - before < 1
    assert "too slow" in failed.reason


async def test_empty_deltas_between_words_are_silence_too() -> None:
    empty: list[Step] = [0.05, ""] * 20
    await failure(["A ", *empty], timeouts=BETWEEN_SOON, said="A ", requests=1)


async def test_a_first_word_may_take_longer_than_the_next() -> None:
    async with (
        ScriptedOpenAI([0.4, "A ", 0.05, "gait."]) as server,
        model_at(server.base_url, BETWEEN_SOON) as model,
    ):
        assert "".join(chunk.text for chunk in await answer(model)) == "A gait."


async def test_a_reader_who_takes_long_is_no_silence_of_the_model() -> None:
    said = ""
    async with (
        ScriptedOpenAI(["A ", "gait."]) as server,
        model_at(server.base_url, BETWEEN_SOON) as model,
    ):
        async for chunk in generate(model, [HumanMessage("?")], {}, {}):
            said += chunk.text
            await asyncio.sleep(0.15)
    assert said == "A gait."


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
    assert monotonic() - before < 4


async def test_a_finish_reason_goes_through() -> None:
    async with (
        ScriptedOpenAI(["Half", Finish("length")]) as server,
        model_at(server.base_url) as model,
    ):
        reasons = [c.response_metadata.get("finish_reason") for c in await answer(model)]
    assert "length" in reasons


# What is malformed, and what only looks so


def event(value: object) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def choice(**fields: object) -> bytes:
    return event({"choices": [{"index": 0, **fields}]})


MALFORMED = {
    "bad JSON": b'data: {"choices": [\n\n',
    "no JSON": b"data: <html>\n\n",
    "no data": b"data:\n\n",
    "a number": event(5),
    "a list": event([1]),
    "null": event(None),
    "deep": b"data: " + b"[" * 20_000 + b"\n\n",
    "NaN for choices": b'data: {"choices": NaN}\n\n',
    "a number for choices": event({"choices": 5}),
    "a text for choices": event({"choices": "x"}),
    "a text for a choice": event({"choices": ["x"]}),
    "null for a choice": event({"choices": [None]}),
    "a text for a delta": choice(delta="x"),
    "a number for text": choice(delta={"content": 5}),
    "an object for text": choice(delta={"content": {"text": "x"}}),
    "a user's role": choice(delta={"role": "user", "content": "x"}),
    "a text for tool calls": choice(delta={"tool_calls": "x"}),
    "bad tool calls": choice(delta={"tool_calls": [{"function": "x", "index": 0}]}),
    "a text for usage": event({"choices": [], "usage": "x"}),
    "a text for a count": event({"choices": [], "usage": {"total_tokens": "x"}}),
    "a lone surrogate": choice(delta={"content": "\ud83e"}),
    "half a character": b'data: {"choices": [{"delta": {"content": "\xf0\x9f"}}]}\n\n',
    "bad UTF-8": b"data: \xff\xfe\n\n",
    "an error": event({"error": {"message": "sk-very-secret", "code": 500}}),
    "a text for an error": event({"error": "sk-very-secret"}),
    "a named error": b"event: error\n" + event({"error": {"message": "sk-very-secret"}}),
}


@pytest.mark.parametrize("garbage", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_event_is_a_failure_of_the_model(garbage: bytes) -> None:
    failed = await failure([delta("A "), garbage, delta("gait."), END], said="A ", requests=1)
    assert "secret" not in str(failed)


@pytest.mark.parametrize("garbage", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_event_at_the_beginning_is_one_too(garbage: bytes) -> None:
    requests = 2 if b"secret" in garbage else 1
    await failure([garbage, delta("gait."), END], requests=requests)


async def test_a_body_that_is_no_stream_is_a_failure() -> None:
    for body in (b"", b"<html>Sign in</html>", b'{"choices": []}\n'):
        failed = await failure([body, STOP], requests=2)
        assert "check OPENAI_BASE_URL" in failed.reason


@pytest.mark.parametrize(
    "event",
    [
        b": keepalive\n\n",
        b"\n\n\n",
        b"x: y\nnothing\n\n",
        event({"choices": []}),
        event({"choices": [], "usage": None}),
        event({"choices": None}),
        event({"choices": [{}]}),
        choice(delta={"role": "system", "content": ""}),
        choice(delta={"content": None}),
        choice(delta={"content": ""}),
        choice(delta={}),
        choice(delta=None),
        choice(delta={"reasoning_content": "Let me think."}),
        event({"x": 1, "choices": [{"index": 0, "delta": {"content": "", "y": {}}, "z": 2}]}),
    ],
)
async def test_an_event_that_says_nothing_changes_nothing(event: bytes) -> None:
    assert await text([event, delta("A "), event, delta("gait."), event, END]) == "A gait."


async def test_an_event_may_be_written_in_any_way_that_the_standard_allows() -> None:
    lines = b'data: {"choices":\r\ndata:[{"delta":\rdata: {"content": "A "}}]}\n\r\n'
    assert await text([lines, delta("gait.", "\r\n"), delta("\u2028\x85", "\r"), END]) == (
        "A gait.\u2028\x85"
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
async def test_one_byte_at_a_time_comes_out_right(line_end: str) -> None:
    said = [delta(letter, line_end) for letter in TEXT]
    assert await text([TRICKLE, *said, END]) == TEXT


async def test_escaped_characters_come_out_right_one_byte_at_a_time() -> None:
    assert await text([TRICKLE, *TEXT.split(" "), '\n\t"\\ {{ }} [1] \x00']) == (
        TEXT.replace(" ", "") + '\n\t"\\ {{ }} [1] \x00'
    )


async def test_a_stream_may_be_split_at_any_byte() -> None:
    whole = delta("A 🦿 ", "\r\n") + b": keep\r\n\r\n" + delta("gäit.") + END
    scripts: list[list[Step]] = [[whole[:at], whole[at:]] for at in range(1, len(whole))]
    async with ScriptedOpenAI(*scripts) as server, model_at(server.base_url) as model:
        for _ in scripts:
            assert "".join(chunk.text for chunk in await answer(model)) == "A 🦿 gäit."
        assert server.connections == 1


async def test_a_stream_may_be_cut_at_any_byte_and_is_never_whole() -> None:
    whole = delta("A ") + delta("gait.") + b'data: {"choices": [{"delta": {}, "finish_reason": "st'
    for at in range(len(delta("A ")), len(whole), 3):
        script: list[Step] = [whole[:at], CUT]
        heard: list[str] = []
        async with ScriptedOpenAI(script) as server, model_at(server.base_url) as model:
            with pytest.raises(ServiceUnavailable):
                await answer(model, heard)
        assert "A gait.".startswith("".join(heard))


@hypothesis_settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([delta("A "), b"data: ", END]))))
def test_whatever_bytes_come_the_answer_is_whole_or_unavailable(pieces: list[bytes]) -> None:
    async def hear() -> None:
        async with ScriptedOpenAI([b"", *pieces]) as server, model_at(server.base_url) as model:
            try:
                await answer(model)
            except ServiceUnavailable:
                return

    asyncio.run(hear())


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
        _, waiting = await asyncio.wait([asking], timeout=0.1)
        assert waiting
        assert heard == said
        asking.cancel()
        before = monotonic()
        await server.until_idle()
        assert monotonic() - before < AT_ONCE
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_a_cancellation_while_waiting_for_the_second_attempt_makes_none() -> None:
    async with ScriptedOpenAI([Status(503, retry_after=3)]) as server:
        async with model_at(server.base_url) as model:
            asking = asyncio.create_task(answer(model))
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
