"""Two answers to one question on a terminal, side by side or, where that is too narrow, in turn."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from quart_app.commands.replay import Side
from quart_app.trace.facts import ms
from quart_app.trace.table import NARROW, add_row, heading, show_text

SAME, OTHER = "=", "≠"
TIMES = ("first text", "end")
"""They always differ, so it is not said."""


def show_both(kept: Side, again: Side, console: Console) -> None:
    """What was kept and what came now; what differs is marked."""
    if kept.question != again.question:
        console.print(
            Text("A follow-up, asked as it was condensed, without its history:", "yellow")
        )
        show_text(again.question, console)
        console.print()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column("", style="dim", no_wrap=True)
    table.add_column("")
    for title in ("kept", "asked again"):
        table.add_column(title, ratio=1, overflow="fold")
    rows = [(name, _facts(kept)[name], value) for name, value in _facts(again).items()]
    if is_wide := console.width >= NARROW:
        rows.append(("text", kept.text, again.text))
    for name, before, now in rows:
        mark = "" if name in TIMES else SAME if before == now else OTHER
        style = "bold yellow" if mark == OTHER else "dim"
        add_row(table, name, Text(mark, style), before, now)
    console.print(table)
    if not is_wide:
        heading("Text, kept", console)
        show_text(kept.text or "(no text)", console)
        heading("Text, asked again", console)
        show_text("(the same)" if kept.text == again.text else again.text or "(no text)", console)


def _facts(side: Side) -> dict[str, str]:
    grounding = side.grounding
    return {
        "status": side.status,
        "prompt": side.prompt or "–",
        "version": side.version or "–",
        "model": side.model or "–",
        "index": side.index_version or "–",
        "first text": ms(side.first_ms),
        "end": ms(side.end_ms),
        "tokens": "–" if side.total_tokens is None else str(side.total_tokens),
        "grounding": f"{grounding.supported} of {grounding.sentences}" if grounding else "–",
        "sources": "\n".join(side.sources) or "–",
    }
