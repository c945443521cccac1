"""The search of the book: the sections that have the words of a query, and a line of each."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from markupsafe import Markup, escape

from chains.errors import ServiceUnavailable
from chains.index.book import Chunk
from chains.index.library import Library
from chains.index.passages import SCAFFOLDING, Candidate
from chains.index.search import find_candidates
from chains.index.store import reaching_index
from chains.language.terms import terms_of
from chains.language.tokenization import plain, words_of
from quart_app.pages.contents import Pages
from quart_app.pages.links import page_address

LONGEST_QUERY = 200
"""Characters; a longer one is a question for the tutor."""
MOST = 20
"""Sections that are shown."""
LONGEST_LINE = 240
"""Characters of the book below the title of a section."""
PATIENCE = 10.0
"""Seconds for a search, with those before it."""
MOST_WAITING = 100
"""Searches that wait or are done; a thousand would all be given up at the same moment."""
LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,500}\)")
"""A link or an image of Markdown, of which the words are shown."""
CUT = re.compile(r"!\[|\]\([^()\n]{0,500}\)")
"""What is left of one that goes over several sentences."""
_BESIDE = ThreadPoolExecutor(1, "search")
"""One after the other: each takes some ten milliseconds, and answers need the processor, too."""
_LINE: set[object] = set()
"""One for each search that waits or is done."""


@dataclass(frozen=True, slots=True)
class Found:
    """A section that has words of the query. `line` is HTML, with these words marked."""

    title: str
    chapter: str
    href: str
    line: Markup


async def find(library: Library, pages: Pages, query: str) -> tuple[Found, ...]:
    """The sections with words of the query, best first by words and meaning together.

    Where the embeddings are a provider's, the words alone decide: a search costs nothing then, and
    leaves the server as little as any page. Raises ServiceUnavailable and StoreError.
    """
    loop, place = asyncio.get_running_loop(), object()
    if len(_LINE) >= MOST_WAITING:
        raise ServiceUnavailable("index", f"{MOST_WAITING} searches wait already")
    _LINE.add(place)
    try:
        async with asyncio.timeout(PATIENCE):
            return await loop.run_in_executor(_BESIDE, _find, library, pages, query)
    except TimeoutError:
        raise ServiceUnavailable("index", f"no result within {PATIENCE:.0f} s") from None
    finally:
        _LINE.discard(place)


def _find(library: Library, pages: Pages, query: str) -> tuple[Found, ...]:
    words = _Words(query, pages.book.language)
    if not words.wanted:
        return ()
    is_ours = not getattr(library.embeddings, "is_remote", False)
    vector = library.embeddings.embed_query(query) if is_ours else None
    with reaching_index():
        candidates = find_candidates(library.store, query, vector, library.read)
    return tuple(_sections(candidates, pages, words))


def _sections(candidates: list[Candidate], pages: Pages, words: _Words) -> Iterator[Found]:
    seen: set[tuple[object, ...]] = set()
    for chunk in (candidate.chunk for candidate in candidates):
        place = chunk.file, chunk.section, chunk.occurrence
        file = pages.book.files.get(chunk.file)
        if file is None or place in seen or not words.are_in(chunk.embedded_text):
            continue
        seen.add(place)
        href = page_address(file, file.anchor(chunk.section, chunk.occurrence))
        yield Found(chunk.section[-1], file.title, href, words.line(chunk))
        if len(seen) == MOST:
            return


class _Words:
    """The words of a query, as they are looked for in a text in the language of the book."""

    def __init__(self, query: str, language: str) -> None:
        self._language = language
        words = words_of(query)
        self.wanted = terms_of(query, language=language) or frozenset(map(str.lower, words))

    def are_in(self, text: str) -> bool:
        """Whether a text has one of them, in any of its forms."""
        return self._has(text) > 0

    def line(self, chunk: Chunk) -> Markup:
        """The sentence of a chunk that has most of them, else such a line of code or of a table;
        "" of the solution of a task."""
        if chunk.kind == "solution":
            return Markup()
        sentences = [sentence.text for sentence in chunk.sentences]
        lines = SCAFFOLDING.sub("", chunk.content).splitlines()
        has_prose = any(self._has(one) for one in sentences)
        best = max(sentences if has_prose else sentences + lines, key=self._has, default="")
        return self._marked(_readable(plain(" ".join(best.split()))))

    def _has(self, text: str) -> int:
        return len(self._forms(text) & self.wanted)

    def _forms(self, text: str) -> frozenset[str]:
        return terms_of(text, language=self._language) | frozenset(map(str.lower, words_of(text)))

    def _marked(self, text: str) -> Markup:
        """A line around the first of the words; each of them in ``<mark>``."""
        places = list(self._places(text))
        start = (
            max(0, places[0][0] - LONGEST_LINE // 3) if len(text) > LONGEST_LINE and places else 0
        )
        start = text.rfind(" ", 0, start) + 1
        end = start + LONGEST_LINE
        shown, at = escape("…" if start else ""), start
        for first, last in places:
            if start <= first and last <= end:
                shown += escape(text[at:first]) + Markup("<mark>{}</mark>").format(text[first:last])
                at = last
        return shown + escape(text[at:end]) + ("…" if len(text) > end else "")

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        at = 0
        for word in words_of(text):
            first = text.find(word, at)
            if first < 0:  # another form of it stands in the text
                continue
            at = first + len(word)
            if self.are_in(word):
                yield first, at


def _readable(line: str) -> str:
    """A line of Markdown without the marks of links, images, headings, quotes and tables.

    >>> _readable("| 1972 | The [zero moment point](../balance.mdx#zmp) |")
    '1972 · The zero moment point'
    """
    words = CUT.sub("", LINK.sub(r"\1", line)).strip("|#> ")
    return words.replace(" | ", " · ")
