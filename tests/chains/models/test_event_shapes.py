"""Streams in the shapes in which endpoints send them: no word is lost, and none comes twice.

Each is written after the documentation of its endpoint, or after what it was seen to send.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from chains.models.finish_reasons import ending_of
from chains.models.signs_of_life import is_thought
from tests.support.generating import answer, failure, model_at
from tests.support.scripted_openai import TRICKLE, WHOLE, ScriptedOpenAI, Step, delta

SAID = "A gait repeats: 🦿 é."
USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
SAFE = {"hate": {"filtered": False, "severity": "safe"}}
FILTERS = {"content_filter_results": SAFE}
PROMPT_FILTERS = {"prompt_filter_results": [{"prompt_index": 0, **FILTERS}]}
DONE = b"data: [DONE]\n\n"


def event(**fields: object) -> bytes:
    return f"data: {json.dumps(fields, ensure_ascii=False)}\n\n".encode()


def chunk(delta: object, reason: object = None, choice: object = (), **others: object) -> bytes:
    """An event as all send it, with what one adds to the choice or beside it."""
    one = {"index": 0, "delta": delta, "finish_reason": reason, **dict(choice or {})}  # type: ignore[call-overload]
    named = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return event(**{**named, "choices": [one], **others})


def says(first: str = "A gait ", rest: str = "repeats: 🦿 é.", **others: object) -> bytes:
    """Its role, and two pieces."""
    role = chunk({"role": "assistant", "content": ""}, **others)
    return role + chunk({"content": first}, **others) + chunk({"content": rest}, **others)


def counts(**others: object) -> bytes:
    return event(id="c1", object="chat.completion.chunk", choices=[], usage=USAGE, **others)


def whole(reason: str | None = "stop", **others: object) -> bytes:
    """All of the answer as one message."""
    message = {"role": "assistant", "content": SAID}
    return event(choices=[{"index": 0, "finish_reason": reason, "message": message}], **others)


def parts(*parts: object) -> bytes:
    return chunk({"content": list(parts)})


END = chunk({}, "stop")
THOUGHT = chunk({"reasoning_content": "Hm.", "content": None})
ENDPOINTS = {
    "OpenAI": says(obfuscation="aX3", service_tier="default", usage=None)
    + chunk({}, "stop", usage=None)
    + counts(obfuscation="")
    + DONE,
    "Azure": event(id="", object="", model="", created=0, choices=[], **PROMPT_FILTERS)
    + chunk({"role": "assistant", "content": "", "refusal": None}, None, FILTERS)
    + chunk({"content": SAID}, None, {**FILTERS, "logprobs": None})
    + chunk({}, "stop", FILTERS)
    + counts()
    + DONE,
    "Azure, filtered beside the stream": says()
    + event(
        id="",
        choices=[{"index": 0, "finish_reason": None, "content_filter_offsets": {}, **FILTERS}],
    )
    + END
    + counts()
    + DONE,
    "vLLM": chunk({"role": "assistant", "content": ""}, choice={"logprobs": None}, usage=None)
    + chunk({"reasoning": "Hm.", "reasoning_content": "Hm."})
    + chunk({"content": SAID}, choice={"logprobs": None, "token_ids": None})
    + chunk({"content": ""}, "stop", {"stop_reason": None})
    + counts()
    + DONE,
    "vLLM, with usage in each": says(usage=USAGE) + chunk({}, "stop", usage=USAGE) + DONE,
    "llama.cpp": says()
    + chunk({}, "stop", timings={"prompt_n": 9, "predicted_ms": 5.5})
    + counts(timings={"prompt_n": 9})
    + DONE,
    "Ollama": chunk({"role": "assistant", "content": "", "reasoning": "Hm."})
    + chunk({"role": "assistant", "content": SAID}, system_fingerprint="fp_ollama")
    + chunk({"role": "assistant", "content": ""}, "stop")
    + counts()
    + DONE,
    "LM Studio": says(system_fingerprint="m") + chunk({}, "stop", {"logprobs": None}) + counts(),
    "Mistral": chunk({"role": "assistant", "content": ""})
    + parts({"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]})
    + parts({"type": "text", "text": "A gait "}, {"type": "reference", "reference_ids": [1]})
    + chunk({"content": "repeats: 🦿 é."}, p="abcd")
    + chunk({"content": ""}, "stop", usage=USAGE)
    + DONE,
    "Groq": chunk({"role": "assistant", "content": ""}, x_groq={"id": "req_1"})
    + chunk({"reasoning": "Hm.", "channel": "analysis"})
    + chunk({"content": SAID})
    + chunk({}, "stop", x_groq={"id": "req_1", "usage": USAGE})
    + counts(x_groq={"id": "req_1"})
    + DONE,
    "OpenRouter": b": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n"
    + chunk({"role": "assistant", "content": "", "reasoning": "Hm."}, provider="X")
    + chunk({"role": "assistant", "content": SAID}, choice={"native_finish_reason": None})
    + chunk({"role": "assistant", "content": ""}, "stop", {"native_finish_reason": "STOP"})
    + chunk({"role": "assistant", "content": ""}, usage={**USAGE, "cost": 0.1, "cost_details": {}})
    + DONE,
    "Together": chunk({"role": "assistant", "content": SAID, "token_id": 5}, choice={"text": SAID})
    + chunk({"content": "", "token_id": 1}, "eos", {"text": "", "seed": 1}, usage=USAGE)
    + DONE,
    "DeepSeek": b": keep-alive\n\n"
    + THOUGHT
    + says()
    + chunk({"content": ""}, "stop", usage=USAGE),
    "Anthropic": chunk({"role": "assistant"}) + says() + chunk({}, "stop") + counts() + DONE,
    "Gemini": chunk({"role": "assistant", "extra_content": {"google": {"thought": True}}})
    + chunk({"role": "assistant", "content": SAID}, usage=USAGE)
    + chunk({"role": "assistant"}, "STOP", usage=USAGE)
    + DONE,
    "MiniMax": chunk({"role": "", "reasoning_content": ""}, usage={"total_tokens": 0})
    + says()
    + chunk({}, "stop", usage=None)
    + whole(object="chat.completion", usage=USAGE, input_sensitive=False),
    "Moonshot": says() + chunk({}, "stop", {"usage": USAGE}) + counts() + DONE,
    "Hugging Face": says() + chunk({"content": ""}, "eos_token") + counts() + DONE,
}
ODD = {
    "a message": whole(usage=USAGE) + DONE,
    "a message beside null": event(
        choices=[{"delta": None, "message": {"content": SAID}, "finish_reason": "stop"}],
        usage=USAGE,
    ),
    "a message of parts": event(
        choices=[{"message": {"content": [{"text": SAID}]}, "finish_reason": "stop"}], usage=USAGE
    ),
    "a message beside an empty delta": event(
        choices=[{"delta": {"content": ""}, "message": {"content": SAID}}], usage=USAGE
    )
    + END,
    "text in place of a delta": event(choices=[{"index": 0, "text": SAID}]) + END + counts(),
    "a part without a type": parts({"text": "A gait "})
    + parts({"text": SAID[7:]})
    + END
    + counts(),
    "output_text": parts({"type": "output_text", "text": SAID, "annotations": []}) + END + counts(),
    "a part with a value": parts({"type": "text", "text": {"value": SAID}}) + END + counts(),
    "one part, no list": chunk({"content": {"type": "text", "text": SAID}}) + END + counts(),
    "texts and parts": parts("A gait ", {"type": "x", "text": SAID[7:]}) + END + counts(),
    "thoughts of other types": parts(
        {"type": "reasoning_text", "text": "Hm."}, {"type": "summary_text", "text": "Ah."}
    )
    + parts({"text": SAID})
    + END
    + counts(),
    "a second choice": event(
        choices=[
            {"index": 1, "delta": {"content": "Another."}},
            {"index": 0, "delta": {"content": SAID}},
        ]
    )
    + chunk({"content": "Another."}, choice={"index": 1})
    + chunk({}, "length", {"index": 1})
    + END
    + counts(),
    "no index": event(choices=[{"delta": {"content": SAID}}]) + END + counts(),
    "finish reasons that are none": chunk({"content": "A gait "}, "")
    + chunk({"content": SAID[7:]}, "null")
    + END
    + counts(),
    "its end in another event, twice": says() + chunk({"content": None}) + END + END + counts(),
    "roles alone": chunk({"role": "assistant"}) * 3 + says() + END + counts(),
    "names, ids and blank lines": b"\n\r\n\r\r: x\nid: 1\nretry: 5\nevent: message\n"
    + says().replace(b"data: ", b"event: chunk\ndata:")
    + b"\n\n\n"
    + END
    + counts(),
    "CRLF": (says() + END + counts() + DONE).replace(b"\n", b"\r\n"),
    "CR": (says() + END + counts() + DONE).replace(b"\n", b"\r"),
    "a byte order mark": b"\xef\xbb\xbf" + says() + END + counts() + DONE,
    "several lines": (says() + END + counts()).replace(b', "', b',\ndata:"'),
}


Heard = tuple[str, set[str | None], int]


async def heard(scripts: list[list[Step]]) -> list[Heard]:
    """Of each answer its text, what its finish reasons mean, and the tokens that it counts."""
    found: list[Heard] = []
    async with ScriptedOpenAI(*scripts) as server, model_at(server.base_url) as model:
        for _ in scripts:
            chunks = await answer(model)
            reasons = [chunk.response_metadata.get("finish_reason") for chunk in chunks]
            usage = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata]
            tokens = sum(count["total_tokens"] for count in usage)
            text = "".join(chunk.text for chunk in chunks)
            found.append((text, {ending_of(reason) for reason in reasons if reason}, tokens))
        assert len(server.requests) == len(scripts)
    return found


@pytest.mark.parametrize("pace", ["at once", "one byte at a time"])
async def test_an_answer_comes_out_of_every_shape_once(pace: str) -> None:
    streams = ENDPOINTS | ODD
    first: list[Step] = [] if pace == "at once" else [TRICKLE]
    found = await heard([[*first, stream] for stream in streams.values()])
    assert dict(zip(streams, found, strict=True)) == dict.fromkeys(
        streams, (SAID, {"completed"}, 13)
    )


async def test_an_endpoint_that_does_not_stream_is_heard_too() -> None:
    script: list[Step] = [WHOLE, SAID]
    assert await heard([script]) == [(SAID, {"completed"}, 4 + 2)]  # words asked, pieces said


async def test_thoughts_in_parts_of_any_name_are_seen_as_thoughts() -> None:
    script: list[Step] = [ODD["thoughts of other types"]]
    async with ScriptedOpenAI(script) as server, model_at(server.base_url) as model:
        assert any(map(is_thought, await answer(model)))


BROKEN_USAGE = {
    "a text": "x",
    "a list": [1, 2],
    "a number": 5,
    "true": True,
    "texts for counts": {"prompt_tokens": "9", "total_tokens": "13"},
    "a count below nothing": {"prompt_tokens": -9, "total_tokens": 13},
    "a count beyond all": {"prompt_tokens": 10**30},
    "a fraction": {"total_tokens": 1.5},
    "a list for a count": {"total_tokens": [1]},
    "nothing in it": {},
}


@pytest.mark.parametrize("place", ["within", "at the end", "everywhere"])
async def test_a_wrong_count_of_tokens_costs_no_answer(place: str) -> None:
    scripts: list[list[Step]] = []
    for usage in BROKEN_USAGE.values():
        within: dict[str, Any] = {} if place == "at the end" else {"usage": usage}
        last = b"" if place == "within" else event(choices=[], usage=usage)
        scripts.append([says(**within) + chunk({}, "stop", **within) + last])
    found = await heard(scripts)
    assert found == [(SAID, {"completed"}, 0)] * len(BROKEN_USAGE)


async def test_a_total_that_is_less_than_its_parts_is_their_sum() -> None:
    usage = {"prompt_tokens": 5000, "completion_tokens": 700, "total_tokens": 1}
    assert await heard([[says() + END + event(choices=[], usage=usage)]]) == [
        (SAID, {"completed"}, 5700)
    ]


async def test_wrong_details_leave_the_count_as_it_is() -> None:
    wrong = ["x", [1], {"cached_tokens": "x"}, {"cached_tokens": -1}, 5]
    usages = [{**USAGE, "prompt_tokens_details": it, "cost_details": it} for it in wrong]
    found = await heard([[says() + END + event(choices=[], usage=usage)] for usage in usages])
    assert [tokens for *_, tokens in found] == [13] * len(wrong)


@pytest.mark.parametrize(
    "error",
    [
        event(object="error", message="sk-secret", type="InternalServerError", code=500),
        event(error={"message": "sk-secret", "code": 502, "metadata": {}}, choices=[]),
        chunk({"content": ""}, "error", {"error": {"code": 502, "message": "sk-secret"}}),
        chunk({"content": ""}, "error", error={"code": "server_error", "message": "sk-secret"}),
    ],
    ids=["vLLM", "SGLang", "OpenRouter, in a choice", "OpenRouter"],
)
async def test_an_error_within_a_stream_is_one_in_every_shape(error: bytes) -> None:
    failed = await failure([delta("A "), error], said="A ", requests=1)
    assert "secret" not in str(failed)
    assert "an error of its own" in failed.reason
