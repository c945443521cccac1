"""`scholiast eval`: how good search, gate and answers are on a set of questions."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from typing_extensions import override

from chains.errors import SettingError
from quart_app.commands.authoring.book_option import book_option
from quart_app.commands.console import (
    errors_as_one_line,
    in_one_line,
    show_json,
    show_line,
    write_page,
)

if TYPE_CHECKING:
    from quart_app.evaluation.evaluation import Evaluation
    from quart_app.evaluation.rows import Row
    from quart_app.settings import WebSettings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Bound(click.ParamType[tuple[str, float]]):
    """A score and a number, as in ``file_recall_at_4=.85``."""

    name = "NAME=NUMBER"

    @override
    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        if isinstance(value, tuple):
            return value
        name, _, number = str(value).partition("=")
        try:
            return name.strip(), float(number)
        except ValueError:
            self.fail(f"“{value}” is no score with a number; write, say, file_recall_at_4=.85")


@click.command("eval")
@click.argument("file", metavar="SET.jsonl", type=_FILE)
@click.option("--data", type=click.Path(path_type=Path), help="The data folder of the book.")
@book_option
@click.option("--foreign", multiple=True, type=_FILE, help="Questions of another subject.")
@click.option("--near", multiple=True, type=_FILE, help="Of the same subject, but not covered.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write charts and every question to this HTML file.",
)
@click.option("--min", "least", multiple=True, type=Bound(), help="Exit with 1 below this score.")
@click.option("--max", "most", multiple=True, type=Bound(), help="Exit with 1 above this score.")
def evaluate(
    file: Path,
    data: Path | None,
    book: str | None,
    foreign: tuple[Path, ...],
    near: tuple[Path, ...],
    as_json: bool,
    report: Path | None,
    least: tuple[tuple[str, float], ...],
    most: tuple[tuple[str, float], ...],
) -> None:
    """Ask the questions of SET.jsonl, and score search, gate and answers.

    A run that was stopped goes on where it was. Repeat --foreign, --near, --min and --max as
    needed.
    """
    logging.getLogger("scholiast").setLevel(logging.ERROR)
    with errors_as_one_line("Stopped; the same command goes on from here."):
        from quart_app.evaluation.report import render
        from quart_app.evaluation.scores import scores_of
        from quart_app.settings import WebSettings

        rows = _read(file, foreign, near)
        done = asyncio.run(_run(WebSettings.read(data=data, book=book), rows))
        scores = scores_of(done.rows, done.outcomes)
        missed = _missed(scores, least, most)
    if as_json:
        show_json(scores)
    else:
        _show(done, scores, missed)
    if report is not None:
        with errors_as_one_line():  # behind the scores, which took long
            write_page(report, render(done, scores, missed))
    for line in missed.values():
        show_line(line, fg="red", err=True)
    sys.exit(1 if missed else 0)


def _read(file: Path, foreign: tuple[Path, ...], near: tuple[Path, ...]) -> list[Row]:
    """All rows; those of other sets are to be refused, and bear the name of their set."""
    from quart_app.evaluation.rows import read_rows

    rows = read_rows(file)
    for sets, refuse in ((foreign, True), (near, "near")):
        for other in sets:
            rows += [
                row.model_copy(update={"refuse": refuse, "id": f"{other.stem}/{row.id}"})
                for row in read_rows(other)
            ]
    return rows


async def _run(settings: WebSettings, rows: list[Row]) -> Evaluation:
    from rich.console import Console
    from rich.progress import track

    from quart_app.evaluation import evaluation

    bar = iter(track(rows, "Questions", console=Console(stderr=True), transient=True))
    return await evaluation.evaluate(settings, rows, lambda: next(bar, None))


def _missed(
    scores: dict[str, float],
    least: tuple[tuple[str, float], ...],
    most: tuple[tuple[str, float], ...],
) -> dict[str, str]:
    """A line for each score that is out of its bound, by its name. Raises SettingError."""
    for name, _ in least + most:
        if name not in scores:
            there = ", ".join(scores)
            raise SettingError(f"this set gives no score “{name}”; it gives {there}")
    return {
        name: f"{name} is {scores[name]:g}, below {bound:g}"
        for name, bound in least
        if scores[name] < bound
    } | {
        name: f"{name} is {scores[name]:g}, above {bound:g}"
        for name, bound in most
        if scores[name] > bound
    }


def _show(done: Evaluation, scores: dict[str, float], missed: dict[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from quart_app.trace.table import add_row

    table = Table("score", title=Text(in_one_line(done.book)))
    table.add_column("", justify="right")
    for name, value in scores.items():
        add_row(table, name, f"{value:g}", style="red" if name in missed else "")
    Console().print(table)
