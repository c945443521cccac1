"""The versions of an embedded index: one is current, the next is built beside it.

A version is a folder of its own in the index's folder, and a record of one line names the
current one. The record is replaced by one rename, so a reader finds the old version or the new
one and nothing between. A finished version bears a mark, by which it is found again where the
record was removed. With neither, the index's folder is itself the version: that is how an index
looks that an older release made.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chains.errors import StoreError
from chains.index.edge.copying import copy_folder
from chains.regular_files import NotRegular, read_regular

RECORD = "current"
FINISHED = "finished"
"""In a version that is whole: when it was, in nanoseconds since 1970."""
CONFIG = "edge_config.json"
"""The engine's own file; a shard without it was never finished."""
SHARD = (CONFIG, "segments", "wal")
"""What a shard's folder holds; one that was removed in part holds some of it."""
LOCK = ".lock"
VERSION = re.compile(r"[0-9a-f]{16}")


def current_version(home: Path) -> Path:
    """The folder with the collections of now. Raises StoreError for a damaged record.

    Where versions are there, and the record names none of them, nobody knows which one is whole:
    so none may be removed.
    """
    try:
        name = read_regular(home / RECORD).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return max(_finished(home), key=_finished_at, default=home)
    except NotRegular as error:
        raise StoreError(f"In {home}, {error.strerror}.") from error
    # What is not a version cannot be one of ours; a folder that is not there holds no book.
    current = home / (name if VERSION.fullmatch(name) else "unknown")
    if not current.is_dir() and (others := sorted(path.name for path in _versions(home))):
        raise StoreError(
            f"The file {home / RECORD} is damaged: it does not name the version of the index that "
            f"counts; write that name into it. There is {', '.join(others)}."
        )
    return current


def begin_version(home: Path, *, empty: bool) -> Path:
    """A new version beside the current one: a copy of it, or empty. Nobody may be writing."""
    version = home / secrets.token_hex(8)
    version.mkdir()
    if not empty:
        for collection in collections_in(current_version(home)):
            copy_folder(collection, version / collection.name)
    return version


def switch_version(home: Path, version: Path) -> None:
    """Make a finished version the current one, in one step.

    Its files reach the disk before the record does, so that a loss of power does not leave a
    record of what is not there.
    """
    (version / LOCK).unlink(missing_ok=True)
    (version / FINISHED).write_text(f"{time.time_ns()}\n", "ascii")
    with ThreadPoolExecutor(16) as pool:  # together they cost few commits of the file system
        list(pool.map(_sync, [*version.rglob("*"), version]))
    _record(home, version)


def clear_versions(home: Path) -> None:
    """Remove what is not the current version, for example what a killed process left behind.

    Where the record was removed, a version that bears the mark stays, and the newest is recorded.
    """
    current = current_version(home)
    others = set(_versions(home)) - {current}
    if current != home and not (home / RECORD).exists():
        _record(home, current)
        others -= set(_finished(home))
    elif current != home:
        others |= set(collections_in(home)) - {current}
    for folder in others:
        shutil.rmtree(folder, ignore_errors=True)


def remove_version(home: Path, version: Path) -> None:
    """Remove one that is not the current one any more."""
    gone = collections_in(home) if version == home else [version]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)


def _record(home: Path, version: Path) -> None:
    fresh = home / f"{RECORD}.new"
    fresh.unlink(missing_ok=True)
    fresh.write_text(f"{version.name}\n", "ascii")
    _sync(fresh)
    _sync(home)
    fresh.replace(home / RECORD)
    _sync(home)


def _finished(home: Path) -> list[Path]:
    return [path for path in _versions(home) if (path / FINISHED).is_file()]


def _finished_at(version: Path) -> int:
    try:
        return int(read_regular(version / FINISHED))
    except (OSError, ValueError):
        return 0


def _versions(home: Path) -> list[Path]:
    there = home.iterdir() if home.is_dir() else ()
    return [path for path in there if VERSION.fullmatch(path.name)]


def collections_in(version: Path) -> list[Path]:
    """The folders of the collections of a version, whole or in part."""
    return [path for path in version.iterdir() if any((path / name).exists() for name in SHARD)]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
