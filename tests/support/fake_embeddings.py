"""Embeddings that need no model: a text is the directions of its letters."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from chains.embeddings.base import BookEmbeddings, ChunkVectors, Spans


class FakeEmbeddings(BookEmbeddings):
    """The same text gets the same vector, and texts of like letters near ones."""

    def __init__(self, name: str = "fake", size: int = 16) -> None:
        self.name = name
        self._size = size

    @property
    def size(self) -> int:
        return self._size

    def embed_query(self, text: str) -> list[float]:
        counts = [0.0] * self.size
        for letter in text:
            counts[ord(letter) % self.size] += 1
        length = sum(count * count for count in counts) ** 0.5 or 1.0
        return [count / length for count in counts]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_chunks(self, texts: Sequence[str], spans: Sequence[Spans]) -> Generator[ChunkVectors]:
        for text, places in zip(texts, spans, strict=True):
            sentences = [self.embed_query(text[start:end]) for start, end in places]
            yield ChunkVectors(self.embed_query(text), sentences)
