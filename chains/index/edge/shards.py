"""The open shards of one version of an index, and how many readers are in them.

A version that another one replaces stays open for those who are reading it, and is closed when
the last of them has left.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Lock

import qdrant_edge as edge

from chains.errors import StoreError
from chains.index.edge.copying import copy_folder
from chains.index.edge.disk import FULL, disk_full, has_room_to_open


class Shards:
    """By name. Whoever opens, closes or retires them lets nobody `enter` meanwhile."""

    def __init__(self) -> None:
        self._open: dict[str, edge.EdgeShard] = {}
        self.has_copies = False
        """Whether any was opened as a copy, which takes no writes."""
        self._counting = Lock()
        self._readers = 0
        self._last: Callable[[], None] | None = None

    def get(self, name: str) -> edge.EdgeShard | None:
        """The open shard of that name."""
        return self._open.get(name)

    def add(self, name: str, shard: edge.EdgeShard, *, is_copy: bool = False) -> edge.EdgeShard:
        """Keep a shard that was opened."""
        self.has_copies |= is_copy
        self._open[name] = shard
        return shard

    def close(self, name: str) -> None:
        """Close a shard, if it is open; nobody may be reading it."""
        if shard := self._open.pop(name, None):
            shard.close()

    def close_all(self) -> None:
        """Close all; nobody may be reading them."""
        for name in [*self._open]:
            self.close(name)

    def retire(self, after: Callable[[], None]) -> None:
        """Close all when nobody reads them any more, and call `after` then."""

        def last() -> None:
            self.close_all()
            after()

        with self._counting:
            if self._readers:
                self._last = last
                return
        last()

    def enter(self) -> None:
        """One more reads them."""
        with self._counting:
            self._readers += 1

    def leave(self) -> None:
        """One less reads them."""
        with self._counting:
            self._readers -= 1
            last = None if self._readers else self._last
        if last is not None:
            last()


def load_copy(shard: str) -> edge.EdgeShard:
    """A shard that can only be read, from a copy in the system's folder for temporary files.

    The copy is without a name once it is loaded, so that nothing of it outlives the process. It
    lacks the log, which is empty of news: writes are on the disk when they return.

    Raises StoreError with the name of that folder where there is no room for it.
    """
    place = _temporary_folder()
    with ExitStack() as until_loaded:
        try:
            folder = tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True)
            copy = Path(until_loaded.enter_context(folder), "shard")
            copy_folder(Path(shard), copy, "wal")
        except OSError as error:
            if error.errno in FULL:
                raise disk_full(place) from error
            raise
        if not has_room_to_open(place, copy):
            raise disk_full(place)
        return edge.EdgeShard.load(str(copy))


def _temporary_folder() -> Path:
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError as error:  # Python has tried to write a file into each
        raise StoreError(
            f"A copy of the index is needed to read it ({error.strerror}); make room in one of "
            "these folders, or name another one in TMPDIR."
        ) from error
