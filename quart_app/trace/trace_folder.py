"""The folder of kept traces: one file each, for its owner alone, few and for a short time.

They hold questions and answers as plain text, so the folder has mode 700 and its files 600.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from chains.errors import ScholiastError
from chains.regular_files import read_regular
from quart_app.trace.fit import encode
from quart_app.trace.record import Frame, Trace

FOLDER = "traces"
MOST_FILES = 200
LIFETIME = timedelta(hours=24)
LEFTOVER = timedelta(hours=1)
"""After which a file that was not written to its end never will be."""

_TIME = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(r"(\d{8}T\d{6}\.\d{3}Z)-(query_[0-9a-f]{32})\.json(\.part)?")


class TraceNotFound(ScholiastError):
    """No trace that is kept has this id, or several begin with it."""


def keep(folder: Path, trace: Trace) -> None:
    """Write a trace and drop those for which there is no place or time left. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    sweep(folder, room_for=1)
    _write(folder / _name(trace), trace)


def extend(folder: Path, query_id: str, frames: tuple[Frame, ...]) -> None:
    """Add frames that were sent later, unless the trace was dropped. Raises OSError."""
    for file in folder.glob(f"*-{query_id}.json"):
        if trace := _read(file):
            _write(file, replace(trace, frames=(*trace.frames, *frames)))


def sweep(folder: Path, *, room_for: int = 0) -> None:
    """Drop what is too old, and the oldest of what is too much. Raises OSError."""
    now = datetime.now(UTC)
    kept = []
    for file, time, is_part in _ours(folder):
        age = now - time
        # A clock that was set back leaves files of the future.
        if age > LIFETIME or age < -LIFETIME or (is_part and age > LEFTOVER):
            file.unlink(missing_ok=True)
        elif not is_part:
            kept.append(file)
    for file in sorted(kept, reverse=True)[MOST_FILES - room_for :]:
        file.unlink(missing_ok=True)


def read_all(folder: Path) -> list[Trace]:
    """The kept traces, the newest first; a file that cannot be read is passed over.

    Raises OSError where the folder cannot be read.
    """
    files = sorted((file for file, _, is_part in _ours(folder) if not is_part), reverse=True)
    return [trace for trace in map(_read, files) if trace is not None]


def find(folder: Path, given: str) -> Trace:
    """The trace whose id begins with `given`, or the ``last``. Raises TraceNotFound."""
    traces = read_all(folder)
    if given == "last" and traces:
        return traces[0]
    wanted = given if given.startswith("query_") else f"query_{given}"
    found = [trace for trace in traces if trace.query_id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise TraceNotFound(f"{len(found)} traces begin with “{given}”; give more of the id.")
    raise TraceNotFound(
        f"there is no trace “{given}”; `scholiast trace` lists those that are kept."
    )


def _name(trace: Trace) -> str:
    accepted = datetime.fromisoformat(trace.accepted).strftime("%Y%m%dT%H%M%S.%f")[:-3]
    return f"{accepted}Z-{trace.query_id}.json"


def _ours(folder: Path) -> Iterator[tuple[Path, datetime, bool]]:
    """Each of our files with the time of its question, and whether it is only a part. Raises
    OSError where there is a folder that cannot be read."""
    with suppress(FileNotFoundError, NotADirectoryError):
        for file in folder.iterdir():
            if named := _NAME.fullmatch(file.name):
                with suppress(ValueError):  # digits that are no time
                    time = datetime.strptime(named[1], _TIME).replace(tzinfo=UTC)
                    yield file, time, named[3] is not None


def _read(file: Path) -> Trace | None:
    try:
        return msgspec.json.decode(read_regular(file), type=Trace)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _write(file: Path, trace: Trace) -> None:
    """Whole or not at all."""
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(encode(trace))
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
