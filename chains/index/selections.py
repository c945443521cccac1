"""Which chunks a reader's selections were taken from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

from chains.index.book import Book, Chunk, File
from chains.question import Selection

WORD = re.compile(r"[^\W_]+")
"""An underscore may be markup."""
SAME_PASSAGE = 0.6
"""The share of a selection's words that a chunk must hold to be where it comes from."""


def chosen_ids(selections: Iterable[Selection], chunks: Sequence[Chunk], book: Book) -> set[str]:
    """The ids of those `chunks` that the selections name or were highlighted in."""
    chosen = set()
    for selection in selections:
        if selection.chunk_id is not None:
            chosen.add(selection.chunk_id)
        elif (best := _origin(selection, chunks, book)) is not None:
            chosen.add(best)
    return chosen


def file_at(page: str | None, book: Book) -> File | None:
    """The file whose page has the address `page`; host, query and ending do not matter.

    Where none has it, it may be a page of a copy of the book below another folder: a preview, or
    this server's own. Then the longest route counts that the address ends with.
    """
    if page is None:
        return None
    try:
        path = _page_path(page)
    except ValueError:  # whatever a client calls its page
        return None
    files = book.files.values()
    exact = next((file for file in files if _page_path(book.url(file)) == path), None)
    copies = (file for file in files if file.route and path.endswith(_page_path(f"/{file.route}")))
    return exact or max(copies, key=lambda file: len(file.route), default=None)


def _origin(selection: Selection, chunks: Sequence[Chunk], book: Book) -> str | None:
    """The chunk that holds most of the selection's words; among equals the one on its page, and
    there below its anchor."""
    words = set(_words(selection.text))
    page = file_at(selection.page, book)

    def rank(chunk: Chunk) -> tuple[float, bool, bool]:
        on_page = page is not None and chunk.file == page.file
        below = on_page and selection.anchor == _anchor(chunk, book)
        return _share(words, chunk), on_page, below

    best = max(chunks, key=rank, default=None)
    return best.id if best is not None and _share(words, best) >= SAME_PASSAGE else None


def _anchor(chunk: Chunk, book: Book) -> str:
    return book.files[chunk.file].anchor(chunk.section, chunk.occurrence)


def _share(words: set[str], chunk: Chunk) -> float:
    return len(words.intersection(_words(chunk.content))) / max(1, len(words))


def _words(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def _page_path(address: str) -> str:
    path = unquote(urlsplit(address).path)
    return path.rstrip("/").removesuffix(".html").removesuffix("/index")
