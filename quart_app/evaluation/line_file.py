"""A file to which lines are added one by one, and read by the run that goes on from there."""

from __future__ import annotations

import os
from pathlib import Path


def whole_lines(file: Path) -> list[bytes]:
    """Its lines, none where there is no file. Raises OSError.

    A line that was cut off, as by a full disk, is removed: it would spoil the next one.
    """
    try:
        held = file.read_bytes()
    except FileNotFoundError:
        return []
    whole = held[: held.rfind(b"\n") + 1]
    if whole != held:
        os.truncate(file, len(whole))
    return whole.splitlines()


def add_line(file: Path, line: bytes) -> None:
    """Raises OSError with the name of the file, which a full disk leaves out."""
    try:
        with file.open("ab") as out:
            out.write(line + b"\n")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error
