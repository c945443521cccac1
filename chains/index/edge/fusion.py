"""Searches of an embedded collection: alone, one within another, and fused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import qdrant_edge as edge
from qdrant_client import models
from qdrant_client.hybrid.fusion import distribution_based_score_fusion, reciprocal_rank_fusion

from chains.index.edge.types import from_id, refuse_fields, to_filter, to_vector

FUSIONS = {
    models.Fusion.RRF: reciprocal_rank_fusion,
    models.Fusion.DBSF: distribution_based_score_fusion,
}


MOST_EQUAL = 2000
"""Points of one score that are put in order; a book that repeats a text more often may have them
in any order."""


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for: a vector, or a fusion of the searches in `prefetch`."""

    query: Any
    using: str | None
    prefetch: tuple[Search, ...]
    filter: models.Filter | None
    limit: int
    score_threshold: float | None

    @classmethod
    def of(cls, prefetch: models.Prefetch) -> Search:
        """The same as qdrant-client has it."""
        known = {"query", "using", "prefetch", "filter", "limit", "score_threshold"}
        refuse_fields(prefetch, known)
        return cls(
            prefetch.query,
            prefetch.using,
            searches_of(prefetch.prefetch),
            prefetch.filter,
            10 if prefetch.limit is None else prefetch.limit,
            prefetch.score_threshold,
        )

    def within(self, outer: models.Filter | None) -> Search:
        """This search with the filter of the one that it is part of."""
        if outer is None:
            return self
        both = models.Filter(must=[outer, *([self.filter] if self.filter else [])])
        return replace(self, filter=both)


def searches_of(prefetch: models.Prefetch | list[models.Prefetch] | None) -> tuple[Search, ...]:
    """The searches in a `prefetch`."""
    given = prefetch if isinstance(prefetch, list) else [prefetch] if prefetch else []
    return tuple(Search.of(one) for one in given)


def run_search(shard: edge.EdgeShard, search: Search) -> list[models.ScoredPoint]:
    """What a search finds, best first, without payload and vectors.

    Fusion is qdrant-client's own: the engine's puts equal scores, of which reciprocal ranks have
    many, in another order each time. Here what an earlier search found goes first.
    """
    if not isinstance(search.query, models.FusionQuery | models.RrfQuery):
        return _run_one(shard, search)
    sources = [run_search(shard, one.within(search.filter)) for one in search.prefetch]
    found = _fuse(search.query, sources, search.limit)
    least = search.score_threshold
    return [point for point in found if least is None or point.score >= least]


def _run_one(shard: edge.EdgeShard, search: Search) -> list[models.ScoredPoint]:
    """What one search finds, with equal scores in the order of ids.

    The engine has them in the order in which they were written, which is another in each
    ingestion; so it is asked until the last that counts is followed by a lower score.
    """
    limit = search.limit
    asked = limit + 1
    while True:
        found = shard.query(_request(replace(search, limit=asked)))
        if len(found) < asked or found[-1].score != found[limit - 1].score or asked > MOST_EQUAL:
            break
        asked *= 4
    points = [_found(point) for point in found]
    equals = groupby(points, key=lambda point: point.score)
    ordered = [point for _, same in equals for point in sorted(same, key=lambda one: str(one.id))]
    return ordered[:limit]


def _fuse(
    fusion: models.FusionQuery | models.RrfQuery,
    sources: list[list[models.ScoredPoint]],
    limit: int,
) -> list[models.ScoredPoint]:
    if isinstance(fusion, models.RrfQuery):
        return reciprocal_rank_fusion(sources, limit, fusion.rrf.k, fusion.rrf.weights)
    return FUSIONS[fusion.fusion](sources, limit)


def _request(search: Search) -> edge.QueryRequest:
    return edge.QueryRequest(
        limit=search.limit,
        query=_query(search),
        prefetches=[_prefetch(one) for one in search.prefetch],
        filter=to_filter(search.filter) if search.filter else None,
        score_threshold=search.score_threshold,
        with_payload=False,
    )


def _prefetch(search: Search) -> edge.Prefetch:
    return edge.Prefetch(
        limit=search.limit,
        query=_query(search),
        prefetches=[_prefetch(one) for one in search.prefetch],
        filter=to_filter(search.filter) if search.filter else None,
        score_threshold=search.score_threshold,
    )


def _query(search: Search) -> edge.Query | None:
    query = search.query
    if isinstance(query, models.NearestQuery):
        refuse_fields(query, {"nearest"})
        query = query.nearest
    return None if query is None else edge.Query.Nearest(to_vector(query), search.using)


def _found(point: edge.ScoredPoint) -> models.ScoredPoint:
    return models.ScoredPoint(id=from_id(point.id), version=point.version, score=point.score)
