"""The folder of an index that another process owns; this one reads copies, and follows changes."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import qdrant_edge as edge
from typing_extensions import override

from chains.errors import StoreError
from chains.index.edge.folder import EdgeFolder
from chains.index.edge.shards import Shards, load_copy
from chains.index.edge.versions import collections_in, current_version, require_whole

log = logging.getLogger("scholiast.index")

TRIES = 5
"""Versions that may be removed, one after the other, while they are copied."""
PAUSE = 60.0
"""Seconds until a new version that could not be copied is tried again."""


class FollowingFolder(EdgeFolder):
    """Shards that were copied from the current version, which the owner may replace at any time.

    A copy has no name once it is open and takes the room of the index on the disk until it is
    closed. When the owner makes another version the current one, the next reader copies that;
    who reads meanwhile goes on in the one before. So do all where it cannot be copied, as on a
    full disk, until it can. Nothing is written.

    Raises StoreError where the index is damaged, or cannot be copied at the start.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._failed_at = -math.inf
        with self._reporting():
            self._copy_current()

    @override
    def _own(self) -> bool:
        return False

    @override
    def exists(self, name: str) -> bool:
        """Whether the version that was copied has a shard of that name."""
        return self._shards.get(name) is not None

    @override
    @contextmanager
    def reading(self, name: str) -> Iterator[edge.EdgeShard]:
        """A shard of the current version, or of the one before while another thread copies it."""
        if self._lock.acquire(blocking=False):
            try:
                self._follow()
            finally:
                self._lock.release()
        with super().reading(name) as shard:
            yield shard

    def _follow(self) -> None:
        """Go on to the current version if it is another one; a line in the log if that fails."""
        if not self._is_open or time.monotonic() - self._failed_at < PAUSE:
            return
        try:
            with self._reporting():
                if current_version(self.path) != self._version:
                    self._copy_current()
        except StoreError as error:
            self._failed_at = time.monotonic()
            log.warning(
                "the next version of an index cannot be copied and is tried again in %.0f s; "
                "answers are from the one before: %s",
                PAUSE,
                error,
            )

    def _copy_current(self) -> None:
        for left in reversed(range(TRIES)):
            version, fresh = current_version(self.path), Shards()
            try:
                require_whole(version)
                for collection in collections_in(version):
                    fresh.add(collection.name, load_copy(str(collection)))
            except Exception:
                fresh.close_all()
                if not left or current_version(self.path) == version:
                    raise
                continue  # the owner has removed it meanwhile
            with self._state:
                old, self._shards = self._shards, fresh
                self._version = version
            old.retire(lambda: None)
            return
