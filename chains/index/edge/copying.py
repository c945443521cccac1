"""Copies of folders of the engine, whose files are mostly holes.

The engine makes files of 32 MiB and fills a part of them. A copy that writes the holes as zeros
takes four times the room.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PIECE = 1 << 20


def copy_folder(source: Path, target: Path, *ignored: str) -> None:
    """Copy a folder with all below it, without files and folders that have an `ignored` name."""
    ignore = shutil.ignore_patterns(*ignored)
    shutil.copytree(source, target, copy_function=_copy_file, ignore=ignore)


def _copy_file(source: str, target: str) -> None:
    with open(source, "rb") as read, open(target, "wb") as written:  # noqa: PTH123 - copytree's
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
