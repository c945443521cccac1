"""Which chunks a reader's selections were taken from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from chains.book import Book, Chunk, File
from chains.question import Selection

WORD = re.compile(r"\w+")
SAME_PASSAGE = 0.6
"""The share of a selection's words that a chunk must hold to be where it comes from."""


def chosen_ids(selections: Iterable[Selection], chunks: Sequence[Chunk]) -> set[str]:
    """The ids of those `chunks` that the selections name or were highlighted in."""
    chosen = set()
    for selection in selections:
        if selection.chunk_id is not None:
            chosen.add(selection.chunk_id)
        elif (best := _origin(selection, chunks)) is not None:
            chosen.add(best)
    return chosen


def file_at(page: str | None, book: Book) -> File | None:
    """The file whose page has the address `page`; host, query and ending do not matter."""
    if page is None:
        return None
    path = _page_path(page)
    return next((file for file in book.files.values() if _page_path(book.url(file)) == path), None)


def _origin(selection: Selection, chunks: Sequence[Chunk]) -> str | None:
    words = set(_words(selection.text))
    best = max(chunks, key=lambda chunk: _share(words, chunk), default=None)
    return best.id if best is not None and _share(words, best) >= SAME_PASSAGE else None


def _share(words: set[str], chunk: Chunk) -> float:
    return len(words.intersection(_words(chunk.content))) / max(1, len(words))


def _words(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def _page_path(address: str) -> str:
    return urlsplit(address).path.rstrip("/").removesuffix(".html").removesuffix("/index")
