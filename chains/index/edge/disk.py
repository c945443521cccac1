"""What the disk of an index has room for, and what its refusals mean."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
from pathlib import Path

from chains.errors import ADVICE, EXHAUSTED, DamagedIndex, StoreError, newer_index

FULL = {errno.ENOSPC, errno.EDQUOT}
READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
ROOM_TO_OPEN = 4 << 20
"""Bytes that must be free where an index is opened: the engine begins a log there. Where it finds
no room for that, it ends the process."""
MAPPED = "payload_index"
"""The folders of the engine's whose files it reads whole as it opens them."""
FILES_TO_OPEN = 16
"""Files that must be free there, where a file system has a number of them. As above: measured, 4
are too few."""
ROOM_TO_BEGIN = 8 << 20
"""Bytes that an index takes beside its points, while it is written."""
FEW_FILES = 1000
"""An index takes a hundred of them."""
NEWER = re.compile(r"Data version \S+ is newer than application version")
"""How the engine begins to refuse what a later one wrote."""
LONGEST_REASON = 200
GROWTH = 3
"""How many times the bytes of new points are on the disk while they are written: in the log, in
the segments that take them, and in those that are merged from these. Measured: 2.3."""


def require_place(folder: Path) -> None:
    """Raise StoreError where a part of its path is there, and neither a folder nor a link to one.

    Without this, a link that leads nowhere would look like an index that is not there yet.
    """
    for part in reversed((folder, *folder.parents)):
        if fault := _fault(part):
            raise StoreError(f"{part} {fault}, or name another folder in SCHOLIAST_DATA.")


def _fault(part: Path) -> str:
    """What is wrong with it, and a fix; "" where it is well, not there, or may not be looked at."""
    try:
        if stat.S_ISDIR(part.stat().st_mode):
            return ""
        said = "no folder"
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return "is longer than a path may be; choose a shorter one"
        if error.errno == errno.ELOOP:
            return "is a link that leads back to itself; put a folder in its place"
        if error.errno not in (errno.ENOENT, errno.ENOTDIR) or not part.is_symlink():
            return ""
        said = "not there"
    if part.is_symlink():
        return f"is a link to {part.resolve()}, which is {said}; let it lead to a folder"
    return "is no folder; move it away"


def check_room(home: Path, copied: int, added: int) -> None:
    """Raise StoreError where there is no room for a copy of an index and for new points.

    `copied` are the bytes of the index as it is, which are also merged again; `added` those of
    the vectors and texts of the new points.
    """
    needed = 2 * copied + GROWTH * added + ROOM_TO_BEGIN
    if free_bytes(home) < needed:
        raise StoreError(
            f"The disk of {home} has {_room(home)}, and to write the index takes "
            f"{_shown(needed)}; make room and run this again. The index is as it was."
        )


def no_room_for(file: Path, needed: int) -> StoreError:
    """The error for a file of so many bytes that its disk has no room for."""
    return StoreError(
        f"The disk of {file} has {_room(file.parent)}, and the file takes {_shown(needed)}; make "
        "room, or name a file on another disk."
    )


def has_room_to_open(home: Path, folder: Path) -> bool:
    """Whether enough is free in `home` to open the index in a folder there."""
    return free_bytes(home) >= room_to_open(folder)


def room_to_open(folder: Path) -> int:
    """Bytes that must be free where the index in a folder is opened.

    A file system in memory gives room to the holes of a file that is read through a mapping, and
    ends the process that reads where it has none.
    """
    return ROOM_TO_OPEN + sum(map(_holes, folder.rglob(f"{MAPPED}/**/*")))


def _holes(path: Path) -> int:
    try:
        found = path.stat()
    except OSError:
        return 0
    return max(0, found.st_size - found.st_blocks * 512)


def free_bytes(folder: Path) -> int:
    """How much may still be written there: nothing where there can be no more files."""
    files = _free_files(folder)
    return shutil.disk_usage(folder).free if files is None or files >= FILES_TO_OPEN else 0


def _free_files(folder: Path) -> int | None:
    """How many more files there can be; None where nobody counts them."""
    if not hasattr(os, "statvfs"):
        return None
    room = os.statvfs(folder)
    return room.f_favail if room.f_files else None


def _room(folder: Path) -> str:
    """What is free there, and how many more files there can be where these are few; where there is
    no such folder yet, in the one that it would be in."""
    folder = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    free, files = _shown(shutil.disk_usage(folder).free), _free_files(folder)
    return (
        f"{free} free" if files is None or files > FEW_FILES else f"{free} and {files} files free"
    )


def used_bytes(folder: Path) -> int:
    """How much room a folder takes on the disk, without the holes in its files, and without what
    cannot be looked at or is gone by then."""
    return sum(map(_used, folder.rglob("*")))


def _used(path: Path) -> int:
    try:
        return path.stat().st_blocks * 512
    except OSError:
        return 0


def disk_full(home: Path) -> StoreError:
    """The error for a disk that was full before a write or an opening was over."""
    return StoreError(
        f"The disk of {home} is full ({_room(home)}); make room and run this again. The index is "
        "as it was."
    )


def not_written(home: Path, reason: str) -> StoreError:
    """The error for a write that failed; `reason` is the engine's or the system's."""
    if _code(reason) in FULL or not free_bytes(home):
        return disk_full(home)
    return StoreError(
        f"The new index in {home} could not be written ({reason}); the one there is as it was."
    )


def not_opened(home: Path, reason: str) -> StoreError:
    """The error for an index that cannot be opened or read."""
    code = _code(reason)
    if code in FULL:
        return disk_full(home)
    if code in READ_ONLY:
        return StoreError(
            f"The index in {home} cannot be opened ({reason}); let this user read and write "
            "there, or name another folder in SCHOLIAST_DATA."
        )
    if code in EXHAUSTED:
        return StoreError(
            f"The index in {home} cannot be opened now ({reason[:LONGEST_REASON]}); {ADVICE[code]}."
        )
    if NEWER.search(reason):
        return newer_index(home)
    return DamagedIndex(home, reason[:LONGEST_REASON] or "no reason given")


def os_reason(error: OSError) -> str:
    """What the system says, as the engine puts it."""
    return f"{error.strerror or error} (os error {error.errno})"


def _code(reason: str) -> int | None:
    """The number that the system gave for its refusal."""
    found = re.search(r"(?:os error|Os \{ code:) (\d+)", reason)
    return int(found[1]) if found else None


def _shown(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
