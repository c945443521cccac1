"""Traces on a terminal: a list of them, and one of them in full, as tables of rich."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from quart_app.trace.record import Call, Frame, Message, Outcome, Trace
from quart_app.trace.timeline import length_ms, steps
from quart_app.trace.visible import one_line, visible

NARROW = 80
"""Columns; below, what can be done without is left out."""
MOST_CANDIDATES = 12
MOST_FRAMES = 60
ID_DIGITS = 8
"""Of an id in the list: enough to name one of a few hundred."""


def show_list(traces: Sequence[Trace], console: Console) -> None:
    """A line for each trace."""
    table = _table("asked", "id", "first", "total", "status", "question", right=("first", "total"))
    table.columns[-1].no_wrap = True
    table.columns[-1].overflow = "ellipsis"
    table.columns[-1].ratio = 1
    table.expand = True
    for trace in traces:
        table.add_row(
            _local(trace.accepted, "%H:%M:%S"),
            trace.query_id.removeprefix("query_")[:ID_DIGITS],
            ms(trace.first_ms),
            ms(trace.outcome.ended_ms),
            Text(status(trace.outcome), _color(trace.outcome)),
            Text(one_line(trace.asked.question, 200)),
        )
    console.print(table)


def show(trace: Trace, console: Console) -> None:
    """Everything that a person wants to see of a trace; some long lists are cut."""
    _head(trace, console)
    _timeline(trace, console)
    _candidates(trace, console)
    _calls(trace.calls, console)
    _prompt(trace, console)
    _frames(trace.frames, console)
    _heading("Answer", console)
    console.print(_indented(trace.text or "(none)"))
    for note in trace.left_out:
        console.print(_text(f"Left out of the trace: {note}."), style="yellow")
    console.print()


def ms(given: float | None) -> str:
    """Milliseconds as people read them."""
    if given is None:
        return "–"
    return f"{given:.0f} ms" if given < 10_000 else f"{given / 1000:.1f} s"


def status(outcome: Outcome) -> str:
    """How the answer ended, in a word."""
    return outcome.fault.kind if outcome.fault else outcome.status


def facts(trace: Trace) -> list[tuple[str, str]]:
    """What the head of a trace says, by name."""
    asked, outcome = trace.asked, trace.outcome
    selections = [s.text or s.chunk_id or "" for s in asked.selections]
    found = [
        ("question", asked.question),
        *(("selected", one_line(selection, 300)) for selection in selections),
        ("page", asked.page),
        ("follows", f"{len(asked.history)} earlier messages" if asked.history else None),
        ("condensed", trace.condensed and f"{trace.condensed.question} (by the {trace.condensed.by})"),
        ("asked", _local(trace.accepted, "%Y-%m-%d %H:%M:%S")),
        ("session", trace.session),
        ("client id", trace.client_query_id),
        ("prompt", f"{trace.prompt}, version {trace.version or 'unknown'}"),
        ("model", outcome.model),
        ("index", outcome.index_version),
        ("gate", _gate(trace)),
        ("status", status(outcome)),
        ("reason", _reason(outcome)),
        ("times", f"first text {ms(trace.first_ms)}, end {ms(outcome.ended_ms)}"),
        ("tokens", _tokens(outcome)),
        ("grounding", _grounding(outcome)),
        ("sha256", outcome.content_sha256),
    ]
    return [(name, value) for name, value in found if value]


def _gate(trace: Trace) -> str | None:
    if (gate := trace.gate) is None:
        return None
    sign = "≥" if gate.relevance >= gate.threshold else "<"
    decision = "passed" if gate.passed else "shut: the book does not cover it"
    return f"{gate.relevance:.3f} {sign} {gate.threshold:.3f}, {decision}"


def _reason(outcome: Outcome) -> str | None:
    fault = outcome.fault
    return fault and f"{fault.reason} (id {fault.error_id})"


def _tokens(outcome: Outcome) -> str | None:
    if outcome.total_tokens is None:
        return None
    return f"{outcome.total_tokens}{', estimated' if outcome.tokens_estimated else ''}"


def _grounding(outcome: Outcome) -> str | None:
    if (grounding := outcome.grounding) is None:
        return None
    return f"{grounding.supported} of {grounding.sentences} sentences supported"


def _head(trace: Trace, console: Console) -> None:
    console.print(Text(trace.query_id, "bold"))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts(trace):
        table.add_row(name, _text(value, _color(trace.outcome) if name == "status" else ""))
    console.print(table)


def _timeline(trace: Trace, console: Console) -> None:
    _heading("Timeline", console)
    narrow = console.width < NARROW
    names = ("from", "to", "step", "", "note")
    table = _table(*names, right=("from", "to"), hidden=("",) if narrow else ())
    whole = length_ms(trace) or 1.0
    for step in steps(trace):
        bar = _bar(step.start_ms / whole, step.end_ms / whole, 24)
        is_moment = step.start_ms == step.end_ms
        cells = [ms(step.start_ms), "" if is_moment else ms(step.end_ms), step.name]
        table.add_row(*cells, *([] if narrow else [Text(bar, "cyan")]), _text(step.note))
    console.print(table)
