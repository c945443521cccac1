"""The command `scholiast ingest`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from quart_app.commands.console import errors_as_one_line, in_one_line, show_json

if TYPE_CHECKING:
    from ingestion.indexer import Progress, Report


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
@click.option("--base-url", callback=_address, help="Address of the book's pages, for links.")
@click.option("--format", "format_name", help="The make of the book, if its own file is not there.")
@click.option("--replace", is_flag=True, help="Replace what the index holds, and embed all again.")
@click.option("--strict", is_flag=True, help="End with 1 if anything was not understood.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ingest(
    path: Path,
    base_url: str | None,
    format_name: str | None,
    replace: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Bring the index to the state of the book in the folder PATH.

    docs/books.md says which makes of books are read. Run again, it embeds only what is new and
    removes what is gone. Ends with 1 if a file had to be skipped, or most of the book was not read.
    """
    with errors_as_one_line("Stopped; the index is as it was."):
        from chains.settings import Settings
        from ingestion.indexer import ingest as run

        settings = Settings.read()
        with _progress() as progress:
            report = run(
                path,
                settings,
                base_url=base_url,
                format_name=format_name,
                replace=replace,
                progress=progress,
            )
    if as_json:
        show_json(json.dumps(asdict(report), ensure_ascii=False))
    else:
        _show(report)
    is_good = report.is_complete and not report.is_mostly_unread
    sys.exit(0 if is_good and (report.is_understood or not strict) else 1)


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

    table = Table(show_header=False)
    for name in ("files", "sections", "chunks", "embedded", "removed"):
        table.add_row(name, f"{getattr(report, name):,}")
    table.add_row("format", report.format)
    table.add_row("skipped", f"{len(report.skipped):,}")
    table.add_row("language", report.language or "unknown")
    table.add_row("seconds", f"{report.seconds:.1f}")
    console = Console()
    console.print(Text(in_one_line(report.title)), style="bold", soft_wrap=True)
    console.print(table)
    for skipped in report.skipped:
        line = Text(in_one_line(f"skipped {skipped.file}: {skipped.reason}"))
        console.print(line, style="red" if skipped.is_fault else "", soft_wrap=True)
    for note in report.notes:
        examples = f": {', '.join(note.examples)}" if note.examples else ""
        line = Text(in_one_line(f"{note.count:,} {note.kind}{examples}"))
        console.print(line, style="yellow" if note.is_lost else "", soft_wrap=True)
    if report.is_mostly_unread:
        line = Text(
            f"Most of the book was not read: {report.passed_over:,} pages were passed over, "
            f"{report.files:,} read. Name its make by --format, or another folder."
        )
        console.print(line, style="red", soft_wrap=True)
