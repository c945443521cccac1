"""A page of the book: a file read, parsed and cut, or the reason why it cannot go in."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from chains.index.book import Chunk, Section
from ingestion.chunks.splitter import split_page
from ingestion.dialects.hidden import without_hidden
from ingestion.formats.format import Format
from ingestion.formats.notes import Note, Notes
from ingestion.formats.texts import PageNotRead, read_text
from ingestion.markdown.components import without_components
from ingestion.markdown.front_matter import BadFrontMatter, FrontMatter
from ingestion.markdown.parser import Page, parse
from ingestion.markdown.worker import OverBounds, Worker

LONGEST_HEADING = 500
"""Characters: the headings above a chunk stand in front of it in the index."""
MOST = 10_000
"""Headings of a page, and chunks; a page of 10 MB of prose has as many."""
SECONDS = 5
"""Of processor time for a page of up to 2 MB, and in proportion for a larger one. Prose of 2 MB
takes three."""

PLAIN = Format(Path("/"))

log = logging.getLogger("scholiast.ingestion")


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What a file has for the book; `text` is its Markdown. One that is not published has no
    sections and no chunks."""

    front_matter: FrontMatter
    title: str
    text: str
    is_published: bool = True
    notes: tuple[Note, ...] = ()
    sections: tuple[Section, ...] = ()
    chunks: tuple[Chunk, ...] = ()


def read_page(worker: Worker, file: str, path: Path) -> ReadPage:
    """Read the file at `path`, which is `file` below the root of the book. Raises PageNotRead.

    The worker is one for `make_page` with the book's make: no page can take more than its share
    of time and memory.
    """
    text = read_text(path)
    try:
        page: ReadPage = worker.call(SECONDS * max(1, len(text) / 2e6), file, text)
    except PageNotRead:
        raise
    except OverBounds as error:
        raise PageNotRead(str(error)) from error
    except Exception as error:
        # A fault of ours: it costs this page and not the book.
        log.exception("%r could not be read", file)
        name = type(error).__name__
        raise PageNotRead(f"cannot be read: a fault of Scholiast ({name}); report it") from error
    return page


def make_page(file: str, text: str, book: Format = PLAIN) -> ReadPage:
    """Parse and cut the text of a file of a book. Raises PageNotRead."""
    notes = Notes()
    mdx = file.lower().endswith(".mdx")
    shown, hidden = without_hidden(book.markdown(file, text, notes))
    if hidden:
        kind = "comments, scripts and styles left out"
        notes.add(kind, file, count=hidden, is_lost=False)
    try:
        markdown = without_components(shown, mdx=mdx)
        page = parse(markdown, mdx=mdx, slugs=book.slugs)
    except BadFrontMatter as error:
        raise PageNotRead(f"{error.problem} (line {error.line})") from error
    front_matter = page.front_matter
    title = book.title_of(file, page) or worded(PurePosixPath(file).stem, file)
    if not book.is_published(file, front_matter):
        return ReadPage(front_matter, title, markdown, is_published=False)
    _check_headings(page)
    split = split_page(file, markdown, page, title)
    _check_number("parts for the index", len(split.chunks))
    sections = split.sections if book.titles_have_anchors else _without_top(split.sections, page)
    return ReadPage(front_matter, title, markdown, True, notes.found(), sections, split.chunks)


def _without_top(sections: tuple[Section, ...], page: Page) -> tuple[Section, ...]:
    """The sections, those of headings of level 1 without their anchors."""
    tops = {heading.anchor for heading in page.headings if heading.level == 1}
    return tuple(replace(one, anchor="") if one.anchor in tops else one for one in sections)


def worded(name: str, default: str) -> str:
    """A name of a file or folder as a title."""
    words = name.replace("-", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or default


def _check_headings(page: Page) -> None:
    _check_number("headings", len(page.headings))
    for heading in page.headings:
        if len(heading.text) > LONGEST_HEADING:
            size = f"{len(heading.text):,} characters (line {heading.line + 1})"
            raise PageNotRead(
                f"has a heading of {size}, the limit is {LONGEST_HEADING}; shorten it"
            )


def _check_number(what: str, number: int) -> None:
    if number > MOST:
        raise PageNotRead(f"has {number:,} {what}, the limit is {MOST:,}; split it into chapters")
