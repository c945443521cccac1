"""Embeddings that know who they are, and what they make of a text and its sentences."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from langchain_core.embeddings import Embeddings

Spans = Sequence[tuple[int, int]]
"""Places of sentences in a passage, in code points."""


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """The unit vectors of a passage and of its sentences, these in the order of the spans."""

    chunk: list[float]
    sentences: list[list[float]]


class BookEmbeddings(Embeddings, ABC):
    """Embeddings that tell who they are, so that an index is never read with other ones.

    `name` is what a Book remembers; `size` is the length of the vectors.
    """

    name: str

    @property
    @abstractmethod
    def size(self) -> int:
        """The length of the vectors. Asks the model where nothing was embedded yet."""

    @abstractmethod
    def embed_passages(
        self, passages: Sequence[str], spans: Sequence[Spans]
    ) -> Generator[PassageVectors]:
        """The vectors of each passage and of its sentences, in order, as they get ready."""
