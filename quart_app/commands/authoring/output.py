"""What commands for authors print: a plan by chapter, and problems of the book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from quart_app.commands.console import show_line

if TYPE_CHECKING:
    from ingestion.formats.notes import Note
    from ingestion.indexer import Report
    from ingestion.plan import Plan
    from ingestion.problems import Problem

EXAMPLES = 3
"""Problems of a kind that are printed without being asked for more."""
COLORS = {"added": "green", "changed": "yellow", "removed": "red"}


def show_plan(plan: Plan) -> None:
    """The chapters that would be touched, and how many chunks of each."""
    show_line(plan.title, bold=True)
    for chapter in plan.chapters:
        counts = f"+{chapter.added} -{chapter.removed}"
        line = f"{chapter.change:8} {counts:>9}  {chapter.file}  {chapter.title}"
        show_line(line, fg=COLORS[chapter.change])
    for skipped in plan.skipped:
        color = "red" if skipped.is_fault else None
        show_line(f"skipped  {skipped.file}: {skipped.reason}", fg=color)
    show_notes(plan.notes)
    show_unread(plan)
    show_problems(plan.problems)
    show_line(f"{summary(plan)} Nothing was written.")


def summary(plan: Plan) -> str:
    """The changes in a sentence."""
    if plan.is_current:
        return "The index is up to date."
    counts = Counter[str](chapter.change for chapter in plan.chapters)
    if not counts:
        return "No chapter changes, but the book's title, address or order."
    shown = ", ".join(f"{counts[change]} {change}" for change in COLORS)
    return f"Chapters: {shown}."


def show_unread(read: Plan | Report) -> None:
    """That most of a book was not read, if it was not."""
    if read.is_mostly_unread:
        show_line(
            f"Most of the book was not read: {read.passed_over:,} pages were passed over, "
            f"{read.files:,} read. Name its make by --format, or another folder; of a make that is "
            "not known, ingest the HTML that its generator builds.",
            fg="red",
        )


def show_notes(notes: Sequence[Note]) -> None:
    """What was not understood, kind by kind, with a count and examples."""
    for note in notes:
        examples = f": {', '.join(note.examples)}" if note.examples else ""
        color = "yellow" if note.is_lost else None
        show_line(f"{note.count:,} {note.kind}{examples}", fg=color)


def show_problems(problems: Sequence[Problem], examples: int = EXAMPLES) -> None:
    """How many there are of each kind, with some of them."""
    counts = Counter(problem.kind for problem in problems)
    for kind, count in counts.items():
        show_line(f"{kind}: {count:,}", fg="yellow")
        for problem in [one for one in problems if one.kind == kind][:examples]:
            show_line(f"  {problem.file}:{problem.line}  {problem.text}")
