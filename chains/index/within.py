"""Within: the part of the book that an answer is to come from, where that is known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.index.book import Book
from chains.index.passages import Candidate
from chains.index.search import read_pages, read_there
from chains.language.wording import is_apparatus, is_review

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore


@dataclass(frozen=True, slots=True)
class Within:
    """Either `chunks`, UUIDs in the order of their sources, or a page, by its `file`.

    Of a page as a `whole`, passages are spread over its sections; else the nearest come first.
    """

    chunks: tuple[str, ...] = ()
    file: str | None = None
    whole: bool = False


def find_within(
    store: QdrantVectorStore, within: Within, book: Book, vector: list[float], most: int
) -> list[Candidate]:
    """At most `most` chunks of that part, in the order of their sources; none where it is gone."""
    if within.file is None:
        there = read_there(store, within.chunks)
        return [one for one in there if one.chunk.file in book.files][:most]
    if within.file not in book.files:
        return []
    page = read_pages(store, [within.file])
    if within.whole:
        return _spread(page, book, most)
    return sorted(page, key=lambda one: one.cosine(vector), reverse=True)[:most]


def _spread(page: Sequence[Candidate], book: Book, most: int) -> list[Candidate]:
    """A selection of a page's chunks in reading order that says what all of it is about.

    Summaries come first: there the author says so. Then one chunk a section, from the first to
    the last; where sections are few, more of each. Exercises only where there is nothing else.
    """
    files = {one.chunk.file for one in page}
    starts = {
        (section.path, section.occurrence): section.start
        for file in files
        for section in book.files[file].sections
    }

    def place(one: Candidate) -> tuple[int, int]:
        chunk = one.chunk
        return starts.get((chunk.section, chunk.occurrence), 0), chunk.start

    in_order = sorted(page, key=place)
    text = [one for one in in_order if not is_apparatus(one.chunk.section[-1])] or in_order
    reviews = [one for one in text if is_review(one.chunk.section[-1])][: most // 2]
    taken = {one.id for one in reviews}
    others = [one for one in text if one.id not in taken]
    firsts = [
        one
        for number, one in enumerate(others)
        if not number or one.chunk.section != others[number - 1].chunk.section
    ]
    room = most - len(reviews)
    if len(firsts) < room:
        taken = {one.id for one in firsts}
        more = [one for one in others if one.id not in taken][: room - len(firsts)]
        firsts = sorted([*firsts, *more], key=place)
    return [*reviews, *_evenly(firsts, room)]


def _evenly(chunks: list[Candidate], most: int) -> list[Candidate]:
    if len(chunks) <= most:
        return chunks
    return [chunks[round(n * (len(chunks) - 1) / max(1, most - 1))] for n in range(most)]
