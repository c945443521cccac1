"""A page of the book: a file read, parsed and cut, or the reason why it cannot go in."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chains.index.book import Chunk, Section
from ingestion.chunks.splitter import split_page
from ingestion.folder.files import PageNotRead, read_text
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

log = logging.getLogger("scholiast.ingestion")


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What a file has for the book. A draft has no sections and no chunks."""

    front_matter: FrontMatter
    title: str
    text: str
    sections: tuple[Section, ...] = ()
    chunks: tuple[Chunk, ...] = ()


def read_page(worker: Worker, file: str, path: Path) -> ReadPage:
    """Read the file at `path`, which is `file` below the root of the book. Raises PageNotRead.

    The worker is one for `make_page`: no page can take more than its share of time and memory.
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


def make_page(file: str, text: str) -> ReadPage:
    """Parse and cut the text of a file. Raises PageNotRead."""
    try:
        page = parse(text, mdx=file.lower().endswith(".mdx"))
    except BadFrontMatter as error:
        raise PageNotRead(f"{error.problem} (line {error.line})") from error
    title = page.title or worded(PurePosixPath(file).stem, file)
    if page.front_matter.is_draft:
        return ReadPage(page.front_matter, title, text)
    _check_headings(page)
    split = split_page(file, text, page, title)
    _check_number("parts for the index", len(split.chunks))
    return ReadPage(page.front_matter, title, text, split.sections, split.chunks)


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
