"""Embeddings that know who they are, and what they make of a text and its sentences."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from langchain_core.embeddings import Embeddings

Spans = Sequence[tuple[int, int]]
"""Places of sentences in an embedded text, in code points: (start, end), end excluded."""


@dataclass(frozen=True, slots=True)
class ChunkVectors:
    """The unit vectors of a chunk and of its sentences, these in the order of the spans.

    Each vector has the length `BookEmbeddings.size`.
    """

    chunk: list[float]
    sentences: list[list[float]]


class BookEmbeddings(Embeddings, ABC):
    """Embeddings with a name and a size, so that an index is never read with other ones.

    `name` is what a Book remembers; `size` is the length of the vectors. `is_english` says that
    they were made for English alone and say little about texts in other languages.
    """

    name: str
    is_english = False
    is_remote = False
    """Whether they wait for another process instead of working in this one."""

    @property
    @abstractmethod
    def size(self) -> int:
        """The length of the vectors. Asks the model where nothing was embedded yet."""

    @abstractmethod
    def embed_chunks(self, texts: Sequence[str], spans: Sequence[Spans]) -> Generator[ChunkVectors]:
        """The vectors of each chunk and of its sentences, in order, as they get ready.

        `texts` are the embedded texts of the chunks, `spans` the places of the sentences in each:

            text = "Gait\n\nA gait repeats. Toes push off."
            (vectors,) = embeddings.embed_chunks([text], [[(6, 21), (22, 36)]])
            len(vectors.sentences)  # 2

        Raises ValueError where there are not as many `spans` as `texts`.
        """

    async def aclose(self) -> None:
        """Close what is open to another process; it is not used after that."""
        return
