"""Measuring: what the book covers, which the gate judges questions by, is brought up to date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chains.answering.gate.calibration import (
    Measured,
    places_of,
    questions_of,
    scale_of,
    vocabulary_of,
)
from chains.answering.gate.measures import gate_terms
from chains.embeddings.base import BookEmbeddings
from chains.index.book import Book, Chunk
from chains.index.scope import Scale, Scope, Vocabulary
from ingestion.changes import Changes
from ingestion.folder.made_by import made_by

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore

CHANGED = 0.1
"""The share of its chunks that may change before a book is measured again, which embeds up to 350
short texts."""
WORD_CODE = "chains/language", "chains/answering/gate/measures.py"
WORD_PACKAGES = "icu4py", "pystemmer", "regex", "stopwordsiso"
"""What decides which words a chunk has."""
PAGE = 256
"""Vectors a request when those of the index are read."""


def measure_scope(
    store: QdrantVectorStore,
    embeddings: BookEmbeddings,
    changes: Changes,
    new: Mapping[str, NDArray[np.float32]],
    recorded: Book | None,
) -> Scope:
    """The scope of the book as it will be; `new` are the vectors of the missing chunks, by id.

    The words of chunks that have changed are counted whenever some have, those of all where another
    release or another language counted them. The scale is measured again when more than `CHANGED`
    of the chunks have changed since it was.
    """
    before = recorded.scope if recorded else None
    moves = len(changes.missing) + len(changes.gone)
    if before and not moves:
        return before
    language = changes.book.language
    rule = f"{language} {made_by(WORD_CODE, WORD_PACKAGES).hex()[:16]}"
    keeps_scale = before and before.scale.changed + moves <= CHANGED * len(changes.chunks)
    if before and keeps_scale and before.vocabulary.rule == rule:
        scale = replace(before.scale, changed=before.scale.changed + moves)
        return Scope(_counted_on(before.vocabulary, changes), scale)
    places = places_of(_terms(changes.chunks, language))
    vocabulary = replace(vocabulary_of(len(changes.chunks), places), rule=rule)
    if before and keeps_scale:
        return Scope(vocabulary, replace(before.scale, changed=before.scale.changed + moves))
    asked = questions_of(changes.chunks, language)
    if asked is None:
        return Scope(vocabulary, Scale())
    questions = _units(embeddings.embed_documents(asked.texts))
    vectors = _vectors(store, changes.chunks, new)
    book = Measured(changes.chunks, vectors, places, vocabulary, language)
    return Scope(vocabulary, scale_of(asked, questions, book))


def _counted_on(before: Vocabulary, changes: Changes) -> Vocabulary:
    """The words of the book after the changes; what stays of it is not counted again."""
    counts = Counter(before.frequencies)
    for terms in _terms(changes.missing, changes.book.language):
        counts.update(terms)
    for terms in _terms(changes.lost, changes.book.language):
        counts.subtract(terms)
    return replace(before, chunks=len(changes.chunks), frequencies=dict(+counts))


def _terms(chunks: Sequence[Chunk], language: str) -> Iterator[frozenset[str]]:
    return (gate_terms(chunk.embedded_text, language) for chunk in chunks)


def vector_of(named: Any) -> NDArray[np.float32]:
    """The vector of a chunk, of all that the index keeps for it."""
    from chains.index.store import CHUNK_VECTOR

    return np.asarray(named[CHUNK_VECTOR], dtype=np.float32)


def _vectors(
    store: QdrantVectorStore, chunks: Sequence[Chunk], new: Mapping[str, NDArray[np.float32]]
) -> NDArray[np.float32]:
    """The unit vectors of the chunks; those that are not new are in the index."""
    from chains.index.store import CHUNK_VECTOR, reaching_index

    by_id = dict(new)
    wanted = [chunk.id for chunk in chunks]
    stored = [id_ for id_ in wanted if id_ not in by_id]
    with reaching_index():
        for first in range(0, len(stored), PAGE):
            for record in store.client.retrieve(
                store.collection_name,
                stored[first : first + PAGE],
                with_payload=False,
                with_vectors=[CHUNK_VECTOR],
            ):
                by_id[str(record.id)] = vector_of(record.vector)
    return _units([by_id[id_] for id_ in wanted])


def _units(vectors: Any) -> NDArray[np.float32]:
    array = np.array(vectors, dtype=np.float32)
    array /= np.maximum(np.linalg.norm(array, axis=1, keepdims=True), 1e-12)
    return array
