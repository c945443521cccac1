"""The command `scholiast ingest`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from quart_app.commands.authoring.book_option import book_option
from quart_app.commands.console import errors_as_one_line, in_one_line, show_json, show_line

if TYPE_CHECKING:
    from ingestion.indexer import Progress, Report
    from quart_app.commands.authoring.where import Work


def _address(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Check an address, and end it with a slash."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not an address.") from None
    is_path = value.startswith("/") and not value.startswith("//")
    if not (is_web or is_path) or parts.query or parts.fragment:
        raise click.BadParameter(
            f"{value!r} is neither an http(s) address nor a path that begins with a slash."
        )
    return value.rstrip("/") + "/"


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@book_option
@click.option("--base-url", callback=_address, help="Address of the book's pages, for links.")
@click.option("--title", help='The book\'s title; "" for that of its configuration.')
@click.option(
    "--url-style",
    type=click.Choice(["format", "directory", "html", "clean"]),
    callback=lambda _context, _option, value: "" if value == "format" else value,
    help="How addresses of pages end: as the format has it, /, .html or neither.",
)
@click.option("--format", "format_name", help="The make of the book, if its own file is not there.")
@click.option("--replace", is_flag=True, help="Replace what the index holds, and embed all again.")
@click.option("--rebuild", is_flag=True, help="Embed all again, as for another embedding.")
@click.option("--prune-all", is_flag=True, help="Remove chapters, even most of them.")
@click.option("--dry-run", is_flag=True, help="Print what would change, and change nothing.")
@click.option("--check", is_flag=True, help="Only say whether the index is stale; 1 if it is.")
@click.option("--watch", is_flag=True, help="Go on, and ingest again whenever a file is saved.")
@click.option("--strict", is_flag=True, help="End with 1 if anything was not understood.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ingest(
    path: Path,
    book: str | None,
    dry_run: bool,
    check: bool,
    watch: bool,
    strict: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Bring the index to the state of the book in the folder PATH.

    docs/books.md says which makes of books are read. Run again, it embeds only what is new and
    removes what is gone. If a server has the index open, the server does it, and goes on
    answering. Ends with 1 if a file had to be skipped, or most of the book was not read.
    """
    with errors_as_one_line("Stopped; the index is as it was."):
        from chains.settings import Settings
        from ingestion.options import Options
        from quart_app.commands.authoring.where import Work

        work = Work(path, Settings.read(book=book), Options(**options))
        if dry_run or check:
            sys.exit(_compare(work, check=check, strict=strict, as_json=as_json))
        if watch:
            from quart_app.commands.authoring.watch import watch as go_on

            go_on(work)
        with _progress() as progress:
            report = work.ingest(progress)
    if as_json:
        show_json(json.dumps(asdict(report), ensure_ascii=False))
    else:
        _show(report)
    is_good = report.is_complete and not report.is_mostly_unread
    sys.exit(0 if is_good and (report.is_understood or not strict) else 1)


def _compare(work: Work, *, check: bool, strict: bool, as_json: bool) -> int:
    """Print how the index differs from the folder; the exit code."""
    from quart_app.commands.authoring.output import show_plan, show_unread, summary

    plan = work.plan()
    if as_json:
        show_json(json.dumps(asdict(plan), ensure_ascii=False))
    elif check:
        show_unread(plan)
        stale = f"The index is stale. {summary(plan)} Run `scholiast ingest {work.path}`."
        show_line(summary(plan) if plan.is_current else stale)
    else:
        show_plan(plan)
    is_good = plan.is_current if check else plan.is_complete and not plan.is_mostly_unread
    return 0 if is_good and (plan.is_understood or not strict) else 1


@contextmanager
def _progress() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = ("Embedding", BarColumn(), MofNCompleteColumn(), "chunks", TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task("Embedding")

    def report(done: int, total: int) -> None:
        if total and console.is_terminal:
            bar.start()  # does nothing where it runs
            bar.update(task, completed=done, total=total)

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()


def _show(report: Report) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from quart_app.commands.authoring.output import show_notes, show_problems, show_unread
    from quart_app.trace.table import add_row

    table = Table(show_header=False)
    for name in ("files", "sections", "chunks", "embedded", "removed"):
        add_row(table, name, f"{getattr(report, name):,}")
    add_row(table, "format", report.format)
    add_row(table, "skipped", f"{len(report.skipped):,}")
    add_row(table, "language", report.language or "unknown")
    add_row(table, "seconds", f"{report.seconds:.1f}")
    console = Console()
    console.print(Text(in_one_line(report.title)), style="bold", soft_wrap=True)
    console.print(table)
    for skipped in report.skipped:
        line = Text(in_one_line(f"skipped {skipped.file}: {skipped.reason}"))
        console.print(line, style="red" if skipped.is_fault else "", soft_wrap=True)
    show_notes(report.notes)
    show_unread(report)
    show_problems(report.problems)
