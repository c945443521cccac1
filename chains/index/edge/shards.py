"""The open shards of one version of an index, and how many readers are in them.

A version that another one replaces stays open for those who are reading it, and is closed when
the last of them has left.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import qdrant_edge as edge

from chains.index.edge.copying import copy_folder


class Shards:
    """By name. Whoever opens, closes or retires them lets nobody `enter` meanwhile."""

    def __init__(self) -> None:
        self._open: dict[str, edge.EdgeShard] = {}
        self._counting = Lock()
        self._readers = 0
        self._last: Callable[[], None] | None = None

    def get(self, name: str) -> edge.EdgeShard | None:
        """The open shard of that name."""
        return self._open.get(name)

    def add(self, name: str, shard: edge.EdgeShard) -> edge.EdgeShard:
        """Keep a shard that was opened."""
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
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(folder, "shard")
        copy_folder(Path(shard), copy, "wal")
        return edge.EdgeShard.load(str(copy))
