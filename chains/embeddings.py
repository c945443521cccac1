"""Embeddings: the built-in MiniLM, or any model that LangChain's `init_embeddings` knows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

if TYPE_CHECKING:
    from chains.settings import Settings

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


def open_embeddings(settings: Settings) -> BookEmbeddings:
    """The embeddings that SCHOLIAST_EMBEDDINGS names.

    Raises SettingError for an unknown provider, a missing package or key, and for model files
    that are missing or not the ones expected.
    """
    if settings.embeddings == "minilm":
        from chains.minilm import MiniLM

        return MiniLM(settings.embedding_path)
    from chains.remote_embeddings import open_remote_embeddings

    return open_remote_embeddings(settings)


def first_line(error: BaseException) -> str:
    """What an error says, as one short line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
