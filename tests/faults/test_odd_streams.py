"""Streams of endpoints that are nearly right: no word of theirs is lost, and none comes twice."""

from __future__ import annotations

import json

import pytest

from chains.errors import ServiceUnavailable
from chains.models.finish_reasons import ending_of
from quart_app.settings import WebSettings
from tests.support.generating import answer, model_at
from tests.support.scripted_openai import END, HANG, TRICKLE, ScriptedOpenAI, Step, choice, delta
from tests.support.talking import ask, client, receive, send, text_of, until_end
from tests.support.upstream import ZMP, reader, server

SAID = "A gait repeats."
FIRST, REST = "A gait ", "repeats."
PIECES = delta(FIRST) + delta(REST)


def event(**fields: object) -> bytes:
    return f"data: {json.dumps(fields)}\n\n".encode()


def chosen(**fields: object) -> bytes:
    return event(choices=[{"index": 0, **fields}])


ODD = {
    "no blank lines": (PIECES + END).replace(b"\n\n", b"\n"),
    "no blank lines, CRLF": (PIECES + END).replace(b"\n\n", b"\r\n"),
    "no blank lines, but comments": (PIECES + END).replace(b"\n\n", b"\n: x\n"),
    "events without data": b"data:\n\n" + delta(FIRST) + b"data: \n\n" + delta(REST) + END,
    "events of nothing": b"data: {}\n\n" + PIECES + b"data: {}\n\n" + END,
    "an end without data": PIECES + choice({}, "stop") + b"event: done\ndata:\n\n",
    "messages that grow": chosen(message={"content": FIRST})
    + chosen(message={"content": SAID})
    + END,
    "messages that repeat": chosen(message={"content": SAID}) * 3 + END,
    "pieces as texts": chosen(text=FIRST) + chosen(text=REST) + END,
    "equal pieces as texts": chosen(text="A gait repeat")
    + chosen(text="s.")
    + chosen(text="")
    + END,
    "a message, then deltas": chosen(message={"content": FIRST}) + delta(REST) + END,
    "a thought that a part is marked as": choice(
        {
            "content": [
                {"type": "text", "text": "Hm.", "thought": True},
                {"type": "text", "text": SAID},
            ]
        }
    )
    + END,
    "a reason of Cohere": PIECES + choice({}, "COMPLETE"),
    "a reason of a gateway": PIECES + choice({}, "done"),
    "a reason in each event": choice({"content": FIRST}, "stop")
    + choice({"content": REST}, "stop"),
    "a reason that is false": choice({"content": SAID}, False) + END,
    "a role in capitals": choice({"role": "Assistant", "content": SAID}) + END,
    "a role that is a number": choice({"role": 1, "content": SAID}) + END,
    "an index in words": event(choices=[{"index": "0", "delta": {"content": SAID}}]) + END,
    "a key twice": b'data: {"choices":[{"delta":{"content":"x","content":"A gait repeats."}}]}\n\n'
    + END,
    "numbers that are none": b'data: {"created":NaN,"id":1e999,"choices":[{"delta":{"content":'
    b'"A gait repeats."},"logprobs":{"content":[{"token":"x","logprob":-Infinity}]}}]}\n\n' + END,
    "names of other kinds": event(
        model=["x"], id=7, service_tier=[1], choices=[{"index": 0, "delta": {"content": SAID}}]
    )
    + END,
    "half a character in a name": b'data: {"id":"\\ud83e","choices":[{"delta":{"content":'
    b'"A gait repeats."}}]}\n\n' + END,
    "errors that are none": event(
        error={}, choices=[{"index": 0, "delta": {"content": SAID}, "error": None}]
    )
    + END,
    "thoughts that say the same": choice({"content": SAID, "reasoning_content": SAID}) + END,
    "images and sounds beside it": choice({"content": SAID, "audio": {"id": "x"}, "images": [1]})
    + END,
    "text in place of content": choice({"text": FIRST}) + choice({"text": REST}) + END,
    "text beside content that is empty": choice({"content": "", "text": FIRST})
    + choice({"content": None, "text": REST})
    + END,
    "content said twice": choice({"content": SAID, "text": SAID}) + END,
    "text with a value": choice({"text": {"value": SAID}}) + END,
    "content with a value": choice({"content": {"value": SAID}}) + END,
    "parts with values": choice({"content": [{"value": FIRST}, {"value": REST}]}) + END,
    "a list of texts": choice({"content": [FIRST, REST]}) + END,
    "a list of texts in place of content": choice({"text": [FIRST, REST]}) + END,
    "a delta that is a text": chosen(delta=FIRST) + chosen(delta=REST) + END,
    "blanks behind each event": (PIECES + END).replace(b"}\n", b"} \t\n"),
}


OTHER = {
    "OpenAI's Responses": event(type="response.created", response={"id": "x"})
    + event(type="response.output_text.delta", delta=SAID)
    + event(type="response.completed", response={"usage": {"total_tokens": 3}}),
    "Messages of Anthropic": event(type="message_start", message={"content": []})
    + event(type="content_block_delta", index=0, delta={"type": "text_delta", "text": SAID})
    + event(type="message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 3})
    + event(type="message_stop"),
    "Gemini's own": event(candidates=[{"content": {"parts": [{"text": SAID}]}}]),
    "Ollama's own, as events": event(message={"content": SAID}, done=False) + event(done=True),
    "Cohere's own": event(type="content-delta", delta={"message": {"content": {"text": SAID}}}),
    "usage alone": event(usage={"total_tokens": 3}) + b"data: [DONE]\n\n",
    "a list": b'data: ["A gait repeats."]\n\n',
    "a text": b'data: "A gait repeats."\n\n',
    "a line of JSON": json.dumps({"response": SAID}).encode() + b"\n",
}
"""Streams of other APIs."""


@pytest.mark.parametrize("pace", ["at once", "one byte at a time"])
async def test_an_answer_comes_out_of_every_odd_stream_once(pace: str) -> None:
    first: list[Step] = [] if pace == "at once" else [TRICKLE]
    found = {}
    scripts: list[list[Step]] = [[*first, stream] for stream in ODD.values()]
    async with ScriptedOpenAI(*scripts) as endpoint, model_at(endpoint.base_url) as model:
        for name in ODD:
            chunks = await answer(model)
            reasons = [chunk.response_metadata.get("finish_reason") for chunk in chunks]
            text = "".join(chunk.text for chunk in chunks)
            found[name] = (text, {ending_of(reason) for reason in reasons if reason})
        assert len(endpoint.requests) == len(ODD)
    assert found == dict.fromkeys(ODD, (SAID, {"completed"}))


async def test_events_without_blank_lines_are_read_while_they_come(example: WebSettings) -> None:
    script: list[Step] = [
        (delta("A point ") + delta("on the ground.")).replace(b"\n\n", b"\n"),
        HANG,
    ]
    async with (
        ScriptedOpenAI(script) as endpoint,
        server(example, endpoint) as url,
        client(url) as socket,
    ):
        await receive(socket)
        await send(socket, "question", {"question": ZMP, "client_query_id": "mine"})
        start = await receive(socket)
        chunk = await receive(socket)
        assert chunk["data"]["content"].startswith("A point")
        await send(socket, "cancel", {"query_id": start["data"]["query_id"]})
        assert (await until_end(socket))[-1]["data"]["status"] == "cancelled"


async def test_a_reader_is_sent_what_an_odd_stream_says(example: WebSettings) -> None:
    script: list[Step] = [ODD["messages that grow"]]
    async with ScriptedOpenAI(script) as endpoint, reader(example, endpoint) as socket:
        messages = await ask(socket, ZMP)
    assert text_of(messages) == SAID
    assert messages[-1]["data"]["status"] == "completed"


async def test_a_stream_of_another_api_is_named_and_not_called_broken_off() -> None:
    found = {}
    scripts: list[list[Step]] = [[stream] for stream in OTHER.values()]
    async with ScriptedOpenAI(*scripts) as endpoint, model_at(endpoint.base_url) as model:
        for name in OTHER:
            with pytest.raises(ServiceUnavailable) as failed:
                await answer(model)
            found[name] = str(failed.value)
    reason = "did not answer in OpenAI's format; check OPENAI_BASE_URL"
    assert {name: said for name, said in found.items() if reason not in said} == {}
