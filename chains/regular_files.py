"""Files that are read at once, or not at all: opening a pipe would wait for who writes into it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


class NotRegular(OSError):
    """Something else stands in the place of a file."""


def read_regular(path: Path) -> bytes:
    """What a file holds. Raises OSError; for a pipe, a device and a folder it is NotRegular."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        _require(file.fileno(), path)
        return file.read()


def require_regular(path: Path) -> None:
    """Raise NotRegular where there is something, but no file; OSError where nobody can tell."""
    if path.exists():
        _require(path, path)


def require_replaceable(path: Path) -> None:
    """Raise NotRegular where a new file would take the place of what is none: of a device, say."""
    if path.exists() and not path.is_file():
        raise NotRegular(errno.EEXIST, "it is no regular file; name another", str(path))


def _require(opened: int | Path, path: Path) -> None:
    if not stat.S_ISREG(os.stat(opened).st_mode):  # noqa: PTH116 (a descriptor has no path)
        raise NotRegular(errno.EINVAL, f"{path.name} is no regular file; remove it")
