"""A question asked again, and both of its answers in the same words, to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chains.errors import ScholiastError
from chains.events import Grounding
from quart_app.commands.chat_client import connected, converse
from quart_app.protocol.bounds import LONGEST_QUESTION
from quart_app.settings import WebSettings
from quart_app.trace.facts import status
from quart_app.trace.record import Trace


class NotAsked(ScholiastError):
    """The server refused the question."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two answers; `sources` are those it cites, times are in milliseconds."""

    query_id: str
    question: str
    status: str
    text: str
    sources: tuple[str, ...]
    prompt: str | None
    version: str | None
    model: str | None = None
    index_version: str | None = None
    first_ms: float | None = None
    end_ms: float | None = None
    total_tokens: int | None = None
    grounding: Grounding | None = None


def side_of(trace: Trace) -> Side:
    """The answer that was kept; one that failed has the code that its reader was sent."""
    outcome = trace.outcome
    codes = (frame.code for frame in trace.frames if frame.code)
    return Side(
        query_id=trace.query_id,
        question=trace.asked.question,
        status=next(codes, status(outcome)),
        text=trace.text,
        sources=tuple(f"[{s.index}] {s.section}" for s in trace.sources if s.index in trace.cited),
        prompt=trace.prompt,
        version=trace.version,
        model=outcome.model,
        index_version=outcome.index_version,
        first_ms=outcome.first_chunk_ms,
        end_ms=outcome.ended_ms,
        total_tokens=outcome.total_tokens,
        grounding=outcome.grounding,
    )


def question_of(trace: Trace, prompt: str | None = None) -> dict[str, Any]:
    """The same question for a conversation that has no earlier turns, as the data of a message.

    So a follow-up is asked as it was condensed, which stands alone.
    """
    asked, condensed = trace.asked, trace.condensed
    text = asked.question
    if condensed is not None and len(condensed.question) <= LONGEST_QUESTION:
        text = condensed.question
    chunks = [
        s.chunk_id or {"text": s.text, **_given(page=s.page, anchor=s.anchor)}
        for s in asked.selections
    ]
    named = _given(page=asked.page, prompt=prompt or asked.prompt)
    return {"question": text, "context_chunks": chunks, **named}


async def ask_again(settings: WebSettings, trace: Trace, prompt: str | None = None) -> Side:
    """Ask the running server, or one that runs as long as this, which then keeps a trace, too.

    Raises NotAsked where the server refuses the question, and what `connected` raises.
    """
    data = question_of(trace, prompt)
    variants = settings.prompt_variants | {data.get("prompt", "")} - {""}
    settings = settings.model_copy(update={"trace": True, "prompt_variants": variants})
    async with connected(settings) as (_, socket):
        messages = [message async for message in converse(socket, data, settings)]
    last = messages[-1]["data"]
    if "query_id" not in last:
        raise _refusal(last, data)
    return _side(data, messages)


def _side(data: dict[str, Any], messages: list[dict[str, Any]]) -> Side:
    """The answer that these messages are."""
    chunks = [m["data"] for m in messages if m["type"] == "response_chunk"]
    end = messages[-1]["data"]
    prompt = end.get("prompt", {})
    grounding = end.get("grounding")
    return Side(
        query_id=end["query_id"],
        question=data["question"],
        status=end["code"] if messages[-1]["type"] == "error" else end["status"],
        text="".join(chunk["content"] for chunk in chunks),
        sources=tuple(
            f"[{s['index']}] {s['section']}"
            for s in sorted(
                (s for c in chunks for s in c["sources"]), key=lambda s: int(s["index"])
            )
        ),
        prompt=prompt.get("name", data.get("prompt")),
        version=prompt.get("version"),
        model=end.get("model"),
        index_version=end.get("index_version"),
        first_ms=end.get("first_chunk_ms"),
        end_ms=end.get("response_time_ms"),
        total_tokens=end.get("total_tokens"),
        grounding=None if grounding is None else Grounding(**grounding),
    )


def _refusal(error: dict[str, Any], data: dict[str, Any]) -> NotAsked:
    if error.get("param") == "prompt":
        return NotAsked(
            f"the running server offers no prompt “{data['prompt']}”; start it with "
            f"SCHOLIAST_PROMPT_VARIANTS={data['prompt']}, or stop it: --replay then runs its own."
        )
    return NotAsked(f"the server refused the question: {error['message']}")


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
