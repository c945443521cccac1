"""Which chunks of the book bear on a question, and in which order.

What the reader has selected comes first, then the order of the search; the page being read
settles near-ties.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig
from pydantic import ConfigDict
from typing_extensions import override

from chains.callbacks import send_event
from chains.index.book import Book
from chains.index.library import Library
from chains.index.passages import Candidate, Passage
from chains.index.search import find_candidates, read_chunks, read_pages, read_sentence_vectors
from chains.index.selections import chosen_ids
from chains.index.store import reaching_index
from chains.question import Question, Selection

PASSAGES = 6
"""How many chunks an answer may cite."""
PAGE_BONUS = 0.05
"""Less than the distance between neighbours at the top of the ranking."""


class BookRetriever(BaseRetriever):
    """Hybrid search over the book, as a LangChain retriever.

    `await retriever.ainvoke("What is a gait?")` returns at most `PASSAGES` Passages, best first.
    A whole Question, with selections and page, may go with the text as `question=`.

    Raises ContextNotFound where the question names a chunk that the index lacks, and
    ServiceUnavailable where index or embeddings cannot be reached.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Library

    @override
    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        question: Question | None = None,
    ) -> list[Document]:
        question = self._read_selections(question or Question(query))
        vector = self.library.embeddings.embed_query(question.search_text)
        passages, _ = self._find(question, vector)
        return list(passages)

    @override
    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        question: Question | None = None,
    ) -> list[Document]:
        question = await asyncio.to_thread(self._read_selections, question or Question(query))
        vector = await self.library.embeddings.aembed_query(question.search_text)
        passages, ranked = await asyncio.to_thread(self._find, question, vector)
        config: RunnableConfig = {"callbacks": run_manager.get_child()}
        await send_event("candidates", lambda: _as_told(ranked, vector), config)
        return list(passages)

    def _read_selections(self, question: Question) -> Question:
        """The question with the text of the chunks that its selections name."""
        with reaching_index():
            named = read_chunks(self.library.store, _named(question.selections))
        texts = {candidate.id: candidate.chunk.content for candidate in named}
        selections = (
            replace(s, text=texts.get(s.chunk_id or "", s.text)) for s in question.selections
        )
        return replace(question, selections=tuple(selections))

    def _find(
        self, question: Question, vector: list[float]
    ) -> tuple[list[Passage], list[tuple[Candidate, bool]]]:
        """The passages, and all candidates that they were chosen from.

        What a whole ingestion came between is searched for again.
        """
        with reaching_index():
            book = self.library.book()
            found = self._search(question, vector, book)
            now = self.library.book()
            return found if now.version == book.version else self._search(question, vector, now)

    def _search(
        self, question: Question, vector: list[float], book: Book
    ) -> tuple[list[Passage], list[tuple[Candidate, bool]]]:
        pool = self._pool(question, book, vector)
        ranked = _ranked(pool, question, book, vector)
        best = ranked[:PASSAGES]
        ids = [candidate.id for candidate, _ in best]
        sentences = read_sentence_vectors(self.library.store, ids)
        passages = [
            Passage.of(candidate, book, vector, sentences[candidate.id], selected=selected)
            for candidate, selected in best
            if candidate.id in sentences  # else gone since it was found
        ]
        return passages, ranked

    def _pool(self, question: Question, book: Book, vector: list[float]) -> list[Candidate]:
        """What was selected, its surroundings, and what the search finds; each chunk once.

        An ingestion beside this may have left chunks of a file that `book` does not know yet.
        """
        store = self.library.store
        pages = (book.file_at(selection.page) for selection in question.selections)
        pool = [
            *read_chunks(store, _named(question.selections)),
            *read_pages(store, sorted({file.file for file in pages if file})),
            *find_candidates(store, question.search_text, vector),
        ]
        known = {
            candidate.id: candidate for candidate in pool if candidate.chunk.file in book.files
        }
        return list(known.values())


def _named(selections: Sequence[Selection]) -> list[str]:
    return [selection.chunk_id for selection in selections if selection.chunk_id is not None]


def _ranked(
    pool: list[Candidate], question: Question, book: Book, vector: list[float]
) -> list[tuple[Candidate, bool]]:
    """The candidates, best first, each with whether it was selected."""
    chosen = chosen_ids(question.selections, [candidate.chunk for candidate in pool], book)
    page = book.file_at(question.page)

    def rank(candidate: Candidate) -> tuple[bool, float, float]:
        bonus = PAGE_BONUS if page and candidate.chunk.file == page.file else 0.0
        return candidate.id in chosen, candidate.score + bonus, candidate.cosine(vector)

    return [(c, c.id in chosen) for c in sorted(pool, key=rank, reverse=True)]


def _as_told(ranked: list[tuple[Candidate, bool]], vector: list[float]) -> list[dict[str, object]]:
    """The candidates, best first, as a tracer shows them."""
    return [
        {
            "rank": rank,
            "chunk_id": "chunk_" + candidate.id.replace("-", ""),
            "file": candidate.chunk.file,
            "section": " > ".join(candidate.chunk.section),
            "score": candidate.score,
            "cosine": candidate.cosine(vector),
            "selected": selected,
        }
        for rank, (candidate, selected) in enumerate(ranked, 1)
    ]
