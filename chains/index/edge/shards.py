"""The open shards of one version of an index, and how many readers are in them.

A version that another one replaces stays open for those who are reading it, and is closed when
the last of them has left.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import qdrant_edge as edge


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
