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
from importlib import metadata
from pathlib import Path

from chains.errors import DamagedIndex, StoreError
from chains.index.edge.copying import copy_folder
from chains.regular_files import NotRegular, read_regular

RECORD = "current"
FINISHED = "finished"
"""In a version that is whole: when it was, in nanoseconds since 1970."""
CONFIG = "edge_config.json"
"""The engine's own file; a shard without it was never finished."""
SHARD = (CONFIG, "segments", "wal")
"""What a shard's folder holds; one that was removed in part holds some of it."""
FILES = "files"
"""In a version that is whole: a line for each file of the engine, with its size in bytes."""
PASSING = ("wal", "tracker_journal.dat", "segment.json")
"""Of these, what the engine removes or writes anew whenever it opens a shard."""
LOCK = ".lock"
VERSION = re.compile(r"[0-9a-f]{16}")
ENGINE = metadata.version("qdrant-edge-py")


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
    record_files(version)
    with ThreadPoolExecutor(16) as pool:  # together they cost few commits of the file system
        list(pool.map(_sync, [*version.rglob("*"), version]))
    _record(home, version)


def record_files(version: Path) -> None:
    """Keep which files a version has, so that `require_whole` misses one that is gone later."""
    sizes = [f"{one.stat().st_size} {one.relative_to(version)}" for one in _lasting(version)]
    (version / FILES).write_text("\n".join([ENGINE, *sizes, ""]), "utf-8")


def holds(version: Path, name: str) -> bool:
    """Whether it has a collection of that name, damaged or not: one that is recorded as finished
    had all of its own."""
    if (version / name / CONFIG).is_file():
        return True
    recorded = _recorded(version)
    if recorded is None:  # by an older release, which records a version with a book alone
        return VERSION.fullmatch(version.name) is not None
    return any(path.startswith(f"{name}/") for path in recorded)


def require_whole(version: Path) -> None:
    """Raise DamagedIndex where a part of a version is gone or cut, before the engine opens it.

    The engine begins an empty shard in place of parts that are missing, and the system ends the
    process where it reads behind the end of a file.
    """
    for path, size in (_recorded(version) or {}).items():
        try:
            found = (version / path).stat().st_size
        except OSError:
            found = -1
        if found < size:
            lacks = "is missing" if found < 0 else f"has {found:,} of {size:,} bytes"
            raise DamagedIndex(version.parent, f"{path} {lacks}")
    for collection in collections_in(version) if version.is_dir() else ():
        if not any(collection.glob("segments/*/version.info")):
            raise DamagedIndex(version.parent, f"{collection.name}/segments is missing")


def _recorded(version: Path) -> dict[str, int] | None:
    """The sizes of its files by path; None where they were not recorded, or by another release of
    the engine, which may have made others of them."""
    try:
        engine, *lines = read_regular(version / FILES).decode().splitlines()
        pairs = (line.split(" ", 1) for line in lines)
        return {path: int(size) for size, path in pairs} if engine == ENGINE else None
    except (OSError, ValueError):
        return None


def _lasting(version: Path) -> list[Path]:
    there = (path for one in collections_in(version) for path in one.rglob("*") if path.is_file())
    return [path for path in there if not {path.name, path.parent.name} & {*PASSING}]


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
