"""What happened when, from the question to the last frame, as steps that a person can follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quart_app.trace.record import Call, Trace


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of time, or a moment, in milliseconds since the question was accepted."""

    name: str
    start_ms: float
    end_ms: float
    note: str = ""


def steps(trace: Trace) -> list[Step]:
    """The steps in the order in which they began."""
    return sorted(_steps(trace), key=lambda step: step.start_ms)


def length_ms(trace: Trace) -> float:
    """When the answer ended or, where that was later, its first reader had it."""
    return max([trace.outcome.ended_ms, *(step.end_ms for step in _steps(trace))])


def _steps(trace: Trace) -> Iterator[Step]:
    for number, call in enumerate(trace.calls):
        before = [earlier.purpose for earlier in trace.calls[:number]]
        yield from _call(call, before.count(call.purpose) + 1)
    if condensed := trace.condensed:
        note = "stands alone" if condensed.by == "reader" else f"by the {condensed.by}"
        yield Step("condensed", condensed.at_ms, condensed.at_ms, note)
    if search := trace.retrieval:
        ended = trace.outcome.ended_ms if search.ended_ms is None else search.ended_ms
        note = search.error or f"{len(search.candidates)} candidates"
        yield Step("search", search.started_ms, ended, note)
    if gate := trace.gate:
        yield Step("gate", gate.at_ms, gate.at_ms, "passed" if gate.passed else "shut")
    yield from _frames(trace)
    outcome = trace.outcome
    yield Step("end", outcome.ended_ms, outcome.ended_ms, outcome.status)


def _call(call: Call, attempt: int) -> Iterator[Step]:
    name = "condense" if call.purpose == "condense" else "model"
    name += f" {attempt}" if attempt > 1 else ""
    asked, first, last = call.asked_ms, call.first_ms, call.last_ms
    if first is None or last is None:
        ended = asked if call.ended_ms is None else call.ended_ms
        yield Step(name, asked, ended, call.error or "no text")
        return
    yield Step(name, asked, first, "until its first text")
    pieces = "1 piece" if call.pieces == 1 else f"{call.pieces} pieces"
    note = call.error or f"{pieces}, {call.finish_reason or 'no finish reason'}"
    yield Step(f"{name} writes", first, last, note)


def _frames(trace: Trace) -> Iterator[Step]:
    started = [frame for frame in trace.frames if frame.type == "response_start"]
    if started:
        yield Step("sources sent", started[0].at_ms, started[0].at_ms)
    chunks = [frame for frame in trace.frames if frame.type == "response_chunk"]
    if chunks:
        note = "1 frame" if len(chunks) == 1 else f"{len(chunks)} frames"
        yield Step("text sent", chunks[0].at_ms, chunks[-1].at_ms, note)
