"""Streams as endpoints send them, well-formed and not, cut into parts anywhere."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

TEXT = st.text(max_size=12)
NUMBER = st.integers(0, 10**6)
SOMETHING = st.one_of(st.none(), st.booleans(), NUMBER, TEXT, st.just([]), st.just({"x": 1}))
CONTENT = st.one_of(
    TEXT,
    st.none(),
    st.lists(st.builds(lambda text: {"type": "text", "text": text}, TEXT), max_size=2),
    st.just([{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Ah."}]),
)
CALL = st.fixed_dictionaries(
    {"index": st.integers(0, 1), "function": st.fixed_dictionaries({"arguments": TEXT})},
    optional={"id": st.just("call_1"), "type": st.just("function")},
)
DELTA = st.one_of(
    *[st.fixed_dictionaries({"content": TEXT})] * 6,
    st.fixed_dictionaries(
        {},
        optional={
            "role": st.sampled_from(["assistant", None, "assistant", "user", "system"]),
            "content": CONTENT,
            "refusal": st.one_of(st.none(), TEXT),
            "reasoning_content": st.one_of(st.none(), TEXT),
            "reasoning": st.one_of(st.none(), TEXT),
            "reasoning_details": st.just([{"type": "reasoning.encrypted"}]),
            "tool_calls": st.one_of(st.none(), st.lists(CALL, max_size=2)),
            "function_call": st.one_of(st.none(), st.just({"name": "f", "arguments": "{}"})),
            "id": st.one_of(st.none(), st.just("message_1")),
        },
    ),
)
REASON = st.sampled_from([None, None, None, "stop", "length", "tool_calls", "STOP", "", 5])
CHOICE = st.fixed_dictionaries(
    {"delta": DELTA},
    optional={
        "index": st.just(0),
        "finish_reason": REASON,
        "logprobs": st.one_of(st.none(), st.just({"content": [{"token": "A", "logprob": -1.5}]})),
    },
)
DETAILS = st.one_of(
    st.none(), st.dictionaries(st.sampled_from(["cached_tokens", "audio_tokens"]), NUMBER)
)
USAGE = st.fixed_dictionaries(
    {"prompt_tokens": NUMBER, "completion_tokens": NUMBER},
    optional={
        # Of a total that is less than its parts we make their sum, and the SDK does not.
        "total_tokens": st.one_of(st.integers(2 * 10**6, 3 * 10**6), st.none()),
        "prompt_tokens_details": DETAILS,
        "completion_tokens_details": st.just({"reasoning_tokens": 3}),
        "cost": st.just(0.01),
    },
)
ERROR = st.one_of(TEXT, st.none(), st.just({"message": "too busy", "code": "overloaded"}))
EVENT = st.one_of(
    *[st.builds(lambda choice: {"choices": [choice]}, CHOICE)] * 8,
    st.fixed_dictionaries(
        {},
        optional={
            "id": TEXT,
            "model": st.just("scripted"),
            "system_fingerprint": st.one_of(st.none(), st.just("fp")),
            "service_tier": st.sampled_from([None, "default", "flex"]),
            "choices": st.one_of(st.lists(CHOICE, max_size=2), SOMETHING),
            "usage": st.one_of(USAGE, st.none()),
            "error": ERROR,
            "type": st.just("content.delta"),
        },
    ),
)
GARBAGE = st.sampled_from(
    [
        *[b"data: {", b"data: 5", b"data: [1]", b"data: null", b"data: \xff", b"x: y"],
        b'data: {"choices": NaN}',
    ]
)


@st.composite
def events(draw: st.DrawFn) -> bytes:
    """An event, or a comment, with its end."""
    line_end = draw(st.sampled_from([b"\n", b"\n", b"\r\n", b"\r"]))
    kind = draw(st.integers(0, 40))
    if kind < 2:
        return draw(st.sampled_from([b": keep", b":", b": data: {}"])) + line_end * 2
    if kind == 2:
        return draw(GARBAGE) + line_end * 2
    event: Any = draw(EVENT)
    text = json.dumps(event, ensure_ascii=draw(st.booleans()))
    name = draw(st.sampled_from([b"", b"", b"", b"event: message" + line_end]))
    space = draw(st.sampled_from(["", " "]))
    said = text.encode("utf-8", "surrogatepass")
    return name + b"data:" + space.encode() + said + line_end * 2


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """The parts of the body of an answer."""
    said = draw(st.lists(events(), min_size=1, max_size=12))
    last = draw(st.sampled_from([b"data: [DONE]\n\n", b"", b"data: [DONE]\r\n\r\n", b": end"]))
    whole = b"".join(said) + last
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(whole) - 1)), max_size=12)))
    return [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
