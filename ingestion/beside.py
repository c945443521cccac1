"""An ingestion in a process of its own, beside a server that goes on: `python -m ingestion.beside`.

It imports what an ingestion needs before it reads its job, so that it can be started before there
is one. The job comes pickled on standard input; what happens goes out as one JSON object a line,
the last of which is Done or Failed. Nothing else is printed. It ends with its parent.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from chains.errors import ScholiastError, SettingError, os_words
from chains.settings import Settings
from ingestion.options import Options

PR_SET_PDEATHSIG = 1
NICE = 10
"""How much the processor prefers the answers of the server to an ingestion that takes long."""
QUICK_S = 4
"""Seconds for which an ingestion is the equal of the answers: an edit is done by then, and its
author waits for it."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with the book in the folder `root`; `settings` name the data folder to work in."""

    kind: Literal["ingest", "plan"]
    root: Path
    settings: Settings
    options: Options


class Embedded(msgspec.Struct, tag="embedded", tag_field="type"):
    """So many of the chunks are embedded."""

    done: int
    total: int


class Done(msgspec.Struct, tag="done", tag_field="type"):
    """The fields of a Report or a Plan, and whether anything was written to the index."""

    result: dict[str, Any]
    has_written: bool


class Failed(msgspec.Struct, tag="failed", tag_field="type"):
    """Why it was not done, in a line for the author; with `is_setting` it is a wrong setting."""

    message: str
    is_setting: bool = False


Event = Embedded | Done | Failed


def main() -> None:
    """Do the one job, if one comes."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    out = sys.stdout.buffer

    def send(event: Event) -> None:
        out.write(msgspec.json.encode(event) + b"\n")
        out.flush()

    with redirect_stdout(sys.stderr):
        _prepare()
        try:
            job = pickle.load(sys.stdin.buffer)  # noqa: S301 - our parent's
        except EOFError:
            return
        _give_way_later()
        send(_run(job, send))


def _prepare() -> None:
    """Import what an edit needs, but for what starts threads: the process that reads the pages is
    a copy of this one, which can be made while there is one thread."""
    import langchain_qdrant  # noqa: F401

    import chains.index.edge.edge_client  # noqa: F401
    import ingestion.choosing
    import ingestion.indexer
    import ingestion.measuring
    import ingestion.plan  # noqa: F401
    from ingestion.folder.kept_pages import made_here

    made_here()  # by the code that was imported, whatever the disk holds when the job comes
    gc.freeze()


def _give_way_later() -> None:
    if sys.platform == "linux":  # our parent has made a group of this process and those below it
        signal.signal(signal.SIGALRM, lambda *_: os.setpriority(os.PRIO_PGRP, 0, NICE))
        signal.alarm(QUICK_S)


def _run(job: Job, send: Callable[[Event], None]) -> Event:
    try:
        return _do(job, lambda done, total: send(Embedded(done, total)))
    except ScholiastError as error:
        return Failed(str(error), isinstance(error, SettingError))
    except OSError as error:
        return Failed(os_words(error))


def _do(job: Job, progress: Callable[[int, int], None]) -> Done:
    if job.kind == "plan":
        from ingestion.plan import plan

        planned = plan(job.root, job.settings, job.options)
        return Done(msgspec.to_builtins(planned), has_written=False)
    from ingestion.indexer import ingest

    report = ingest(job.root, job.settings, **asdict(job.options), progress=progress)
    return Done(msgspec.to_builtins(report), report.has_written)


if __name__ == "__main__":
    main()
