"""The calls that a question makes to the index.

Dense and sparse (BM25) search run in one Qdrant query and are fused by reciprocal rank (Cormack
et al., 2009) with k = 2, which does best on the question sets of two books.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from qdrant_client import models

from chains.errors import ContextNotFound
from chains.index.passages import Candidate
from chains.index.store import CHUNK_VECTOR, COLLECTION, SENTENCES_VECTOR, WORDS_VECTOR

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore

CANDIDATES = 30
"""How many chunks each of the two searches hands to the fusion."""
RRF_K = 2
LARGEST_PAGE = 500
"""How many chunks of the pages selected from are looked at."""


def find_candidates(store: QdrantVectorStore, text: str, vector: list[float]) -> list[Candidate]:
    """The best chunks by both searches together, best first."""
    words = store.sparse_embeddings.embed_query(text)
    sparse = models.SparseVector(indices=words.indices, values=words.values)
    found = store.client.query_points(
        COLLECTION,
        prefetch=[
            models.Prefetch(query=vector, using=CHUNK_VECTOR, limit=CANDIDATES),
            models.Prefetch(query=sparse, using=WORDS_VECTOR, limit=CANDIDATES),
        ],
        query=models.RrfQuery(rrf=models.Rrf(k=RRF_K)),
        limit=CANDIDATES,
        with_payload=True,
        with_vectors=[CHUNK_VECTOR],
    )
    return [Candidate.of(point, point.score) for point in found.points]


def read_chunks(store: QdrantVectorStore, ids: Sequence[str]) -> list[Candidate]:
    """The chunks with these ids. Raises ContextNotFound for one that the index lacks."""
    if not ids:
        return []
    records = store.client.retrieve(COLLECTION, ids, with_payload=True, with_vectors=[CHUNK_VECTOR])
    found = [Candidate.of(record) for record in records if record.vector]
    for missing in sorted(set(ids) - {candidate.id for candidate in found}):
        raise ContextNotFound(f"chunk_{missing.replace('-', '')}")
    return found


def read_pages(store: QdrantVectorStore, files: Sequence[str]) -> list[Candidate]:
    """The chunks of these files."""
    if not files:
        return []
    of_files = [_matches("metadata.kind", ["chunk"]), _matches("metadata.file", files)]
    records, _ = store.client.scroll(
        COLLECTION,
        scroll_filter=models.Filter(must=list(of_files)),
        limit=LARGEST_PAGE,
        with_payload=True,
        with_vectors=[CHUNK_VECTOR],
    )
    return [Candidate.of(record) for record in records]


def read_sentence_vectors(
    store: QdrantVectorStore, ids: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    """The vectors of the sentences of each chunk, float32 of shape (sentences, size)."""
    records = store.client.retrieve(
        COLLECTION, ids, with_payload=False, with_vectors=[SENTENCES_VECTOR]
    )
    return {str(record.id): _matrix(record.vector) for record in records}


def _matches(key: str, values: Sequence[str]) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))


def _matrix(vectors: Any) -> NDArray[np.float32]:
    return np.asarray((vectors or {}).get(SENTENCES_VECTOR, []), dtype=np.float32)
