"""The folder of an embedded index: who has it open, and the shards in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

import portalocker
import qdrant_edge as edge

from chains.errors import IndexInUse, StoreError

CONFIG = "edge_config.json"
"""The engine's own file; a shard without it was never finished."""


class EdgeFolder:
    """Shards of Qdrant's engine in folders below `path`, for one process at a time.

    Raises StoreError where another process has the folder open, and where a shard is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._shards: dict[str, edge.EdgeShard] = {}
        self._lock = RLock()
        # The engine locks an open shard too; this lock also holds where there is none yet.
        self._owner = portalocker.Lock(path / ".lock", timeout=0)
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._owner.acquire()
        except portalocker.LockException as error:
            raise IndexInUse(
                f"The index in {path} is in use by another process; stop that one first."
            ) from error
        except OSError as error:
            raise StoreError(
                f"The index in {path} cannot be opened ({error.strerror}); "
                "name another folder in SCHOLIAST_DATA."
            ) from error

    def close(self) -> None:
        """Let another process have the folder."""
        with self._lock:
            while self._shards:
                self._shards.popitem()[1].close()
            self._owner.release()

    def exists(self, name: str) -> bool:
        """Whether there is a shard of that name, be it a damaged one."""
        return (self.path / name / CONFIG).is_file()

    def create(self, name: str, config: edge.EdgeConfig) -> None:
        """Make an empty shard. Raises ValueError where there is one of that name."""
        with self._lock, self._reporting():
            if self.exists(name):
                raise ValueError(f"Collection {name} already exists")
            self.remove(name)  # what an interrupted start left behind
            self._shards[name] = edge.EdgeShard.create(str(self.path / name), config)

    def remove(self, name: str) -> bool:
        """Remove a shard, also a damaged one; False where there is none."""
        with self._lock:
            if shard := self._shards.pop(name, None):
                shard.close()
            if not (self.path / name).exists():
                return False
            shutil.rmtree(self.path / name)
            return True

    @contextmanager
    def reading(self, name: str) -> Iterator[edge.EdgeShard]:
        """A shard to search in, beside other threads."""
        with self._reporting():
            yield self._shards.get(name) or self._load(name)

    @contextmanager
    def writing(self, name: str) -> Iterator[edge.EdgeShard]:
        """A shard to write to, one thread at a time; on the disk at the end."""
        with self._lock, self.reading(name) as shard:
            yield shard
            shard.flush()

    def config(self, name: str) -> bytes:
        """How a shard was made, as the engine keeps it in JSON."""
        return (self.path / name / CONFIG).read_bytes()

    def _load(self, name: str) -> edge.EdgeShard:
        with self._lock:
            if self._owner.fh is None:
                raise RuntimeError(f"The index in {self.path} is closed.")
            if not self.exists(name):
                raise ValueError(f"Collection {name} not found")
            if name not in self._shards:
                self._shards[name] = edge.EdgeShard.load(str(self.path / name))
            return self._shards[name]

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Turn a failure of the engine into one line that names the folder and the fix."""
        try:
            yield
        except BaseException as error:
            # The engine raises a bare Exception, or a panic, which Python code cannot import.
            if type(error) is not Exception and type(error).__name__ != "PanicException":
                raise
            reason = (str(error).strip() or "no reason given").splitlines()[0]
            raise StoreError(
                f"The index in {self.path} is damaged or does not fit ({reason}); "
                "run `scholiast ingest PATH --replace`."
            ) from error
