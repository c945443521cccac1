"""Chunks on their way from the index to the answer: found as candidates, handed on as passages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from langchain_core.documents import Document
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from typing_extensions import override

from chains.events import Source
from chains.index.book import Book, Chunk
from chains.index.records import chunk_of
from chains.index.store import CHUNK_VECTOR

LONGEST_QUOTE = 300
"""For a chunk without prose (a table, a listing), which is quoted from its beginning."""
SCAFFOLDING = re.compile(r"^ *(?:`{3,}|~{3,}|:{3,}|\$\$|[|: -]{4,}$).*\n?", re.MULTILINE)
"""Lines that a reader does not see: fences, and the rule below the head of a table."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that might bear on a question; `score` is that of the search, 0 without."""

    id: str
    chunk: Chunk
    vector: NDArray[np.float32]
    score: float

    @classmethod
    def of(cls, point: Any, score: float = 0.0) -> Candidate:
        """From a point of the index that carries payload and dense vector."""
        vector = np.asarray(point.vector[CHUNK_VECTOR], dtype=np.float32)
        return cls(str(point.id), chunk_of(point.payload), vector, score)

    def cosine(self, vector: list[float]) -> float:
        """How near the chunk is to `vector`, -1 to 1."""
        other = np.asarray(vector, dtype=np.float32)
        length = float(np.linalg.norm(self.vector) * np.linalg.norm(other))
        return float(self.vector @ other) / length if length else 0.0


class Passage(Document):  # noqa: PLW1641 (no document can be hashed)
    """A retrieved chunk as a LangChain document: `page_content` as written, `id` its UUID.

    `metadata` holds what tracers show: file, section, score, cosine (of the chunk with question
    and selections together), and `selected`, whether it holds a selection. `sentences` are
    the vectors of the chunk's sentences, float32 of shape (len(chunk.sentences), size).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    chunk: Chunk = Field(exclude=True, repr=False)
    book: Book = Field(exclude=True, repr=False)
    vector: Any = Field(exclude=True, repr=False)
    sentences: Any = Field(exclude=True, repr=False)

    @classmethod
    def of(
        cls,
        candidate: Candidate,
        book: Book,
        vector: list[float],
        sentences: NDArray[np.float32],
        *,
        selected: bool,
    ) -> Passage:
        """A candidate that goes into the answer to the question with the embedding `vector`."""
        chunk = candidate.chunk
        return cls(
            page_content=chunk.content,
            id=candidate.id,
            metadata={
                "file": chunk.file,
                "section": " > ".join(chunk.section),
                "score": candidate.score,
                "cosine": candidate.cosine(vector),
                "selected": selected,
            },
            chunk=chunk,
            book=book,
            vector=np.asarray(vector, dtype=np.float32),
            sentences=_of_each(sentences, candidate),
        )

    @override
    def __eq__(self, other: object) -> bool:
        # Documents get compared, which arrays refuse; the rest follows from these two.
        return isinstance(other, Passage) and (
            (self.id, self.metadata) == (other.id, other.metadata)
        )

    @property
    def cosine(self) -> float:
        """How near the chunk is to the question."""
        return float(self.metadata["cosine"])

    @property
    def selected(self) -> bool:
        """Whether one of the reader's selections is of this chunk."""
        return bool(self.metadata["selected"])

    @property
    def chapter(self) -> str:
        """The title of the page."""
        return self.book.files[self.chunk.file].title

    def source(self, index: int) -> Source:
        """The card of this passage; its quote is the sentence nearest to the question."""
        chunk, file = self.chunk, self.book.files[self.chunk.file]
        return Source(
            index=index,
            chunk_id="chunk_" + str(self.id).replace("-", ""),
            file=file.file,
            chapter=self.chapter,
            section=" > ".join(chunk.section),
            title=chunk.section[-1],
            url=self.book.url(file, file.anchor(chunk.section, chunk.occurrence)),
            quote=self._quote(),
        )

    def _quote(self) -> str:
        if not self.chunk.sentences:
            return SCAFFOLDING.sub("", self.chunk.content).strip()[:LONGEST_QUOTE]
        return self.chunk.sentences[int(np.argmax(self.sentences @ self.vector))].text


def _of_each(vectors: NDArray[np.float32], candidate: Candidate) -> NDArray[np.float32]:
    """A vector for each sentence of a chunk. Where a release told them apart in another way and its
    index is still in use, their numbers differ, and each sentence is as near as its chunk."""
    count = len(candidate.chunk.sentences)
    if len(vectors) == count:
        return vectors
    return np.tile(candidate.vector.astype(np.float32), (count, 1))
