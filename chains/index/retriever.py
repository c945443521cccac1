"""Which chunks of the book bear on a question, and in which order.

Selections come first, then the order of the search; the page being read settles near-ties.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Set
from concurrent.futures import ThreadPoolExecutor
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
from chains.index.selections import selected_ids
from chains.index.store import reaching_index
from chains.index.within import Within, find_within
from chains.question import Question

PASSAGES = 6
"""How many chunks an answer may cite."""
PAGE_BONUS = 0.05
"""Less than the distance between neighbours at the top of the ranking."""
_BESIDE = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1), "retrieval")
"""Where questions are embedded and searched for in this process: one core is left to the answers
that stream, however many ask."""


class BookRetriever(BaseRetriever):
    """Hybrid search over the book, as a LangChain retriever.

    `await retriever.ainvoke("What is a gait?")` returns at most `PASSAGES` Passages, best first.
    A whole Question, with selections and page, may go with the text as `question=`. With
    `within=`, a Within, nothing is searched for: the passages are of that part of the book.

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
        within: Within | None = None,
    ) -> list[Document]:
        passages, _, _ = self._retrieve(question or Question(query), within)
        return list(passages)

    @override
    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        question: Question | None = None,
        within: Within | None = None,
    ) -> list[Document]:
        asked = question or Question(query)
        if self.library.is_here:
            # The event loop waits for neither, and gets its core back sooner than from many.
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(_BESIDE, self._retrieve, asked, within)
            passages, ranked, vector = found
        else:
            asked, named = await asyncio.to_thread(self._read_selections, asked)
            text = asked.search_text
            vector = self.library.vector_of(text) or self.library.keep_vector(
                text, await self.library.embeddings.aembed_query(text)
            )
            passages, ranked = await asyncio.to_thread(self._find, asked, named, vector, within)
        config: RunnableConfig = {"callbacks": run_manager.get_child()}
        await send_event("candidates", lambda: _described(ranked, vector), config)
        return list(passages)

    def _retrieve(
        self, question: Question, within: Within | None
    ) -> tuple[list[Passage], list[tuple[Candidate, bool]], list[float]]:
        """All of it in this thread: what `_find` returns, and the vector that was searched for."""
        asked, named = self._read_selections(question)
        text = asked.search_text
        vector = self.library.vector_of(text) or self.library.keep_vector(
            text, self.library.embeddings.embed_query(text)
        )
        return *self._find(asked, named, vector, within), vector

    def _read_selections(self, question: Question) -> tuple[Question, list[Candidate]]:
        """The question with the text of the chunks that its selections name, and these chunks."""
        ids = [selection.chunk_id for selection in question.selections if selection.chunk_id]
        with reaching_index():
            named = read_chunks(self.library.store, ids)
        texts = {candidate.id: candidate.chunk.content for candidate in named}
        selections = (
            replace(s, text=texts.get(s.chunk_id or "", s.text)) for s in question.selections
        )
        return replace(question, selections=tuple(selections)), named

    def _find(
        self,
        question: Question,
        named: list[Candidate],
        vector: list[float],
        within: Within | None,
    ) -> tuple[list[Passage], list[tuple[Candidate, bool]]]:
        """The passages, and all candidates that they were taken from, each with whether it was
        selected; `named` are the chunks that selections name by their id.

        Where an ingestion ended during the search, the search is made again.
        """
        with reaching_index():
            book = self.library.book()
            found = self._search(question, named, vector, book, within)
            now = self.library.book()
            if now.version == book.version:
                return found
            return self._search(question, named, vector, now, within)

    def _search(
        self,
        question: Question,
        named: list[Candidate],
        vector: list[float],
        book: Book,
        within: Within | None,
    ) -> tuple[list[Passage], list[tuple[Candidate, bool]]]:
        if within is None:
            pool = self._pool(question, named, vector, book)
            ranked = _ranked(pool, question, book, vector)
        else:
            found = find_within(self.library.store, within, book, vector, PASSAGES)
            ranked = [(candidate, False) for candidate in found]
        best = ranked[:PASSAGES]
        ids = [candidate.id for candidate, _ in best]
        sentences = read_sentence_vectors(self.library.store, ids)
        read = book.seen_from(question.page)
        passages = [
            Passage.of(candidate, read, vector, sentences[candidate.id], selected=selected)
            for candidate, selected in best
            if candidate.id in sentences  # else gone since it was found
        ]
        return passages, ranked

    def _pool(
        self, question: Question, named: list[Candidate], vector: list[float], book: Book
    ) -> list[Candidate]:
        """The selected chunks, the others of their pages, and what the search finds; each once.

        An ingestion beside this may have left chunks of a file that `book` does not know yet.
        """
        store = self.library.store
        pages = (book.file_at(selection.page) for selection in question.selections)
        pool = [
            *named,
            *read_pages(store, sorted({file.file for file in pages if file})),
            *find_candidates(store, question.search_text, vector, self.library.read),
        ]
        known = {
            candidate.id: candidate for candidate in pool if candidate.chunk.file in book.files
        }
        return list(known.values())


def _ranked(
    pool: list[Candidate], question: Question, book: Book, vector: list[float]
) -> list[tuple[Candidate, bool]]:
    """The candidates, best first, each with whether it was selected."""
    selected = selected_ids(question.selections, [candidate.chunk for candidate in pool], book)
    page = book.file_at(question.page)

    def rank(candidate: Candidate) -> tuple[bool, float, float]:
        bonus = PAGE_BONUS if page and candidate.chunk.file == page.file else 0.0
        return candidate.id in selected, candidate.score + bonus, candidate.cosine(vector)

    in_order = sorted(pool, key=_place_in(book, {c.chunk.file for c in pool}))
    return [(c, c.id in selected) for c in sorted(in_order, key=rank, reverse=True)]


def _place_in(book: Book, files: Set[str]) -> Callable[[Candidate], tuple[int, int, int, str]]:
    """Where a candidate of these files stands in the book: the order of equals."""
    starts = {
        (file.file, section.path, section.occurrence): (file.position, section.start)
        for file in map(book.files.__getitem__, files)
        for section in file.sections
    }

    def place(candidate: Candidate) -> tuple[int, int, int, str]:
        chunk = candidate.chunk
        file, section = starts.get((chunk.file, chunk.section, chunk.occurrence), (0, 0))
        return file, section, chunk.start, candidate.id

    return place


def _described(
    ranked: list[tuple[Candidate, bool]], vector: list[float]
) -> list[dict[str, object]]:
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
