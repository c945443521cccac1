"""Where the server of a data folder is: its address, left in the folder while it serves."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import portalocker

from chains.errors import IndexInUse
from chains.regular_files import read_regular, require_regular

log = logging.getLogger("scholiast.server")

FILE = "server.json"
LOCK = "server.lock"
"""Held while the server runs: an address file without it was left by a server that was killed."""
LOCK_TIMEOUT = 0.5
"""Seconds; a command that looks for a server holds the lock for a moment."""


@dataclass(frozen=True)
class Server:
    """A running server: the address of its site, which ends with a slash, and its process."""

    url: str
    pid: int

    def __str__(self) -> str:
        return f"{self.url} (process {self.pid})"


@contextmanager
def beacon(data: Path, url: str) -> Iterator[None]:
    """Leave this process as the folder's server for the length of the block.

    Of several servers on one folder, which a Qdrant server allows, the first is found. In a folder
    that cannot be written, none is, and a line of the log says so.
    """
    with ExitStack() as stack:
        try:
            with suppress(portalocker.LockException):
                data.mkdir(parents=True, exist_ok=True)
                require_regular(data / LOCK)
                stack.enter_context(portalocker.Lock(data / LOCK, timeout=LOCK_TIMEOUT))
                stack.enter_context(_left(data / FILE, Server(url, os.getpid())))
        except OSError as error:
            log.warning(
                "%s cannot be written (%s): commands do not find this server",
                data / FILE,
                error.strerror,
            )
        yield


def find_server(data: Path) -> Server | None:
    """The running server that left its address in the folder. It may still be slow to answer."""
    if not _is_held(data / LOCK):
        return None
    try:
        return msgspec.json.decode(read_regular(data / FILE), type=Server)
    except (OSError, msgspec.MsgspecError):
        return None


def require_no_server(data: Path) -> None:
    """Raise IndexInUse where a server has the data folder.

    Its index may be free for a moment, while the worker that had it is started again.
    """
    if server := find_server(data):
        raise IndexInUse(
            f"The index in {data / 'index'} is in use by the server at {server}; stop that one "
            "first."
        )


@contextmanager
def _left(file: Path, server: Server) -> Iterator[None]:
    """The file, for its owner alone to read."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(msgspec.json.encode(server))
        yield
    finally:
        file.unlink(missing_ok=True)


def _is_held(lock: Path) -> bool:
    shared = portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING
    try:
        require_regular(lock)
        with portalocker.Lock(lock, "r", timeout=0, flags=shared):
            return False
    except portalocker.AlreadyLocked:
        return True
    except (OSError, portalocker.LockException):
        return False
