"""An answer ends as what it is: whole, cut, refused, empty, or no answer at all."""

from __future__ import annotations

import json
import logging

import pytest

from chains.answering.draft import LONGEST_ANSWER
from quart_app.settings import WebSettings
from tests.support.scripted_openai import (
    CUT,
    END,
    Finish,
    ScriptedOpenAI,
    Status,
    Step,
    choice,
    delta,
)
from tests.support.talking import ask, client, receive, text_of
from tests.support.upstream import ZMP, Failure, logged, reader, server, unavailable

TOOL = {"index": 0, "id": "1", "function": {"name": "search", "arguments": "{}"}}
CALL = {"name": "search", "arguments": "{}"}

HALF = {"type": "text", "text": "Half an"}
REFUSED = {"type": "refusal", "refusal": "I cannot."}
NULL = b'data: {"choices": [{"index": 0, "delta": null, "finish_reason": "%s"}]}\n\n'

FILTERED: dict[str, tuple[list[Step], str]] = {
    "a filter, after some words": (["Half an", Finish("content_filter")], "Half an"),
    "a filter, at once": ([Finish("content_filter")], ""),
    "a filter beside no delta": (["Half an", NULL % b"content_filter"], "Half an"),
    "a filter with its reason": (["Half", Finish("content_filter: RECITATION")], "Half"),
    "a filter of GLM": (["Half an", Finish("sensitive")], "Half an"),
    "a filter of Gemini": (["Half an", Finish("RECITATION")], "Half an"),
    "a filter of other gateways": (["Half an", Finish("guardrail_intervened")], "Half an"),
    "a filter of the question": ([Status(400, "content_filter")], ""),
    "a filter, as an error": (
        [delta("Half an"), b'data: {"error": {"message": "no", "code": "content_filter"}}\n\n'],
        "Half an",
    ),
    "a filter of Azure": ([Status(400, "ResponsibleAIPolicyViolation")], ""),
    "a filter, as the type of an error": (
        [delta("Half an"), b'data: {"error": {"message": "no", "type": "content_filter"}}\n\n'],
        "Half an",
    ),
    "a refusal that is cut off": ([choice({"refusal": "I can"}), CUT], ""),
    "a refusal": ([choice({"refusal": "I can"}), choice({"refusal": "not."}), END], ""),
    "a refusal as a part": ([choice({"content": [REFUSED]}), END], ""),
    "a refusal beside text": ([choice({"content": [HALF, REFUSED]}), END], "Half an"),
    "a refusal, after some words": ([delta("Half an"), choice({"refusal": "No."}), END], "Half an"),
}
EMPTY: dict[str, tuple[list[Step], str]] = {
    "nothing": ([], ""),
    "blanks": ([" \n", "\u200b\u2003"], " \n\u200b\u2003"),
    "signs without ink": (["\u2800\u3164\ufeff", "\u0301\u20dd"], "\u2800\u3164\ufeff\u0301\u20dd"),
    "marks alone": (["***\n", "— …"], "***\n— …"),
    "a fence and a rule": (["```\n", "───\n```"], "```\n───\n```"),
    "a question mark": (["?"], "?"),
    "an invented citation": (["[9]"], ""),
    "thoughts": ([choice({"reasoning_content": "Let me see."}), END], ""),
    "an empty refusal": ([choice({"refusal": ""}), END], ""),
    "thoughts up to the limit": ([choice({"reasoning": "Hm."}), choice({}, "length")], ""),
}
WHOLE: dict[str, tuple[list[Step], str]] = {
    "as OpenAI says it": (["A point?"], "A point?"),
    "as other servers say it": (["A point?", Finish("eos")], "A point?"),
    "beside no delta": ([delta("A point?"), NULL % b"stop"], "A point?"),
    "in capitals": (["A point?", Finish("STOP")], "A point?"),
}
CASES = [
    pytest.param(cases, status, id=status)
    for status, cases in (("filtered", FILTERED), ("empty", EMPTY), ("completed", WHOLE))
]


@pytest.mark.parametrize(("cases", "status"), CASES)
async def test_an_answer_that_is_refused_or_empty_is_never_complete(
    example: WebSettings,
    caplog: pytest.LogCaptureFixture,
    cases: dict[str, tuple[list[Step], str]],
    status: str,
) -> None:
    caplog.set_level(logging.INFO, "scholiast")
    scripts: list[list[Step]] = []
    for script, _ in cases.values():
        scripts += [script, ["Yes."]]
    async with ScriptedOpenAI(*scripts) as endpoint, server(example, endpoint) as url:
        for name, (_, text) in cases.items():
            async with client(url) as socket:
                await receive(socket)
                caplog.clear()
                messages = await ask(socket, ZMP)
                log = logged(caplog)[-1]
                await ask(socket, "What is an IMU?")
            roles = [message["role"] for message in endpoint.requests[-1].body["messages"]]
            end = messages[-1]
            assert (name, end["type"], end["data"].get("status")) == (name, "response_end", status)
            assert (name, text_of(messages)) == (name, text)
            assert messages[-2]["data"]["is_complete"]
            assert f" {status} " in log
            turns = ["user", "assistant"] * (2 if status == "completed" else 1)
            assert (name, roles) == (name, ["system", *turns, "user"])  # the first is an example


async def test_a_model_that_thinks_up_to_its_limit_is_named_with_the_fix(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        ScriptedOpenAI([Finish("length")]) as endpoint,
        reader(example, endpoint) as socket,
    ):
        caplog.clear()
        await ask(socket, ZMP)
    assert "raise SCHOLIAST_MAX_TOKENS" in caplog.text


UNOPENED: list[Step] = ["Source [2] speaks", " of it.</th", "ink>\n\nA point [1]."]


async def test_a_thought_without_its_beginning_is_left_out_where_the_setting_says_so(
    example: WebSettings,
) -> None:
    thinking = example.model_copy(update={"model_thinks_first": True})
    async with (
        ScriptedOpenAI(UNOPENED, ["Yes.</think>"]) as endpoint,
        reader(thinking, endpoint) as socket,
    ):
        messages = await ask(socket, ZMP)
        cut = await ask(socket, "What is an IMU?")
        said = [message["content"] for message in endpoint.requests[-1].body["messages"]]
    assert [m["data"]["status"] for m in messages if m["type"] == "status"] == ["thinking"]
    assert text_of(messages).startswith("A point.")
    assert "speaks" not in json.dumps([messages, said])
    assert (text_of(cut), cut[-1]["data"]["status"]) == ("", "empty")


async def test_a_thought_without_its_beginning_is_named_with_the_fix(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    async with ScriptedOpenAI(UNOPENED) as endpoint, reader(example, endpoint) as socket:
        await ask(socket, ZMP)
    assert caplog.text.count("SCHOLIAST_MODEL_THINKS_FIRST=true") == 1


NO_ANSWER: dict[str, tuple[list[Step], str]] = {
    "a call of a tool": (
        [delta("Let me"), choice({"tool_calls": [TOOL]}), choice({}, "tool_calls")],
        "called a tool",
    ),
    "a call that ends with stop": (
        [delta("Let me"), choice({"tool_calls": [TOOL]}), END],
        "called a tool",
    ),
    "a call of a function": (
        [delta("Let me"), choice({"function_call": CALL}), choice({}, "function_call")],
        "called a tool",
    ),
    "a call without its call": ([delta("Let me"), choice({}, "tool_calls")], "called a tool"),
    "an error": ([delta("Let me"), choice({}, "error")], "an error of its own"),
    "null": ([delta("Let me"), choice({}, None), b"data: [DONE]\n\n"], "broke off"),
    "a reason that is new": ([delta("Let me"), choice({}, "abort")], "unknown, abort;"),
    "a reason that is no word": ([delta("Let me"), choice({}, "sk-very-secret")], "unknown;"),
    "a reason that is a number": ([delta("Let me"), choice({}, 7)], "unknown;"),
    "stop, and then an error": (
        [delta("Let me"), choice({}, "stop"), choice({}, "error")],
        "of its own",
    ),
}


async def test_what_is_no_answer_is_an_error_that_may_be_retried(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    scripts = [script for script, _ in NO_ANSWER.values()]
    async with ScriptedOpenAI(*scripts) as endpoint, reader(example, endpoint) as socket:
        for name, (_, cause) in NO_ANSWER.items():
            caplog.clear()
            messages = await ask(socket, ZMP)
            [line] = logged(caplog)
            unavailable(Failure(messages, line), said="Let me")
            assert (name, cause in line) == (name, True)
            assert not any(message["data"].get("is_complete") for message in messages)
    assert len(endpoint.requests) == len(NO_ANSWER)


async def test_one_delta_of_a_megabyte_is_cut_at_the_greatest_length(
    example: WebSettings,
) -> None:
    async with (
        ScriptedOpenAI([delta("A long answer. " * 70_000), END]) as endpoint,
        reader(example, endpoint) as socket,
    ):
        messages = await ask(socket, ZMP)
    assert messages[-1]["data"]["status"] == "truncated"
    assert len(text_of(messages)) == LONGEST_ANSWER
    assert max(len(json.dumps(message)) for message in messages) < 2 * LONGEST_ANSWER


def usage(prompt: int, answer: int) -> dict[str, int]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
    }


REPEATED = {
    "in each chunk": [choice({"content": "x"}, usage=usage(100, n)) for n in range(1, 31)],
    "whole from the first": [choice({"content": "x"}, usage=usage(100, 30))] * 30,
    "with the end, and once more": [
        delta("x"),
        choice({}, "stop", usage=usage(100, 30)),
        choice({}, usage=usage(100, 30)),
    ],
}


async def test_usage_that_is_repeated_is_counted_once(example: WebSettings) -> None:
    scripts: list[list[Step]] = [[*script, END] for script in REPEATED.values()]
    async with ScriptedOpenAI(*scripts) as endpoint, reader(example, endpoint) as socket:
        for name in REPEATED:
            end = (await ask(socket, ZMP))[-1]["data"]
            assert (name, end["total_tokens"], end["tokens_estimated"]) == (name, 130, False)
