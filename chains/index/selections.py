"""Which chunks a reader's selections were taken from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import regex

from chains.index.book import Book, Chunk
from chains.language.tokenization import is_uncut, plain
from chains.question import Selection

WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
"""An underscore may be markup."""
ENOUGH_WORDS = 0.6
"""The share of a selection's words that a chunk must hold to be where it comes from."""


def selected_ids(selections: Iterable[Selection], chunks: Sequence[Chunk], book: Book) -> set[str]:
    """The ids of those `chunks` that the selections name or were taken from.

    A page shows no markup, so words are compared: the selection "the ZMP (zero moment point)" is
    found in a chunk with "the ZMP (*zero moment point*) moves".
    """
    selected = set()
    for selection in selections:
        if selection.chunk_id is not None:
            selected.add(selection.chunk_id)
        elif (origin := _origin(selection, chunks, book)) is not None:
            selected.add(origin)
    return selected


def _origin(selection: Selection, chunks: Sequence[Chunk], book: Book) -> str | None:
    """The chunk that holds most of the selection's words; among equals the one on its page, and
    there below its anchor."""
    words = set(_words(selection.text))
    page = book.file_at(selection.page)

    def rank(chunk: Chunk) -> tuple[float, bool, bool]:
        on_page = page is not None and chunk.file == page.file
        below = on_page and selection.anchor == _anchor(chunk, book)
        return _share(words, chunk), on_page, below

    best = max(chunks, key=rank, default=None)
    return best.id if best is not None and _share(words, best) >= ENOUGH_WORDS else None


def _anchor(chunk: Chunk, book: Book) -> str:
    return book.files[chunk.file].anchor(chunk.section, chunk.occurrence)


def _share(words: set[str], chunk: Chunk) -> float:
    return len(words.intersection(_words(chunk.content))) / max(1, len(words))


def _words(text: str) -> list[str]:
    """The words; of a run of letters without blanks, as in Chinese, each pair of letters."""
    words = WORD.findall(plain(text).casefold())
    return [
        part
        for word in words
        for part in (map("".join, pairwise(word)) if is_uncut(word) else (word,))
    ]
