"""The shape of an embedded collection: its vectors and payload indexes, in both vocabularies."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import qdrant_edge as edge
from qdrant_client import models

from chains.index.edge.types import refuse_fields

DISTANCES = {
    models.Distance.COSINE: edge.Distance.Cosine,
    models.Distance.DOT: edge.Distance.Dot,
    models.Distance.EUCLID: edge.Distance.Euclid,
    models.Distance.MANHATTAN: edge.Distance.Manhattan,
}
FIELD_TYPES = {
    models.PayloadSchemaType.KEYWORD: edge.PayloadSchemaType.Keyword,
    models.PayloadSchemaType.INTEGER: edge.PayloadSchemaType.Integer,
    models.PayloadSchemaType.FLOAT: edge.PayloadSchemaType.Float,
    models.PayloadSchemaType.BOOL: edge.PayloadSchemaType.Bool,
}
HNSW = models.HnswConfig(m=16, ef_construct=100, full_scan_threshold=10_000)


def to_config(
    vectors: models.VectorParams | Mapping[str, models.VectorParams],
    sparse_vectors: Mapping[str, models.SparseVectorParams] | None,
) -> edge.EdgeConfig:
    """The configuration of a new shard."""
    return edge.EdgeConfig(
        vectors={name: _dense(params) for name, params in vectors.items()}
        if isinstance(vectors, Mapping)
        else _dense(vectors),
        sparse_vectors={name: _sparse(params) for name, params in (sparse_vectors or {}).items()},
    )


def _dense(params: models.VectorParams) -> edge.EdgeVectorParams:
    refuse_fields(params, {"size", "distance", "hnsw_config", "on_disk", "multivector_config"})
    hnsw = params.hnsw_config
    return edge.EdgeVectorParams(
        size=params.size,
        distance=DISTANCES[params.distance],
        # Warmed up, a file of 32 MiB counts as this process's memory however little a book fills.
        memory=edge.Memory.Cold,
        multivector_config=edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim)
        if params.multivector_config
        else None,
        hnsw_config=edge.HnswIndexConfig(
            m=HNSW.m if hnsw.m is None else hnsw.m,
            ef_construct=hnsw.ef_construct or HNSW.ef_construct,
            full_scan_threshold=hnsw.full_scan_threshold or HNSW.full_scan_threshold,
        )
        if hnsw
        else None,
    )


def _sparse(params: models.SparseVectorParams) -> edge.EdgeSparseVectorParams:
    refuse_fields(params, {"modifier"})
    idf = params.modifier == models.Modifier.IDF
    return edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf if idf else None)


def from_shard(shard: edge.EdgeShard, stored: bytes) -> models.CollectionInfo:
    """What a collection holds and how it was made."""
    info = shard.info()
    config = orjson.loads(stored)
    return models.CollectionInfo(
        status=models.CollectionStatus.GREEN,
        optimizer_status=models.OptimizersStatusOneOf.OK,
        points_count=info.points_count,
        indexed_vectors_count=info.indexed_vectors_count,
        segments_count=info.segments_count,
        payload_schema={name: _field(index) for name, index in info.payload_schema.items()},
        config=models.CollectionConfig(
            params=models.CollectionParams(
                vectors=config["vectors"], sparse_vectors=config.get("sparse_vectors")
            ),
            hnsw_config=HNSW,
            optimizer_config=models.OptimizersConfig(
                deleted_threshold=0.2,
                vacuum_min_vector_number=1000,
                default_segment_number=0,
                flush_interval_sec=0,
            ),
        ),
    )


def _field(index: edge.PayloadIndexInfo) -> models.PayloadIndexInfo:
    # The values of the edge's enumerations compare, but do not hash alike.
    kind = next(ours for ours, theirs in FIELD_TYPES.items() if theirs == index.data_type)
    return models.PayloadIndexInfo(data_type=kind, points=index.points)
