"""The embedded index: Qdrant's own engine in this process, behind qdrant-client's interface.

What runs on a `QdrantClient` runs on an `EdgeClient`: the same calls get the same answers. It has
the calls that langchain-qdrant and the index of a book make; others raise NotImplementedError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import qdrant_edge as edge
from qdrant_client import models
from qdrant_client.client_base import QdrantBase
from qdrant_client.conversions import common_types as types

from chains.index.edge.config import FIELD_TYPES, to_config
from chains.index.edge.edge_reader import EdgeReader
from chains.index.edge.types import refuse_options
from chains.index.edge.writes import to_change, to_operation, to_selector

DONE = models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)


class EdgeClient(EdgeReader):
    """Collections in folders below `path`, which one process has open at a time.

    A write is on the disk when its call returns. Safe for many threads: writes follow one
    another, searches run beside them.

    Raises StoreError where another process has the folder open, and where an index is damaged.
    """

    def create_collection(
        self,
        collection_name: str,
        vectors_config: types.VectorParams | Mapping[str, types.VectorParams],
        sparse_vectors_config: Mapping[str, types.SparseVectorParams] | None = None,
        **options: Any,
    ) -> bool:
        """Make an empty collection. Raises ValueError where there is one of that name."""
        refuse_options(options)
        self._folder.create(collection_name, to_config(vectors_config, sparse_vectors_config))
        return True

    def delete_collection(self, collection_name: str, **options: Any) -> bool:
        """Remove a collection, also a damaged one; False where there is none."""
        refuse_options(options)
        return self._folder.remove(collection_name)

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
        kind = FIELD_TYPES[field_schema or field_type]
        with self._folder.writing(collection_name) as shard:
            shard.update(edge.UpdateOperation.create_field_index(field_name, kind))
        return DONE

    def upsert(
        self, collection_name: str, points: types.Points, **options: Any
    ) -> types.UpdateResult:
        """Write points; one whose id is there is replaced as a whole."""
        given = models.PointsList(points=list(points))
        return self._write(collection_name, models.UpsertOperation(upsert=given), **options)

    def delete(
        self, collection_name: str, points_selector: types.PointsSelector, **options: Any
    ) -> types.UpdateResult:
        """Remove points, by ids or by a filter."""
        operation = models.DeleteOperation(delete=to_selector(points_selector))
        return self._write(collection_name, operation, **options)

    def set_payload(
        self,
        collection_name: str,
        payload: types.Payload,
        points: types.PointsSelector,
        key: str | None = None,
        **options: Any,
    ) -> types.UpdateResult:
        """Set fields of the payload of points, below `key` where it is given."""
        operation = models.SetPayloadOperation(set_payload=to_change(payload, points, key))
        return self._write(collection_name, operation, **options)

    def overwrite_payload(
        self,
        collection_name: str,
        payload: types.Payload,
        points: types.PointsSelector,
        **options: Any,
    ) -> types.UpdateResult:
        """Replace the payload of points."""
        operation = models.OverwritePayloadOperation(overwrite_payload=to_change(payload, points))
        return self._write(collection_name, operation, **options)

    def batch_update_points(
        self,
        collection_name: str,
        update_operations: Sequence[types.UpdateOperation],
        **options: Any,
    ) -> list[types.UpdateResult]:
        """Several writes in order; afterwards the segments are merged for quick searches."""
        done = self._write(collection_name, *update_operations, **options)
        with self._folder.writing(collection_name) as shard:
            shard.optimize()
        return [done for _ in update_operations]

    def _write(
        self, collection_name: str, *operations: types.UpdateOperation, **options: Any
    ) -> types.UpdateResult:
        refuse_options(options)
        given = [to_operation(operation) for operation in operations]
        with self._folder.writing(collection_name) as shard:
            for operation in given:
                shard.update(operation)
        return DONE

    @contextmanager
    def rewriting(self, *, empty: bool, added: int) -> Iterator[QdrantBase]:
        """A client whose writes all take effect together, at the end of the block.

        They go to a copy of the collections, or to a place that is `empty`. If the block or one
        of the writes fails, or this process is killed, nothing has changed. `added` is about how
        many bytes of vectors and payload will be written: see `check_room`.

            with client.rewriting(empty=False, added=1_000_000) as copy:
                copy.batch_update_points("book", operations)

        Raises StoreError where the disk lacks the room, and where the writes fail.
        """
        with self._folder.rewriting(empty=empty, added=added) as writer:
            yield writer

    def check_room(self, *, empty: bool, added: int) -> None:
        """Raise StoreError where `rewriting` with these would find too little room."""
        self._folder.check_room(empty=empty, added=added)

    def stage(self) -> Path:
        """A data folder for another process, whose index is a copy of this one.

        Questions go on meanwhile. Afterwards comes `adopt`, or the folder is removed. Raises
        StoreError where the disk lacks the room.
        """
        return self._folder.stage()

    def adopt(self, staged: Path) -> None:
        """Let the index of a staged data folder take the place of this one, in one step.

        Searches under way end in the one from before. Raises StoreError.
        """
        self._folder.adopt(staged)
