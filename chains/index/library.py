"""The book as the index holds it now: read once, and again when its version has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, cast

from langchain_core.embeddings import Embeddings
from qdrant_client import QdrantClient

from chains.embeddings.base import BookEmbeddings
from chains.index.book import Book
from chains.index.passages import Candidate
from chains.index.records import read_book, read_page, read_version
from chains.index.search import check_whole
from chains.index.starters import Starters, read_starters
from chains.index.store import reaching_index
from chains.language.languages import ENGLISH

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore


KNOWN_QUESTIONS = 200
"""Questions whose vectors are kept, of 3 to 12 KiB each."""


class Library:
    """Hands out the book to retriever and site.

    Raises ServiceUnavailable where the index does not answer.
    """

    def __init__(self, store: QdrantVectorStore) -> None:
        self.store = store
        self.read: dict[str, Candidate] = {}
        """Chunks that were read since the book has this version, by id; see `find_candidates`."""
        self._vectors: dict[bytes, list[float]] = {}
        self._keeping = Lock()
        with reaching_index():
            self._book = read_book(store)
            check_whole(store, self._book)

    def vector_of(self, question: str) -> list[float] | None:
        """The vector of a question that was embedded lately, if it is still known."""
        return self._vectors.get(_digest(question))

    def keep_vector(self, question: str, vector: list[float]) -> list[float]:
        """Know the vector of a question, until KNOWN_QUESTIONS others have come; return it.

        Readers of a page ask what it offers, word for word. The text itself is not kept.
        """
        with self._keeping:  # questions are embedded in threads
            self._vectors[_digest(question)] = vector
            while len(self._vectors) > KNOWN_QUESTIONS:
                del self._vectors[next(iter(self._vectors))]
        return vector

    @property
    def embeddings(self) -> Embeddings:
        """What chunks and questions are embedded with."""
        return cast("Embeddings", self.store.embeddings)

    @property
    def is_here(self) -> bool:
        """Whether index and embeddings are in this process, so that asking them waits for none."""
        is_embedded = not isinstance(self.store.client, QdrantClient)
        return is_embedded and not getattr(self.embeddings, "is_remote", False)

    @property
    def embeds_sentences(self) -> bool:
        """Whether the embeddings know the language of the book, and are quick: they work here."""
        embeddings = cast("BookEmbeddings", self.embeddings)
        knows = not embeddings.is_english or self._book.language == ENGLISH
        return knows and not embeddings.is_remote

    @property
    def latest(self) -> Book:
        """The book as it was last read; asks the index nothing."""
        return self._book

    def book(self) -> Book:
        """The book of now, with its files; blocks on the index.

        An answer asks once and keeps to what it got.
        """
        with reaching_index():
            if read_version(self.store) != self._book.version:
                self._book = read_book(self.store)
                self.read = {}
        return self._book

    def page(self, file: str) -> str:
        """The source text of a file of the book. Raises KeyError for any other name."""
        with reaching_index():
            return read_page(self.store, file)

    async def read_starters(self, files: Sequence[str] = ("",)) -> Mapping[str, Starters]:
        """The questions that these pages answer well, by file; of the book for ""."""
        return await asyncio.to_thread(self._starters, files)

    async def questions_for(self, page: str | None) -> tuple[str, ...]:
        """Questions that the page of this address answers well; the book's if it has none."""
        file = self._book.file_at(page)
        kept = await self.read_starters(("", file.file) if file else ("",))
        own = kept.get(file.file) if file else None
        chosen = own if own and own.questions else kept.get("")
        return tuple(one.question for one in chosen.questions) if chosen else ()

    def _starters(self, files: Sequence[str]) -> Mapping[str, Starters]:
        with reaching_index():
            return read_starters(self.store, files)

    async def read_book(self) -> Book:
        """`book`, for callers on the event loop."""
        return await asyncio.to_thread(self.book)

    async def read_page(self, file: str) -> str:
        """`page`, for callers on the event loop."""
        return await asyncio.to_thread(self.page, file)


def _digest(question: str) -> bytes:
    return sha256(question.encode("utf-8", "surrogatepass")).digest()
