"""An ingestion in a process of its own, beside a server that goes on: `python -m ingestion.beside`.

Its job comes pickled on standard input; what happens goes out as one JSON object a line, the last
of which is Done or Failed. Nothing else is printed. It ends with its parent.
"""

from __future__ import annotations

import ctypes
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
"""How much the processor prefers the answers of the server."""


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
    """Do the one job."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.nice(NICE)
    out = sys.stdout.buffer

    def send(event: Event) -> None:
        out.write(msgspec.json.encode(event) + b"\n")
        out.flush()

    with redirect_stdout(sys.stderr):
        send(_run(pickle.load(sys.stdin.buffer), send))  # noqa: S301 - our parent's


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
