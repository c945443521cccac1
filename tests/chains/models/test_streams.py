"""What comes from an endpoint: malformed events, and well-formed ones at any cut."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chains.errors import ServiceUnavailable
from tests.support.generating import TEXT, answer, failure, model_at, text
from tests.support.scripted_openai import CUT, END, STOP, TRICKLE, ScriptedOpenAI, Step, delta


def event(value: object) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def choice(**fields: object) -> bytes:
    return event({"choices": [{"index": 0, **fields}]})


MALFORMED = {
    "bad JSON": b'data: {"choices": [\n\n',
    "no JSON": b"data: <html>\n\n",
    "a number": event(5),
    "a list": event([1]),
    "null": event(None),
    "deep": b"data: " + b"[" * 20_000 + b"\n\n",
    "NaN for choices": b'data: {"choices": NaN}\n\n',
    "a number for choices": event({"choices": 5}),
    "a text for choices": event({"choices": "x"}),
    "a text for a choice": event({"choices": ["x"]}),
    "null for a choice": event({"choices": [None]}),
    "a number for a delta": choice(delta=5),
    "a number for text": choice(delta={"content": 5}),
    "a number for a part": choice(delta={"content": [5]}),
    "a user's role": choice(delta={"role": "user", "content": "x"}),
    "a text for tool calls": choice(delta={"tool_calls": "x"}),
    "bad tool calls": choice(delta={"tool_calls": [{"function": "x", "index": 0}]}),
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
    answered = {"message": {"role": "assistant", "content": "A gait."}, "finish_reason": "stop"}
    whole = {"object": "chat.completion", "choices": [{"index": 0, **answered}]}
    as_json = [json.dumps(whole, indent=indent).encode() for indent in (None, 2)]
    for body in (b"", b"<html>Sign in</html>", b'{"choices": []}\n', *as_json):
        failed = await failure([body, STOP], requests=2)
        assert "check OPENAI_BASE_URL" in failed.reason


@pytest.mark.parametrize(
    "event",
    [
        b": keepalive\n\n",
        b"data:\n\n",
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


def part(text: object) -> dict[str, object]:
    return {"type": "text", "text": text}


COUNTS = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
SHAPES: dict[str, list[bytes]] = {
    "parts": [choice(delta={"content": [part("A "), part("gait.")]})],
    "parts, one by one": [choice(delta={"content": [part(text)]}) for text in ("A ", "gait.")],
    "parts, then text": [choice(delta={"content": [part("A ")]}), delta("gait.")],
    "text, then parts": [delta("A "), choice(delta={"content": [part("gait.")]})],
    "texts for parts": [choice(delta={"content": ["A ", "gait."]})],
    "a part without text": [choice(delta={"content": [part(None)]}), delta("A gait.")],
    "a part that is no text": [choice(delta={"content": [{"type": "image"}]}), delta("A gait.")],
    "a thought beside a part": [
        choice(delta={"content": [{"type": "thinking", "thinking": "Hm."}, part("A gait.")]})
    ],
    "a thought beside text": [choice(delta={"reasoning": "Hm.", "content": "A gait."})],
    "no choices": [event({"id": "1"}), delta("A gait.")],
    "no tool": [choice(delta={"content": "A gait.", "tool_calls": [], "function_call": None})],
    "no error": [
        event({"error": None, "choices": [{"index": 0, "delta": {"content": "A gait."}}]})
    ],
    "usage of null, then last": [
        event({"choices": [{"index": 0, "delta": {"content": "A gait."}}], "usage": None}),
        choice(delta={}, finish_reason="stop"),
        event({"choices": [], "usage": COUNTS}),
    ],
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_text_comes_out_of_every_shape_that_endpoints_give_it(shape: list[bytes]) -> None:
    assert await text([*shape, END]) == "A gait."


async def test_usage_may_come_after_the_end_of_the_text() -> None:
    script: list[Step] = [*SHAPES["usage of null, then last"], b"data: [DONE]\n\n"]
    async with ScriptedOpenAI(script) as server, model_at(server.base_url) as model:
        counts = [chunk.usage_metadata for chunk in await answer(model) if chunk.usage_metadata]
    assert [count["total_tokens"] for count in counts] == [5]


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
            heard: list[str] = []
            try:
                await answer(model, heard)
            except ServiceUnavailable:
                return
            assert END in pieces
            assert ("A " * pieces.count(delta("A "))).startswith("".join(heard))

    asyncio.run(hear())
