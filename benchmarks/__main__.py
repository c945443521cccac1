"""`make bench`: our server beside a peer, and by itself. Writes docs/performance.md.

    python -m benchmarks [--quick] [--only PART ...] [--again] [--to FOLDER]

A full run takes 20 minutes and wants a quiet machine. A part that is done is kept in
.scholiast-bench/, so that a run that was broken off goes on; --again begins anew. --quick measures
less, in a minute and a half, and only prints. Neither fails for a figure; both do where a server
does not do what is measured. `python -m benchmarks.product` measures the product on one book.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import click

from benchmarks.figures.machine import BUSY, about
from benchmarks.figures.page import table, write
from benchmarks.figures.rows import Row
from benchmarks.parts.bench import Bench, say
from benchmarks.parts.painting import measure_painting
from benchmarks.parts.questions import measure_arrivals, measure_first_words
from benchmarks.parts.retrieving import measure_retrieval
from benchmarks.parts.serving import measure_idle, measure_quotes, measure_starts
from benchmarks.parts.sharing import measure_sharing
from benchmarks.parts.streaming import find_most_readers, measure_streams
from benchmarks.peer.processes import cores
from benchmarks.server import ingested

FOLDER = Path(".scholiast-bench")
PARTS: dict[str, Callable[[Bench], Coroutine[Any, Any, list[Row]]]] = {
    "streams": measure_streams,
    "most": find_most_readers,
    "first": measure_first_words,
    "arrivals": measure_arrivals,
    "idle": measure_idle,
    "quotes": measure_quotes,
    "retrieval": measure_retrieval,
    "starts": measure_starts,
    "sharing": measure_sharing,
    "painting": measure_painting,
}
QUICK = "streams", "arrivals", "starts", "painting"


@click.command()
@click.option("--quick", is_flag=True, help="Measure less, and only print.")
@click.option("--only", type=click.Choice([*PARTS]), multiple=True, help="Only these parts.")
@click.option("--again", is_flag=True, help="Measure also what a run before has measured.")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), default=Path("docs"))
@click.option("--repeats", type=int, default=5, help="Runs of which the median is taken.")
@click.option("--seconds", type=float, default=4.0, help="Of the window of each run.")
def main(
    quick: bool, only: tuple[str, ...], again: bool, to: Path, repeats: int, seconds: float
) -> None:
    """Measure our server beside a peer."""
    data = FOLDER / "book"
    FOLDER.mkdir(exist_ok=True)
    ingested(Path("examples/book"), data)
    bench = Bench(data, FOLDER, repeats, seconds)
    if quick:
        bench = Bench(data, FOLDER, repeats=1, seconds=2.0, is_quick=True)
    names = only or (QUICK if quick else tuple(PARTS))
    kept = Kept(FOLDER / ("quick.json" if quick else "parts.json"), is_new=again or quick)
    os.sched_setaffinity(0, cores()[1])
    for name in names:
        if name not in kept.rows:
            say(f"part {name}")
            kept.add(name, asyncio.run(PARTS[name](bench)))
    rows = [row for name in names for row in kept.rows[name]]
    print(table(rows))
    if max((row.disturbed for row in rows), default=0) >= BUSY:
        say("the machine was busy with other programs: times by the clock say little")
    if not quick and not only:
        write(to, about(), rows)
        say(f"wrote {to / 'performance.md'} and performance.json")
        kept.forget()


class Kept:
    """The rows of parts that are done, of the same commit."""

    def __init__(self, file: Path, *, is_new: bool) -> None:
        self._file = file
        self._commit = _commit()
        self.rows: dict[str, list[Row]] = {}
        if file.exists() and not is_new:
            before = json.loads(file.read_text(encoding="utf-8"))
            if before["commit"] == self._commit:
                rows = before["rows"].items()
                self.rows = {name: [*map(Row.of_json, some)] for name, some in rows}

    def add(self, name: str, rows: list[Row]) -> None:
        """Keep the rows of a part."""
        self.rows[name] = rows
        written = {name: [row.as_json() for row in some] for name, some in self.rows.items()}
        text = json.dumps({"commit": self._commit, "rows": written}, ensure_ascii=False)
        self._file.write_text(text, encoding="utf-8")

    def forget(self) -> None:
        """The run is whole."""
        shutil.rmtree(self._file.parent)


def _commit() -> str:
    if shutil.which("git") is None:
        return ""
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
