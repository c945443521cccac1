"""The current version of an embedded index as one file, and back.

A gzipped tar of the collections. The engine's files are mostly holes, which tar writes as zeros and
gzip takes away; on the way back zeros become holes again.
"""

from __future__ import annotations

import gzip
import io
import re
import secrets
import tarfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from typing_extensions import Buffer, override

from chains.errors import StoreError
from chains.index.edge.disk import FULL, READ_ONLY, check_room, not_written, os_reason
from chains.index.edge.staging import INDEX, discard
from chains.index.edge.versions import LOCK, collections_in, current_version

PIECE = 1 << 16
LEVEL = 3
NAME = re.compile(r"[\w.-]{1,200}(?:/[\w.-]{1,200}){1,6}")
MOST_FILES = 10_000
MOST_AT_ONCE = 1 << 20
"""Bytes that are read into memory at a time. A member may say that its own name has gigabytes."""


def write_archive(home: Path, file: IO[bytes]) -> None:
    """Write the current version of the index in `home`.

    A finished version does not change, but another may take its place meanwhile, and this one be
    removed: then StoreError is raised, and nothing in `file` counts; also where there is no book.
    """
    version = current_version(home)
    try:
        if not (collections := collections_in(version)):
            raise StoreError(f"There is no book in {home}.")
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=LEVEL) as archive:
            for collection in collections:
                archive.add(collection, collection.name, filter=_anonymous)
    except OSError as error:
        if error.filename is None or version == current_version(home):
            raise
    if version != current_version(home):
        raise StoreError(f"The index in {home} has changed meanwhile; run this again.")


def archive_size(home: Path) -> int:
    """How many bytes `write_archive` writes. It takes as long, and raises the same."""
    counted = _Counted()
    write_archive(home, counted)
    return counted.size


class _Counted(io.BytesIO):
    """A file of which nothing is kept but how long it is."""

    size = 0

    @override
    def write(self, piece: Buffer, /) -> int:
        """Count them."""
        size = memoryview(piece).nbytes
        self.size += size
        return size


def stage_archive(home: Path, file: IO[bytes]) -> Path:
    """A data folder below `home` with the index of an archive, for `adopt`; see `staging`.

    Raises StoreError where the file is no archive of an index, and where the disk lacks the room.
    """
    staged = home / secrets.token_hex(8)
    try:
        check_room(home, _unpacked(file), 0)
        (staged / INDEX).mkdir(parents=True)
        for member, pieces in _files(file):
            _write(pieces, staged / INDEX / member.name, member.size)
        if not collections_in(staged / INDEX):
            raise _no_archive("it holds no index")
    except BaseException as error:
        discard(staged)
        if isinstance(error, tarfile.TarError | EOFError | zlib.error | gzip.BadGzipFile):
            early = isinstance(error, EOFError)
            raise _no_archive(
                "it ends too early" if early else "it holds something else"
            ) from error
        if isinstance(error, OSError):
            failed = not_written(home, os_reason(error))
            is_of_disk = error.errno in FULL | READ_ONLY
            raise failed if is_of_disk else _no_archive(os_reason(error)) from error
        raise
    return staged


def _unpacked(file: IO[bytes]) -> int:
    """The bytes that come out of it, without the holes."""
    return sum(len(piece) for _, pieces in _files(file) for piece in pieces if not _is_hole(piece))


def _files(file: IO[bytes]) -> Iterator[tuple[tarfile.TarInfo, Iterator[bytes]]]:
    """The files of an archive from its beginning, each with its content in pieces."""
    file.seek(0)
    with _Unpacking(file) as content, tarfile.open(fileobj=content, mode="r:") as archive:
        for number, member in enumerate(archive):
            parts = PurePosixPath(member.name).parts
            is_plain = member.isdir() or (member.isreg() and not member.issparse())
            if number == MOST_FILES or ".." in parts or not is_plain:
                raise _no_archive(f"it holds {member.name!r}")
            if member.isdir() or parts[-1] == LOCK:
                continue
            if not NAME.fullmatch(member.name) or (packed := archive.extractfile(member)) is None:
                raise _no_archive(f"it holds {member.name!r}")
            yield member, iter(partial(packed.read, PIECE), b"")
        while content.read(PIECE):  # to its end, where it says what the sum of all has to be
            pass


class _Unpacking(gzip.GzipFile):
    """What comes out of a gzipped file, never much of it at once."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(fileobj=file, mode="rb")

    @override
    def read(self, size: int | None = -1) -> bytes:
        """Raises StoreError where that is too much."""
        if size is None or not 0 <= size <= MOST_AT_ONCE:
            raise _no_archive("the name of a file in it is too long")
        return super().read(size)


def _write(pieces: Iterator[bytes], path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as written:
        for piece in pieces:
            if _is_hole(piece):
                written.seek(len(piece), 1)
            else:
                written.write(piece)
        written.truncate(size)


def _is_hole(piece: bytes) -> bool:
    return piece.count(0) == len(piece)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the names of this machine's people."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _no_archive(reason: str) -> StoreError:
    return StoreError(
        f"This is no backup of an index, or not a whole one: {reason}; name a file that "
        "`scholiast backup` has written."
    )
