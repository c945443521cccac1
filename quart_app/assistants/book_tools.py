"""The tools: what an assistant may ask of the book, and what it gets. They know no protocol."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, cast
from urllib.parse import quote, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chains.answering.relevance import Strictness, judge
from chains.errors import ServiceUnavailable
from chains.index.book import Book, File, Section
from chains.index.passages import Passage
from chains.index.retriever import BookRetriever
from chains.question import Question
from chains.tutor import RETRIEVAL_TIMEOUT
from quart_app.pages.links import PAGE_PREFIX
from quart_app.protocol.bounds import LONGEST_ADDRESS, LONGEST_QUESTION

LONGEST_TEXT = 20_000
"""Characters of a section that are read at a time."""
BOOK_OF_PATH = re.compile(r"/books/[a-z0-9-]+\Z")
"""The end of a root path that is the one of a book."""
OWN_PAGE = re.compile(rf"(?:/books/(?P<name>[a-z0-9-]+))?{PAGE_PREFIX}")
"""How the path of a page of our own begins below the root path."""
NAMED = 20
"""Headings that are named where an address has none of them."""

Query = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_QUESTION)
]
Place = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_ADDRESS)
]


class NotInBook(Exception):
    """The book has not what was asked for; the message says what it has."""


class Search(BaseModel):
    """What `search_book` takes."""

    model_config = ConfigDict(extra="forbid")

    query: Query = Field(description="A question, or the words to look for.")


class Reading(BaseModel):
    """What `read_section` takes."""

    model_config = ConfigDict(extra="forbid")

    address: Place = Field(
        description="The address of a section or a page, as search_book gives it."
    )
    start: int = Field(0, ge=0, description="From which character of the text on.")


class FoundSection(BaseModel):
    """A section that bears on the query, with those of its passages that do."""

    title: str
    path: list[str] = Field(description="The headings above it and its own, from the top.")
    chapter: str
    address: str
    text: str = Field(description="The passages, as Markdown.")
    score: float = Field(description="How well it fits, from 0 to 1.2.")
    is_solution: bool = Field(description="Whether it holds the solution of an exercise.")


class SearchResult(BaseModel):
    """What `search_book` gives."""

    book: str
    index_version: str
    is_covered: bool = Field(description="Whether the book seems to cover the query at all.")
    sections: list[FoundSection] = Field(description="The best first.")


class SectionText(BaseModel):
    """What `read_section` gives."""

    book: str
    index_version: str
    title: str
    path: list[str] = Field(description="The headings above it and its own, from the top.")
    chapter: str
    address: str
    text: str = Field(description="The section with all below its heading, as Markdown.")
    next_start: int | None = Field(description="Where to read on, where this is not its end.")


@dataclass(frozen=True, slots=True)
class BookTools:
    """The tools for one book, which `retriever` searches; `strictness` is that of the gate, and
    `names` are those in the addresses of its pages on this server, "" for an address without one.

    Their methods take `here`, the address of this server as the assistant reaches it, such as
    ``https://tutor.example/tutor``. They raise ServiceUnavailable and StoreError.
    """

    retriever: BookRetriever
    strictness: Strictness
    names: Collection[str] = ("",)

    async def search(self, wanted: Search, here: str) -> SearchResult:
        """The sections that bear on a query."""
        question = Question(wanted.query)
        try:
            async with asyncio.timeout(RETRIEVAL_TIMEOUT):
                found = await self.retriever.ainvoke(wanted.query, question=question)
        except TimeoutError:
            reason = f"no result within {RETRIEVAL_TIMEOUT:.0f} s"
            raise ServiceUnavailable("index", reason) from None
        passages = cast("list[Passage]", found)
        book = passages[0].book if passages else self.retriever.library.latest
        return SearchResult(
            book=book.title,
            index_version=book.version,
            is_covered=judge(question, passages, strictness=self.strictness).passed,
            sections=[_found(group, here) for group in _by_section(passages)],
        )

    async def read(self, wanted: Reading, here: str) -> SectionText:
        """A section from its heading to the next that is not below it, or a page without anchor.

        Raises NotInBook where the book has no such page or section.
        """
        self._require_own(wanted.address, here)
        library = self.retriever.library
        book = await library.read_book()
        file, section = _place_of(wanted.address, book)
        text = await library.read_page(file.file)
        if library.latest.version != book.version:  # an ingestion ended meanwhile
            return await self.read(wanted, here)
        start, end = (section.start, _end_of(section, file)) if section else (0, len(text))
        whole = text[start:end].strip()
        cut = wanted.start + LONGEST_TEXT
        return SectionText(
            book=book.title,
            index_version=book.version,
            title=section.path[-1] if section else file.title,
            path=[*(section.path if section else (file.title,))],
            chapter=file.title,
            address=_address(book, file, section.anchor if section else "", here),
            text=whole[wanted.start : cut],
            next_start=cut if len(whole) > cut else None,
        )

    def _require_own(self, address: str, here: str) -> None:
        """Raise NotInBook where an address is one of another book of this server."""
        try:
            parts = urlsplit(address)
        except ValueError:  # which no page has
            return
        page = OWN_PAGE.match(parts.path.removeprefix(BOOK_OF_PATH.sub("", urlsplit(here).path)))
        is_here = not parts.netloc or parts.netloc == urlsplit(here).netloc
        if page is None or not is_here or (name := page["name"] or "") in self.names:
            return
        which = f"the book “{name}”" if name else "another book"
        raise NotInBook(f"{address} is a page of {which}, which has an address of its own for MCP.")


def _by_section(passages: Iterable[Passage]) -> Iterable[Sequence[Passage]]:
    """The passages, best first, those of one section together and in reading order."""
    groups: dict[tuple[object, ...], list[Passage]] = {}
    for passage in passages:
        chunk = passage.chunk
        groups.setdefault((chunk.file, chunk.section, chunk.occurrence), []).append(passage)
    return groups.values()


def _found(group: Sequence[Passage], here: str) -> FoundSection:
    best = group[0]
    chunk, book = best.chunk, best.book
    file = book.files[chunk.file]
    in_order = sorted(group, key=lambda passage: passage.chunk.start)
    return FoundSection(
        title=chunk.section[-1],
        path=[*chunk.section],
        chapter=file.title,
        address=_address(book, file, file.anchor(chunk.section, chunk.occurrence), here),
        text="\n\n".join(passage.page_content.strip() for passage in in_order),
        score=round(float(best.metadata["score"]), 3),
        is_solution=any(passage.chunk.kind == "solution" for passage in group),
    )


def _address(book: Book, file: File, anchor: str, here: str) -> str:
    url = book.url(file, anchor)
    whole = here + url if url.startswith(PAGE_PREFIX) else url
    return quote(whole, safe=":/?&=%[]@#")


def _place_of(address: str, book: Book) -> tuple[File, Section | None]:
    file = book.file_at(address)
    if file is None:
        raise NotInBook(
            f"The book has no page at {address}; take an address that search_book gave."
        )
    anchor = unquote(urlsplit(address).fragment)
    if not anchor:
        return file, None
    section = next((one for one in file.sections if one.anchor == anchor), None)
    if section is None:
        there = [f"#{one.anchor}" for one in file.sections if one.anchor]
        more = f" and {len(there) - NAMED} more" if len(there) > NAMED else ""
        named = (", ".join(there[:NAMED]) or "none") + more
        raise NotInBook(f"The page “{file.title}” has no heading #{anchor}; it has {named}.")
    return file, section


def _end_of(section: Section, file: File) -> int:
    """Where the section ends with all the sections below its heading."""
    end, depth = section.end, len(section.path)
    for other in file.sections:
        if other.start >= end and other.path[:depth] == section.path and len(other.path) > depth:
            end = other.end
        elif other.start >= end:
            break
    return end
