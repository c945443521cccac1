"""Watching: a book's folder is ingested again each time that something in it was saved."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from chains.errors import IndexInUse, ScholiastError, ServiceUnavailable
from ingestion.formats.notes import Note
from quart_app.commands.authoring.output import show_notes, show_problems
from quart_app.commands.authoring.where import Work
from quart_app.commands.console import show_line

TICK = 0.25
"""Seconds between two looks. Looking works on every disk, also where the system sends no events,
as in containers and on network drives; 1,000 files take 5 ms."""
AGAIN = 2.0
"""Seconds until what is in use or away is asked for again."""
LEFT_OUT = {"node_modules", "__pycache__"}
LOOKED_INTO = {".vitepress"}
"""Hidden folders that say how a book is read."""

State = dict[str, tuple[int, int, int]]
"""Of each file when it was written, when its facts last changed (its name or who may read it),
and its size."""


def watch(work: Work) -> NoReturn:
    """Ingest now, and again whenever files of the book have changed, until Ctrl-C.

    What goes wrong after the first time is printed; the next change may mend it. An index that is
    in use meanwhile, and a service that is away, are tried again until there is an answer.
    """
    changes = changes_of(work.path)
    notes = _ingest(work, ())
    again = replace(work, options=replace(work.options, replace=False, rebuild=False))
    while True:
        next(changes)
        try:
            notes = _to_its_end(again, notes)
        except ScholiastError as error:
            _show(error)


def _to_its_end(work: Work, notes: tuple[Note, ...]) -> tuple[Note, ...]:
    said = ""
    while True:
        try:
            return _ingest(work, notes)
        except (IndexInUse, ServiceUnavailable) as error:
            if str(error) != said:
                _show(error)
            said = str(error)
            time.sleep(AGAIN)


def _show(error: ScholiastError) -> None:
    show_line(f"scholiast: {error}", fg="red", err=True)


def _ingest(work: Work, known: tuple[Note, ...]) -> tuple[Note, ...]:
    """Ingest, and print what came of it; what was not understood where that is not `known`."""
    report = work.ingest(lambda _done, _total: None)
    counts = f"{report.embedded} chunks embedded, {report.removed} removed"
    at = time.strftime("%H:%M:%S")
    show_line(f"{at}  {counts}, {report.seconds:.1f} s, version {report.version or 'as it was'}")
    for skipped in report.skipped:
        if skipped.is_fault:
            show_line(f"skipped {skipped.file}: {skipped.reason}", fg="red")
    show_notes([note for note in report.notes if note not in known])
    show_problems(report.problems)
    return report.notes


def changes_of(root: Path) -> Iterator[None]:
    """One item each time that files below `root` have changed and are quiet again.

    The first look is made when this is called, so what changes from then on is not missed.
    """
    return _changes(root, look(root))


def _changes(root: Path, seen: State) -> Iterator[None]:
    while True:
        now = look(root)
        if now == seen:
            time.sleep(TICK)
            continue
        while (later := _until_next(root)) != now:  # an editor may still be writing
            now = later
        seen = now
        yield


def _until_next(root: Path) -> State:
    time.sleep(TICK)
    return look(root)


def look(root: Path) -> State:
    """What is below `root` that may decide about the book."""
    found: State = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if _is_looked_into(name, folder)]
        for name in files:
            if name[0] == ".":
                continue
            path = os.path.join(folder, name)  # noqa: PTH118 - ten times as quick
            try:
                facts = os.stat(path)  # noqa: PTH116
            except OSError:  # gone since
                continue
            found[path] = facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size
    return found


def _is_looked_into(name: str, above: str) -> bool:
    if name in LEFT_OUT or os.path.basename(above) in LOOKED_INTO:  # noqa: PTH119 - as above
        return False
    return name[0] != "." or name in LOOKED_INTO
