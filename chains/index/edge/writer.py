"""Writes of a new version of an embedded index, in a process of their own.

The engine writes to its files through mapped memory. Where the disk fills up meanwhile, the
system ends the process (SIGBUS), and no code of ours can prevent that. So it is another process
than the one that has to report it.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from qdrant_client import models
from qdrant_client.client_base import QdrantBase
from qdrant_client.conversions import common_types as types

from chains.errors import StoreError
from chains.index.edge.disk import disk_full, not_written
from chains.index.edge.types import refuse_options, unknown

CHILD = "chains.index.edge.child"
DONE = models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)


class EdgeWriter(QdrantBase):
    """Has a child make and fill collections in the folder `version` below `home`.

    A call returns before its write is done; `finish` waits for all of them, and for the disk.
    Raises StoreError with the reason where the child has failed or was ended.
    """

    def __init__(self, home: Path, version: Path, held: int) -> None:
        """The child keeps the lock whose descriptor is `held` for as long as it lives."""
        super().__init__()
        self._home = home
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", CHILD, str(version)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(one or "." for one in sys.path)},
            pass_fds=[held],
            start_new_session=True,  # Ctrl-C is for the parent, which ends its child itself
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the child, whatever it is at."""
        self._process.kill()
        self._said()

    def create_collection(
        self,
        collection_name: str,
        vectors_config: types.VectorParams | Mapping[str, types.VectorParams],
        sparse_vectors_config: Mapping[str, types.SparseVectorParams] | None = None,
        **options: Any,
    ) -> bool:
        """Make an empty collection."""
        refuse_options(options)
        self._send((collection_name, "create", vectors_config, sparse_vectors_config))
        return True

    def create_payload_index(
        self,
        collection_name: str,
        field_name: str,
        field_schema: Any = None,
        field_type: Any = None,
        **options: Any,
    ) -> types.UpdateResult:
        """Make filters on a field of the payload quick."""
        refuse_options(options)
        self._send((collection_name, "index", field_name, field_schema or field_type))
        return DONE

    def batch_update_points(
        self,
        collection_name: str,
        update_operations: Sequence[types.UpdateOperation],
        **options: Any,
    ) -> list[types.UpdateResult]:
        """Several writes in order, sent one by one so that few of them wait in memory."""
        refuse_options(options)
        for operation in update_operations:
            self._send((collection_name, *_plain(operation)))
        return [DONE for _ in update_operations]

    def finish(self) -> None:
        """Wait until everything is on the disk."""
        self._send(())
        said = self._said()
        if self._process.returncode != 0:
            raise self._failure(said)

    def _send(self, write: tuple[Any, ...]) -> None:
        if self._process.stdin is None:
            raise ValueError("The child has ended.")
        try:
            pickle.dump(write, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failure(self._said()) from None

    def _said(self) -> str:
        """The child's last line, once it has ended."""
        if self._process.stdin is None:
            return ""
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdin = None
        said, trouble = self._process.communicate()
        lines = (said or trouble).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def _failure(self, said: str) -> StoreError:
        code = self._process.returncode
        if code == -signal.SIGBUS:
            return disk_full(self._home)
        if code < 0:
            reason = f"the process that wrote it was ended by {signal.Signals(-code).name}"
        else:
            reason = said or f"the process that wrote it ended with {code}"
        return not_written(self._home, reason)


def _plain(operation: Any) -> tuple[Any, ...]:
    """A write of an ingestion as plain data, which can go to another process."""
    if isinstance(operation, models.UpsertOperation):
        points = operation.upsert
        if isinstance(points, models.PointsList):
            plain = [(p.id, _plain_vectors(p.vector), p.payload or {}) for p in points.points]
            return "upsert", plain
    if isinstance(operation, models.OverwritePayloadOperation):
        change = operation.overwrite_payload
        if change.filter is None and change.key is None:
            return "overwrite", change.points, change.payload
    if isinstance(operation, models.DeleteOperation):
        chosen = operation.delete
        if isinstance(chosen, models.PointIdsList):
            return "delete", chosen.points
    raise unknown(operation)


def _plain_vectors(vectors: Any) -> Any:
    return {
        name: (vector.indices, vector.values) if isinstance(vector, models.SparseVector) else vector
        for name, vector in vectors.items()
    }
