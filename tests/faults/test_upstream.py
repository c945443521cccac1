"""The model fails: what the reader sees, and what the log says.

Here a question goes its whole way, over a real socket. How an answer is generated from what an
endpoint sends is in tests/chains/models/test_generation.py.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest

from chains.models.model import Timeouts
from quart_app.settings import WebSettings
from tests.support.scripted_openai import (
    CUT,
    END,
    HANG,
    MUTE,
    STOP,
    TRICKLE,
    ScriptedOpenAI,
    Status,
    Step,
    choice,
    delta,
)
from tests.support.talking import ask, text_of
from tests.support.upstream import KEY, ZMP, failing, logged, reader, unavailable

FIRST_SOON, BETWEEN_SOON = Timeouts(first=0.4), Timeouts(between=0.4)


async def test_a_refused_key_is_for_the_log_and_not_for_the_reader(
    site: Sequence[WebSettings], caplog: pytest.LogCaptureFixture
) -> None:
    failure = await failing(site, caplog, Status(401, "invalid_api_key", f"Incorrect key: {KEY}"))
    unavailable(failure)
    assert "refuses the key; check OPENAI_API_KEY" in failure.log


async def test_a_model_that_asks_for_patience_passes_its_wish_on_to_the_reader(
    site: Sequence[WebSettings], caplog: pytest.LogCaptureFixture
) -> None:
    failure = await failing(site, caplog, Status(429, retry_after=42))
    unavailable(failure, retry_after=42)
    assert "takes no more requests for now; try again in 42 s" in failure.log


async def test_a_model_that_asks_for_a_moment_answers_after_it(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        ScriptedOpenAI([Status(429, retry_after=1)], ["A point?"]) as endpoint,
        reader(example, endpoint) as socket,
    ):
        messages = await ask(socket, ZMP)
    assert messages[-1]["data"]["status"] == "completed"
    assert text_of(messages) == "A point?"
    assert len(endpoint.requests) == 2


async def test_a_model_that_fails_on_its_side_is_reported(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    failure = await failing(example, caplog, Status(500, message=KEY, retry_after=0))
    unavailable(failure, retry_after=1)
    assert "failed on its side (HTTP 500)" in failure.log


@pytest.mark.parametrize("script", [[MUTE], [HANG]], ids=["no headers", "headers"])
async def test_a_model_that_hangs_before_its_first_word_is_reported(
    example: WebSettings, caplog: pytest.LogCaptureFixture, script: list[Step]
) -> None:
    failure = await failing(example, caplog, *script, timeouts=FIRST_SOON)
    unavailable(failure)
    assert "too slow" in failure.log


async def test_a_model_that_hangs_after_its_first_word_is_reported(
    site: Sequence[WebSettings], caplog: pytest.LogCaptureFixture
) -> None:
    failure = await failing(site, caplog, "Half an answer", HANG, timeouts=BETWEEN_SOON)
    unavailable(failure, said="Half an answer")
    assert "too slow" in failure.log


@pytest.mark.parametrize(
    "sign",
    [choice({"reasoning_content": "Let me see."}), choice({"reasoning": "Hm."}), b": alive\n\n"],
    ids=["reasoning_content", "reasoning", "a comment"],
)
async def test_a_model_that_thinks_longer_than_a_word_may_take_is_waited_for(
    example: WebSettings, sign: bytes
) -> None:
    thinks: list[Step] = [sign, 0.5] * 5
    script = [*thinks, delta("A "), sign, delta("point?"), END]
    timeouts = Timeouts(first=2, between=2)
    async with (
        ScriptedOpenAI(script) as endpoint,
        reader(example, endpoint, timeouts) as socket,
    ):
        messages = await ask(socket, ZMP)
    assert messages[-1]["data"]["status"] == "completed"
    assert text_of(messages) == "A point?"
    assert len(endpoint.requests) == 1
    said = ["response_start"] + ["status"] * (sign[:1] != b":")
    assert [m["type"] for m in messages[: len(said) + 1]] == [*said, "response_chunk"]
    statuses = [m["data"]["status"] for m in messages if m["type"] == "status"]
    assert statuses == ["thinking"] * (len(said) - 1)
    assert messages[-1]["data"]["first_chunk_ms"] > 2000


@pytest.mark.parametrize("broken", [CUT, STOP], ids=["cut", "ended early"])
async def test_an_answer_without_its_end_is_never_complete(
    site: Sequence[WebSettings], caplog: pytest.LogCaptureFixture, broken: Step
) -> None:
    failure = await failing(site, caplog, "Half an answer", broken)
    unavailable(failure, said="Half an answer")
    assert not any(m["data"]["is_complete"] for m in failure.messages[1:-1])
    assert "broke" in failure.log


@pytest.mark.parametrize(
    "garbage",
    [
        b"data: {garbage\n\n",
        b'data: {"error": {"message": "sk-very-secret"}}\n\n',
        b'data: {"error": {"message": "x", "code": [1], "type": {}}}\n\n',
        b"data: \xff\n\n",
    ],
    ids=["no JSON", "an error", "an odd error", "no UTF-8"],
)
async def test_a_malformed_stream_is_a_failure_of_the_model_and_no_bug(
    example: WebSettings, caplog: pytest.LogCaptureFixture, garbage: bytes
) -> None:
    failure = await failing(example, caplog, delta("Half an answer"), garbage, END)
    unavailable(failure, said="Half an answer")
    assert "the model's endpoint" in failure.log


async def test_a_line_without_an_end_is_given_up_before_it_fills_memory(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    line: list[Step] = [
        b'data: {"choices": [{"index": 0, "delta": {"content": "',
        *[b"a" * 10**6] * 9,
    ]
    failure = await failing(example, caplog, *line, HANG)
    unavailable(failure)
    assert "did not answer in OpenAI's format" in failure.log


async def test_a_question_is_not_sent_on_to_another_address(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    async with ScriptedOpenAI(["Hello."]) as another:
        location = f"{another.base_url}/chat/completions"
        failure = await failing(example, caplog, Status(307, location=location))
        unavailable(failure)
        assert another.requests == []
    assert "set OPENAI_BASE_URL to that one" in failure.log


async def test_one_byte_at_a_time_comes_out_as_it_was_said(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    text = "Ein Punkt 🦿 θ."
    async with (
        ScriptedOpenAI([TRICKLE, *map(delta, text), END]) as endpoint,
        reader(example, endpoint) as socket,
    ):
        with caplog.at_level(logging.INFO, "scholiast"):
            caplog.clear()
            messages = await ask(socket, ZMP)
    assert text_of(messages) == text
    assert messages[-1]["data"]["status"] == "completed"
    [line] = logged(caplog)
    assert "completed" in line
