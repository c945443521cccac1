"""Reading an embedded collection: the calls of qdrant-client that search, list and count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import qdrant_edge as edge
from qdrant_client import models
from qdrant_client.client_base import QdrantBase
from qdrant_client.conversions import common_types as types

from chains.index.edge.config import from_shard
from chains.index.edge.disk import not_opened
from chains.index.edge.folder import EdgeFolder
from chains.index.edge.fusion import Search, run_search, searches_of
from chains.index.edge.types import from_id, from_record, refuse_options, to_fields, to_filter


class EdgeReader(QdrantBase):
    """What a client of the embedded index can be asked. Raises StoreError for a damaged one."""

    def __init__(self, path: Path, folder: type[EdgeFolder] = EdgeFolder) -> None:
        super().__init__()
        self._folder = folder(path)

    @property
    def place(self) -> str:
        """The folder of the index, for a person."""
        return str(self._folder.path)

    @property
    def is_finished(self) -> bool:
        """Whether what is there was written as a whole, with a book."""
        return self._folder.is_finished

    def close(self, **options: Any) -> None:
        """Let another process have the folder. The client is of no use afterwards."""
        refuse_options(options)
        self._folder.close()

    def collection_exists(self, collection_name: str, **options: Any) -> bool:
        """Whether there is a collection of that name, damaged or not."""
        refuse_options(options)
        return self._folder.exists(collection_name)

    def get_collection(self, collection_name: str, **options: Any) -> types.CollectionInfo:
        """What a collection holds and how it was made."""
        refuse_options(options)
        with self._folder.reading(collection_name) as shard:
            try:
                return from_shard(shard, self._folder.config(collection_name))
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                raise not_opened(self._folder.path, "its configuration is none of ours") from error

    def retrieve(
        self,
        collection_name: str,
        ids: Sequence[types.PointId],
        with_payload: types.WithPayloadInterface = True,
        with_vectors: types.WithVector = False,
        **options: Any,
    ) -> list[types.Record]:
        """The points of those ids that there are."""
        refuse_options(options)
        fields, vectors = to_fields(with_payload), _names(with_vectors)
        with self._folder.reading(collection_name) as shard:
            return [from_record(r) for r in shard.retrieve(list(ids), fields, vectors)]

    def query_points(
        self,
        collection_name: str,
        query: Any = None,
        using: str | None = None,
        prefetch: types.Prefetch | list[types.Prefetch] | None = None,
        query_filter: types.Filter | None = None,
        search_params: types.SearchParams | None = None,
        limit: int = 10,
        offset: int | None = None,
        with_payload: types.WithPayloadInterface = True,
        with_vectors: types.WithVector = False,
        score_threshold: float | None = None,
        lookup_from: types.LookupLocation | None = None,
        **options: Any,
    ) -> types.QueryResponse:
        """The nearest points, best first, or the fusion of several such searches."""
        refuse_options({**options, "search_params": search_params, "lookup_from": lookup_from})
        search = Search(
            query,
            using,
            searches_of(prefetch),
            query_filter,
            limit + (offset or 0),
            score_threshold,
        )
        with self._folder.reading(collection_name) as shard:
            found = run_search(shard, search)[offset or 0 :]
            if not (with_payload or with_vectors):
                return types.QueryResponse(points=found)
            records = shard.retrieve(
                [point.id for point in found], to_fields(with_payload), _names(with_vectors)
            )
        return types.QueryResponse(points=_filled(found, records))

    def scroll(
        self,
        collection_name: str,
        scroll_filter: types.Filter | None = None,
        limit: int = 10,
        order_by: types.OrderBy | None = None,
        offset: types.PointId | None = None,
        with_payload: types.WithPayloadInterface = True,
        with_vectors: types.WithVector = False,
        **options: Any,
    ) -> tuple[list[types.Record], types.PointId | None]:
        """A page of points by id, and the id to go on from, None at the end."""
        refuse_options({**options, "order_by": order_by})
        request = edge.ScrollRequest(
            offset=offset,
            limit=limit,
            filter=to_filter(scroll_filter) if scroll_filter else None,
            with_payload=to_fields(with_payload),
            with_vector=_names(with_vectors),
        )
        with self._folder.reading(collection_name) as shard:
            records, following = shard.scroll(request)
        return [from_record(record) for record in records], from_id(following)

    def count(
        self,
        collection_name: str,
        count_filter: types.Filter | None = None,
        exact: bool = True,
        **options: Any,
    ) -> types.CountResult:
        """How many points there are, or match a filter."""
        refuse_options(options)
        wanted = to_filter(count_filter) if count_filter else None
        with self._folder.reading(collection_name) as shard:
            return models.CountResult(count=shard.count(edge.CountRequest(exact, wanted)))


def _names(with_vectors: types.WithVector) -> bool | list[str]:
    return with_vectors if isinstance(with_vectors, bool) else list(with_vectors)


def _filled(
    found: list[models.ScoredPoint], records: list[edge.Record]
) -> list[models.ScoredPoint]:
    """The points that were found, with their content; without what was deleted meanwhile."""
    contents = {record.id: record for record in map(from_record, records)}
    return [
        point.model_copy(update={"payload": content.payload, "vector": content.vector})
        for point in found
        if (content := contents.get(point.id))
    ]
