"""The folder of an embedded index: who has it open, and the shards of its current version."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import RLock

import portalocker
import qdrant_edge as edge

from chains.errors import EXHAUSTED, IndexInUse, StoreError
from chains.index.edge.disk import (
    FULL,
    READ_ONLY,
    check_room,
    disk_full,
    has_room_to_open,
    not_opened,
    not_written,
    os_reason,
    used_bytes,
)
from chains.index.edge.shards import Shards, load_copy
from chains.index.edge.staging import discard, stage, take
from chains.index.edge.versions import (
    CONFIG,
    LOCK,
    begin_version,
    clear_versions,
    collections_in,
    current_version,
    holds,
    record_files,
    remove_version,
    require_whole,
    switch_version,
)
from chains.index.edge.writer import EdgeWriter
from chains.regular_files import require_regular


class EdgeFolder:
    """Shards of Qdrant's engine in folders below `path`, for one process at a time.

    A folder that cannot be written is read by any number of processes. Raises StoreError where
    another process has the folder open, and where a shard is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._shards = Shards()
        self._lock = RLock()  # held as long as something is written
        self._state = RLock()  # held for a moment: which version is open, and which of its shards
        self._is_open = True
        # The engine locks an open shard too; this lock also holds where there is none yet.
        self._owner = portalocker.Lock(path / LOCK, timeout=0)
        self._is_writable = self._own()
        with self._reporting(), ExitStack() as stack:
            stack.callback(self._owner.release)
            self._version = current_version(path)
            stack.pop_all()

    def _own(self) -> bool:
        """Take the folder; False where it can only be read."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            require_regular(self.path / LOCK)
            self._owner.acquire()
            clear_versions(self.path)
        except StoreError:
            self._owner.release()
            raise
        except portalocker.LockException as error:
            raise IndexInUse(
                f"The index in {self.path} is in use by another process; stop that one first."
            ) from error
        except OSError as error:
            if error.errno in READ_ONLY and os.path.isdir(self.path):  # noqa: PTH112 (never fails)
                return False
            if error.errno in FULL | EXHAUSTED:
                raise not_opened(self.path, os_reason(error)) from error
            raise StoreError(
                f"The index in {self.path} cannot be opened ({error.strerror}); let this user read "
                "and write there, or name another folder in SCHOLIAST_DATA."
            ) from error
        return True

    def close(self) -> None:
        """Let another process have the folder."""
        with self._lock, self._state:
            self._shards.close_all()
            self._owner.release()
            self._is_open = False

    def exists(self, name: str) -> bool:
        """Whether there is a shard of that name, damaged or not."""
        return holds(self._version, name)

    @property
    def is_finished(self) -> bool:
        """Whether its version was written as a whole, with a book."""
        return self._version != self.path

    def create(self, name: str, config: edge.EdgeConfig) -> None:
        """Make an empty shard. Raises ValueError where there is one of that name."""
        with self._lock, self._state, self._reporting():
            if self.exists(name):
                raise ValueError(f"Collection {name} already exists")
            self.remove(name)  # what an interrupted start left behind
            self._shards.add(name, edge.EdgeShard.create(str(self._version / name), config))

    def remove(self, name: str) -> bool:
        """Remove a shard, also a damaged one; False where there is none."""
        with self._lock, self._state:
            self._shards.close(name)
            if not (self._version / name).exists():
                return False
            shutil.rmtree(self._version / name)
            return True

    @contextmanager
    def reading(self, name: str) -> Iterator[edge.EdgeShard]:
        """A shard to search in, beside other threads; for the block it stays as it is."""
        with self._reporting():
            with self._state:
                shards = self._shards
                shard = shards.get(name) or self._load(name)
                shards.enter()
            try:
                yield shard
            finally:
                shards.leave()

    @contextmanager
    def writing(self, name: str) -> Iterator[edge.EdgeShard]:
        """A shard to write to, one thread at a time; on the disk at the end."""
        with self._lock:
            self._check_writable()
            with self.reading(name) as shard:
                if self._shards.has_copies:  # they end with this process
                    raise not_written(self.path, "no room when it was opened; run this again")
                yield shard
                shard.flush()
            if self.is_finished:
                record_files(self._version)

    @contextmanager
    def rewriting(self, *, empty: bool, added: int) -> Iterator[EdgeWriter]:
        """What takes the writes of a new version, which becomes the current one at the end.

        It begins as a copy of the current one, or `empty`; `added` is how many bytes of points
        come to it. Until the end, and where the block or a write fails, the current one stays.
        """
        with self._lock:
            self._check_writable()
            version = None
            try:
                with self._reporting_writes():
                    self.check_room(empty=empty, added=added)
                    version = begin_version(self.path, empty=empty)
                    writer = EdgeWriter(self.path, version, self._descriptor())
                with writer:
                    yield writer
                    writer.finish()
                with self._reporting_writes():
                    self._switch(version)
            finally:
                if version is not None and version != self._version:
                    discard(version)

    def stage(self) -> Path:
        """A data folder whose index is a copy of the current version, for another process to work
        in; then comes `adopt` or `discard`. Raises StoreError where the disk lacks the room."""
        with self._lock:
            self._check_writable()
            self.check_room(empty=False, added=0)
            with self._reporting_writes():
                return stage(self.path, self._version)

    def adopt(self, staged: Path) -> None:
        """Make the index of a staged data folder the current version. Who is reading now goes on
        in the one from before."""
        with self._lock, self._reporting_writes():
            self._switch(take(self.path, staged))

    def _switch(self, version: Path) -> None:
        fresh = Shards()
        if has_room_to_open(self.path, version):  # or the next reader opens a copy of them
            with self._reporting():
                for collection in collections_in(version):
                    fresh.add(collection.name, edge.EdgeShard.load(str(collection)))
        switch_version(self.path, version)
        with self._state:
            old, self._shards = self._shards, fresh
            before, self._version = self._version, version
        old.retire(lambda: remove_version(self.path, before))

    def check_room(self, *, empty: bool, added: int) -> None:
        """Raise StoreError where `rewriting` with these would find too little room."""
        check_room(self.path, 0 if empty else used_bytes(self._version), added)

    def config(self, name: str) -> bytes:
        """How a shard was made, as the engine keeps it in JSON."""
        return (self._version / name / CONFIG).read_bytes()

    def _load(self, name: str) -> edge.EdgeShard:
        if not self._is_open:
            raise RuntimeError(f"The index in {self.path} is closed.")
        if not self.exists(name):
            raise ValueError(f"Collection {name} not found")
        require_whole(self._version)
        can_write = self._is_writable and has_room_to_open(self.path, self._version)
        load = edge.EdgeShard.load if can_write else load_copy
        return self._shards.add(name, load(str(self._version / name)), is_copy=not can_write)

    def _descriptor(self) -> int:
        if self._owner.fh is None:
            raise RuntimeError(f"The index in {self.path} is closed.")
        return self._owner.fh.fileno()

    def _check_writable(self) -> None:
        if not self._is_writable:
            raise not_written(self.path, "the folder is read-only")
        if not has_room_to_open(self.path, self._version):
            raise disk_full(self.path)

    @contextmanager
    def _reporting_writes(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise not_written(self.path, os_reason(error)) from error

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Turn a failure of the engine, which raises a bare Exception, or a panic that cannot be
        imported, into one line that names the folder and the fix."""
        try:
            yield
        except OSError as error:
            raise not_opened(self.path, os_reason(error)) from error
        except BaseException as error:
            if type(error) is not Exception and type(error).__name__ != "PanicException":
                raise
            raise not_opened(self.path, str(error).strip().partition("\n")[0]) from error
