"""Copies of folders of the engine, whose files are mostly holes.

The engine makes files of 32 MiB and fills a part of them. A copy that writes the holes as zeros
takes four times the room.
"""

from __future__ import annotations

import os
from pathlib import Path

PIECE = 1 << 20


def copy_folder(source: Path, target: Path, *ignored: str) -> None:
    """Copy a folder with all below it, without files and folders that have an `ignored` name."""
    target.mkdir()
    for path in source.iterdir():
        if path.name in ignored:
            continue
        if path.is_dir():
            copy_folder(path, target / path.name, *ignored)
        else:
            _copy_file(path, target / path.name)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        size = os.fstat(read.fileno()).st_size
        written.truncate(size)
        end = 0
        while (start := _next(read.fileno(), end, size, os.SEEK_DATA)) < size:
            end = _next(read.fileno(), start, size, os.SEEK_HOLE)
            read.seek(start)
            written.seek(start)
            while left := end - read.tell():
                written.write(read.read(min(left, PIECE)))


def _next(descriptor: int, start: int, size: int, kind: int) -> int:
    """Where data or a hole begins from `start` on, `size` where there is none."""
    try:
        return os.lseek(descriptor, start, kind)
    except OSError:  # ENXIO: nothing but a hole is left
        return size
