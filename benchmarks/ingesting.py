"""What ingestions cost: time by the clock and of the processor, and memory at its most. Linux only.

    python -m benchmarks.ingesting [BOOK]

A copy of BOOK is ingested cold, unchanged, and after an edit of one page. Without BOOK it is one of
10,000 chunks, made of the sentences of the example book. Times begin with the process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.searching import write_book
from benchmarks.server import COMMAND

PAGES = 200
"""Of 50 chunks each."""
EVERY_S = 0.05
EDIT = "\n\nThis sentence is new in the book.\n"


@dataclass(frozen=True, slots=True)
class Cost:
    """`seconds` by the clock, `processor` seconds of all processes; MiB that the `largest` process
    held at its most, and all `together`, where pages that several have count once."""

    seconds: float
    processor: float
    largest: float
    together: float


def measured(book: Path, data: Path) -> Cost:
    """Ingest a book into a data folder."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, "ingest", str(book), "--json"],
        env=os.environ | {"SCHOLIAST_DATA": str(data)},
        stdout=subprocess.DEVNULL,
    )
    largest = together = 0.0
    while True:
        ended, _, used = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        family = [*_family(process.pid)]
        largest = max(largest, *(_mib(pid, "status", "VmRSS:") for pid in family))
        together = max(together, sum(_mib(pid, "smaps_rollup", "Pss:") for pid in family))
        time.sleep(EVERY_S)
    seconds = time.perf_counter() - begin
    return Cost(seconds, used.ru_utime + used.ru_stime, largest, together)


def _family(pid: int) -> Iterator[int]:
    """A process and those below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = task.read_text().split()
        except OSError:  # it has just ended
            continue
        for child in below:
            yield from _family(int(child))


def _mib(pid: int, file: str, name: str) -> float:
    """A line of a file that the system has for a process; 0 where that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(one.split()[1]) / 1024 for one in lines if one.startswith(name)), 0.0)


def main() -> None:
    """Measure, and print one table."""
    table = Table("run", "s", "processor, s", "largest process, MiB", "together, MiB")
    with tempfile.TemporaryDirectory() as folder:
        book, data = Path(folder, "book"), Path(folder, "data")
        if len(sys.argv) > 1:
            shutil.copytree(sys.argv[1], book)
        else:
            book.mkdir()
            write_book(book, Path("examples/book"), PAGES)
        for run in ("cold", "unchanged", "one edit"):
            if run == "one edit":
                page = max(book.rglob("*.md"), key=lambda file: file.stat().st_size)
                page.write_text(page.read_text("utf-8") + EDIT, "utf-8")
            cost = measured(book, data)
            figures = (cost.seconds, cost.processor, cost.largest, cost.together)
            table.add_row(run, *(f"{figure:.1f}" for figure in figures))
    Console().print(table)


if __name__ == "__main__":
    main()
