"""The calls that a question makes to the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models

from chains.embeddings.base import BookEmbeddings
from chains.errors import ContextNotFound
from chains.index.bm25 import Bm25
from chains.index.book import CHUNK_KINDS, Book
from chains.index.passages import Candidate
from chains.index.ranking import MOST, Place, explains, fuse, rank, share_of_vectors
from chains.index.store import (
    CHUNK_VECTOR,
    SENTENCES_VECTOR,
    WORDS_VECTOR,
    as_written,
    damaged,
)
from chains.language.explaining import defined_subject
from chains.language.languages import ENGLISH, LANGUAGES
from chains.language.terms import terms_of

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore

FOUND = 150
"""How many chunks each of the two searches finds."""
READ = 60
"""How many of them are read, best first, and ranked by where they stand."""
CANDIDATES = 30
"""How many of these are handed on."""
KNOWN = 2000
"""How many chunks are kept as they were read; about 6 KiB each."""
SAMPLE = 16
"""How many chunks are looked at when an index is opened."""
LARGEST_PAGE = 500
"""How many chunks of the pages selected from are looked at."""


def find_candidates(
    store: QdrantVectorStore, text: str, vector: list[float] | None, known: dict[str, Candidate]
) -> list[Candidate]:
    """The best chunks by vectors and words (BM25) together, best first; without a `vector`, by
    words alone.

    Those that are `known` are not read once more, which takes longer than the search; the others
    become known.
    """
    words = store.sparse_embeddings.embed_query(text)
    sparse = models.SparseVector(indices=words.indices, values=words.values)
    fused = fuse(
        {} if vector is None else _search(store, vector, CHUNK_VECTOR),
        _search(store, sparse, WORDS_VECTOR),
        _share_of_vectors(store),
    )
    best = list(fused)[:READ]
    read = {id_: found for id_ in best if (found := known.get(id_))}
    new = read_there(store, [id_ for id_ in best if id_ not in read])
    if len(known) + len(new) > KNOWN:
        known.clear()
    known.update((candidate.id, candidate) for candidate in new)
    read.update((candidate.id, candidate) for candidate in new)
    places = {
        id_: Place(found.chunk.file, found.chunk.section, found.chunk.occurrence)
        for id_, found in read.items()
    }
    of_read = {id_: score for id_, score in fused.items() if id_ in read}
    ranked = rank(_with_explanations(store, text, of_read, read), places)
    return [replace(read[id_], score=score) for id_, score in ranked[:CANDIDATES]]


def _with_explanations(
    store: QdrantVectorStore, text: str, fused: dict[str, float], read: dict[str, Candidate]
) -> dict[str, float]:
    """The scores, 0 to 1, best first; chunks that explain what a question wants explained gain."""
    language = cast("Bm25", store.sparse_embeddings).language
    asked = terms_of(defined_subject(text), language=language)
    if not asked:
        return fused
    gained = {
        id_: (score + explains(read[id_].chunk, asked, language)) / (1 + MOST)
        for id_, score in fused.items()
    }
    return dict(sorted(gained.items(), key=lambda item: -item[1]))


def _share_of_vectors(store: QdrantVectorStore) -> float:
    language = LANGUAGES[cast("Bm25", store.sparse_embeddings).language]
    is_english = cast("BookEmbeddings", store.embeddings).is_english
    return share_of_vectors(language, is_known=not is_english or language.name == ENGLISH)


def _search(
    store: QdrantVectorStore, query: list[float] | models.SparseVector, using: str
) -> dict[str, float]:
    found = store.client.query_points(
        store.collection_name, query=query, using=using, limit=FOUND, with_payload=False
    )
    return {str(point.id): point.score for point in found.points}


def read_there(store: QdrantVectorStore, ids: Sequence[str]) -> list[Candidate]:
    """Those of the chunks with these ids that the index has, in the order of the ids."""
    if not ids:
        return []
    records = store.client.retrieve(
        store.collection_name, ids, with_payload=True, with_vectors=[CHUNK_VECTOR]
    )
    with as_written(store):
        found = {str(record.id): Candidate.of(record) for record in records if record.vector}
    return [found[id_] for id_ in ids if id_ in found]


def read_chunks(store: QdrantVectorStore, ids: Sequence[str]) -> list[Candidate]:
    """The chunks with these ids. Raises ContextNotFound for one that the index lacks."""
    found = read_there(store, ids)
    for missing in sorted(set(ids) - {candidate.id for candidate in found}):
        raise ContextNotFound(f"chunk_{missing.replace('-', '')}")
    return found


def read_pages(store: QdrantVectorStore, files: Sequence[str]) -> list[Candidate]:
    """The chunks of these files."""
    if not files:
        return []
    of_files = [_matches("metadata.kind", CHUNK_KINDS), _matches("metadata.file", files)]
    records, _ = store.client.scroll(
        store.collection_name,
        scroll_filter=models.Filter(must=list(of_files)),
        limit=LARGEST_PAGE,
        with_payload=True,
        with_vectors=[CHUNK_VECTOR],
    )
    with as_written(store):
        return [Candidate.of(record) for record in records]


def read_sentence_vectors(
    store: QdrantVectorStore, ids: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    """The vectors of the sentences of each chunk, float32 of shape (sentences, size)."""
    records = store.client.retrieve(
        store.collection_name, ids, with_payload=False, with_vectors=[SENTENCES_VECTOR]
    )
    return {str(record.id): _matrix(record.vector) for record in records}


def check_whole(store: QdrantVectorStore, book: Book) -> None:
    """Raise DamagedIndex where chunks, their vectors or what finds them are lost.

    Reads SAMPLE chunks and searches for one of them, which takes some milliseconds. Of an index on
    a Qdrant server nothing is asked: that looks after its own files.
    """
    if isinstance(cast("object", store.client), QdrantClient):  # whatever its type says
        return
    of_kind = models.Filter(must=[_matches("metadata.kind", CHUNK_KINDS)])
    held = store.client.count(store.collection_name, of_kind).count
    if held != (written := book.scope.vocabulary.chunks or held):
        raise damaged(store, f"it holds {held:,} of {written:,} chunks")
    records, _ = store.client.scroll(
        store.collection_name, of_kind, limit=SAMPLE, with_payload=True, with_vectors=True
    )
    with as_written(store):
        candidates = [Candidate.of(record) for record in records]
    sentences = [_matrix(record.vector) for record in records]
    if any(one.vector.shape != (book.vector_size,) for one in candidates):
        raise damaged(store, "vectors of chunks are missing")
    # Of one chunk's sentences nothing is said: a release that tells them apart in another way
    # leaves their vectors as they are.
    if any(one.chunk.sentences for one in candidates) and not any(map(np.any, sentences)):
        raise damaged(store, "the vectors of sentences are missing")
    _check_searches(store, candidates)


def _check_searches(store: QdrantVectorStore, candidates: Sequence[Candidate]) -> None:
    words = store.sparse_embeddings.embed_query(" ".join(one.chunk.content for one in candidates))
    if words.indices:
        sparse = models.SparseVector(indices=words.indices, values=words.values)
        if not _search(store, sparse, WORDS_VECTOR):
            raise damaged(store, "the words of chunks are missing")
    for candidate in candidates[:1]:
        found = _search(store, candidate.vector.tolist(), CHUNK_VECTOR)
        if not any(found.values()) or len(read_there(store, [*found])) < len(found):
            raise damaged(store, "vectors of chunks hold nothing, or not what was written")


def _matches(key: str, values: Sequence[str]) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))


def _matrix(vectors: Any) -> NDArray[np.float32]:
    return np.asarray((vectors or {}).get(SENTENCES_VECTOR, []), dtype=np.float32)
