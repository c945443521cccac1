"""Traces on a terminal: a line for each, or one of them in full, as tables of rich."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from quart_app.trace.facts import facts, local_time, ms, prompt, ranked, status
from quart_app.trace.record import Outcome, Trace
from quart_app.trace.timeline import length_ms, steps
from quart_app.trace.visible import one_line, visible

NARROW, WIDE = 80, 120
"""Columns; with fewer than 80, what can be done without is left out, and from 120 on files have a
column of their own."""
MOST_CANDIDATES = 12
MOST_FRAMES = 60
ID_DIGITS = 8
"""Of an id in the list: enough for a few hundred to differ."""
BAR = 24
COLORS = {"completed": "green", "failed": "red"}
"""Of an ending; any other is yellow: the reader got less than an answer, or was content with it."""


def show_list(traces: Sequence[Trace], console: Console) -> None:
    """A line for each trace."""
    table = _table("asked", "id", ">first", ">total", "status", "question")
    table.expand = True
    question = table.columns[-1]
    question.no_wrap, question.overflow, question.ratio = True, "ellipsis", 1
    for trace in traces:
        add_row(
            table,
            local_time(trace.accepted, "%H:%M:%S"),
            trace.query_id.removeprefix("query_")[:ID_DIGITS],
            ms(trace.first_ms),
            ms(trace.outcome.ended_ms),
            _status(trace.outcome),
            one_line(trace.asked.question, 200),
        )
    console.print(table)


def show(trace: Trace, console: Console) -> None:
    """All that a person wants to see of a trace; the longest lists are cut."""
    console.print(Text(visible(trace.query_id), "bold"))
    show_pairs(facts(trace), console)
    heading("Answer", console)
    show_text(trace.text or "(no text)", console)
    _show_timeline(trace, console)
    _show_candidates(trace, console)
    _show_calls(trace, console)
    _show_frames(trace, console)
    _show_prompt(trace, console)
    for note in trace.left_out:
        console.print(Text(visible(f"Not in the trace: {note}."), "yellow"))


def heading(title: str, console: Console) -> None:
    """The name of what follows."""
    console.print()
    console.print(Text(visible(title), "bold"))


def show_pairs(pairs: Sequence[tuple[str, str]], console: Console) -> None:
    """Names, and beside each what it is."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        add_row(table, name, value)
    console.print(table)


def add_row(table: Table, *cells: str | Text, style: str = "") -> None:
    """A row; nothing in its strings acts on the terminal."""
    texts = (Text(visible(cell)) if isinstance(cell, str) else cell for cell in cells)
    table.add_row(*texts, style=style)


def show_text(text: str, console: Console) -> None:
    """Text of a book, reader or model, indented."""
    console.print(Padding(Text(visible(text)), (0, 0, 0, 2)))


def _show_timeline(trace: Trace, console: Console) -> None:
    heading("Timeline", console)
    wide = console.width >= NARROW
    table = _table(">from", ">to", "step", *(["·"] if wide else []), "note")
    whole = length_ms(trace) or 1.0
    for step in steps(trace):
        bar = [_bar(step.start_ms / whole, step.end_ms / whole)] if wide else []
        ended = "" if step.end_ms == step.start_ms else ms(step.end_ms)
        add_row(table, ms(step.start_ms), ended, step.name, *bar, step.note)
    console.print(table)


def _show_candidates(trace: Trace, console: Console) -> None:
    rows = ranked(trace)
    if not rows:
        return
    heading("Candidates", console)
    wide = console.width >= WIDE
    table = _table(
        ">rank", "source", ">score", ">cosine", "section", *(["file"] if wide else []), ""
    )
    shown = [row for n, row in enumerate(rows) if n < MOST_CANDIDATES or row.source]
    for row in shown:
        found = row.candidate
        section, file = visible(found.section), visible(found.file)
        add_row(
            table,
            str(found.rank),
            Text(row.source, "green"),
            f"{found.score:.3f}",
            f"{found.cosine:.3f}",
            *([section, file] if wide else [Text(f"{section}\n{file}")]),
            row.note,
            style="" if row.source else "dim",
        )
    console.print(table)
    _show_rest(len(rows) - len(shown), console)


def _show_calls(trace: Trace, console: Console) -> None:
    if not trace.calls:
        return
    heading("Calls of the model", console)
    table = _table("for", "model", ">asked", ">first", ">last", ">tokens in", ">out", "end")
    for call in trace.calls:
        add_row(
            table,
            call.purpose,
            call.model,
            ms(call.asked_ms),
            ms(call.first_ms),
            ms(call.last_ms),
            _count(call.input_tokens),
            _count(call.output_tokens),
            Text(visible(call.error or call.finish_reason or "–"), "red" if call.error else ""),
        )
    console.print(table)


def _show_prompt(trace: Trace, console: Console) -> None:
    heading(f"Prompt {prompt(trace)}", console)
    if not trace.messages:
        show_text("(not rendered: the model was not asked)", console)
    for message in trace.messages:
        console.print(Text(visible(f"{message.role}:"), "cyan"))
        show_text(message.text, console)


def _show_frames(trace: Trace, console: Console) -> None:
    if not trace.frames:
        return
    heading("Frames", console)
    wide = console.width >= NARROW
    table = _table(">at", "type", ">seq", *([">bytes"] if wide else []), "cites", "content")
    for frame in trace.frames[:MOST_FRAMES]:
        notes = ": ".join(filter(None, (frame.code, frame.note)))
        said = notes if frame.content is None else frame.content
        add_row(
            table,
            ms(frame.at_ms),
            frame.type,
            _count(frame.seq),
            *([str(frame.bytes)] if wide else []),
            "".join(f"[{index}]" for index in frame.cites),
            said.replace("\n", "⏎"),
        )
    console.print(table)
    _show_rest(len(trace.frames) - MOST_FRAMES, console)


def _show_rest(count: int, console: Console) -> None:
    if count > 0:
        console.print(Text(f"  … and {count} more; --json and --html show them.", "dim"))


def _table(*names: str) -> Table:
    """A table with a head; ``>`` before a name sets its column to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in names:
        is_right = name.startswith(">")
        table.add_column(
            Text(name.removeprefix(">").replace("·", "")),
            justify="right" if is_right else "left",
            no_wrap=is_right or name == "·",
            overflow="fold",
        )
    return table


def _status(outcome: Outcome) -> Text:
    return Text(visible(status(outcome)), COLORS.get(outcome.status, "yellow"))


def _count(number: int | None) -> str:
    return "–" if number is None else str(number)


def _bar(start: float, end: float) -> Text:
    """Where in the whole a step lies."""
    first = min(round(start * BAR), BAR - 1)
    length = max(round(end * BAR) - first, 1)
    mark = "│" if start == end else "━" * length
    return Text(f"{' ' * first}{mark}".ljust(BAR), "cyan")
