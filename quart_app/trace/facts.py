"""A trace in words: what its head says, and which of its candidates became sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from quart_app.trace.record import Candidate, Outcome, Trace
from quart_app.trace.visible import one_line


def facts(trace: Trace) -> list[tuple[str, str]]:
    """The facts of the head by name, in order; those that are not known are left out."""
    return [(name, value) for name, value in _facts(trace) if value]


def status(outcome: Outcome) -> str:
    """How the answer ended, in a word."""
    return outcome.fault.kind if outcome.fault else outcome.status


def ms(given: float | None) -> str:
    """Milliseconds as people read them."""
    if given is None:
        return "–"
    return f"{given:.0f} ms" if given < 10_000 else f"{given / 1000:.1f} s"


def local_time(timestamp: str, form: str = "%Y-%m-%d %H:%M:%S %Z") -> str:
    """A time of a trace as the clock on the wall has it."""
    try:
        return datetime.fromisoformat(timestamp).astimezone().strftime(form)
    except ValueError:
        return timestamp


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate and what became of it: ``[2]`` if it is the second source, and so on."""

    candidate: Candidate
    source: str
    note: str


def ranked(trace: Trace) -> list[Ranked]:
    """The candidates, best first."""
    numbers = {source.chunk_id: source.index for source in trace.sources}
    candidates = trace.retrieval.candidates if trace.retrieval else ()
    return [_ranked(candidate, numbers.get(candidate.chunk_id), trace) for candidate in candidates]


def tokens(outcome: Outcome) -> str | None:
    """How many there were, and whether that was counted or guessed."""
    if outcome.total_tokens is None:
        return None
    return f"{outcome.total_tokens}{', estimated' if outcome.tokens_estimated else ''}"


def grounding(outcome: Outcome) -> str | None:
    """How much of the answer its sources support."""
    if (found := outcome.grounding) is None:
        return None
    return f"{found.supported} of {found.sentences} sentences supported"


def prompt(trace: Trace) -> str:
    """Name and version of the prompt."""
    return f"{trace.prompt}, version {trace.version or 'unknown'}"


def _facts(trace: Trace) -> Iterator[tuple[str, str | None]]:
    asked, outcome, condensed = trace.asked, trace.outcome, trace.condensed
    yield "question", asked.question
    for selected in asked.selections:
        yield "selected", one_line(selected.text or selected.chunk_id or "", 300)
    yield "page", asked.page
    yield "follows", f"{len(asked.history)} earlier messages" if asked.history else None
    if condensed is not None and condensed.question != asked.question:
        yield "condensed", f"{condensed.question} (by the {condensed.by})"
    yield "asked", local_time(trace.accepted)
    yield "session", trace.session
    yield "client id", trace.client_query_id
    yield "status", status(outcome)
    if outcome.fault is not None:
        yield "reason", outcome.fault.reason
    yield "first text", None if trace.first_ms is None else ms(trace.first_ms)
    yield "end", ms(outcome.ended_ms)
    yield "gate", _gate(trace)
    yield "prompt", prompt(trace)
    yield "model", outcome.model
    yield "index", outcome.index_version
    yield "tokens", tokens(outcome)
    yield "grounding", grounding(outcome)
    yield "sha256", outcome.content_sha256


def _gate(trace: Trace) -> str | None:
    if (gate := trace.gate) is None:
        return None
    sign = "≥" if gate.relevance >= gate.threshold else "<"
    decision = "passed" if gate.passed else "shut: the book does not cover it"
    return f"relevance {gate.relevance:.3f} {sign} {gate.threshold:.3f}, {decision}"


def _ranked(candidate: Candidate, number: int | None, trace: Trace) -> Ranked:
    notes = ["selected"] if candidate.selected else []
    notes += ["cited"] if number in trace.cited else []
    return Ranked(candidate, "" if number is None else f"[{number}]", ", ".join(notes))
