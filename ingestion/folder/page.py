"""A page of the book: a file read, parsed and cut, or the reason why it cannot go in."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from chains.errors import os_words
from chains.index.book import Chunk, Section
from ingestion.chunks.splitter import split_page
from ingestion.dialects.definitions import with_definitions
from ingestion.dialects.hidden import without_hidden
from ingestion.folder.kept_pages import CutPage, decoded, encoded, key_of
from ingestion.folder.leftovers import NESTED, leftovers
from ingestion.folder.page_findings import NOTHING_FOUND, Findings, find_in_page
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

SAYS_NOTHING = {"", "content", "doc", "docs", "index", "readme", "source", "src"}
PLAIN = Format(Path("/"))
NOTHING: Mapping[bytes, bytes] = {}
ANEW = True
"""The argument that has a page parsed whose key is known."""

log = logging.getLogger("scholiast.ingestion")


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What a file has for the book; `text` is its Markdown. One that is not published has no
    sections and no chunks. `key` is that of what may be kept of it, `made` what was made of it
    anew; see `kept_pages`."""

    front_matter: FrontMatter
    title: str
    text: str
    is_published: bool = True
    notes: tuple[Note, ...] = ()
    sections: tuple[Section, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    findings: Findings = NOTHING_FOUND
    key: bytes = b""
    made: bytes | None = None


@dataclass(frozen=True, slots=True)
class SentPage:
    """A page on its way here from the process that read it, as little of it as will do: `made` is
    what was made of it anew, as it is kept, and not there where its `key` is known. One that
    cannot be kept is `whole`. `notes` are those of its make."""

    key: bytes
    notes: tuple[Note, ...]
    made: bytes | None = None
    whole: ReadPage | None = None


def read_page(
    worker: Worker,
    file: str,
    path: Path,
    book: Format = PLAIN,
    known: Mapping[bytes, bytes] = NOTHING,
) -> ReadPage:
    """Read the file at `path`, which is `file` below the root of the book. Raises PageNotRead.

    The worker is one for `send_page` or `make_page` with the book's make: no page can take more
    than its share of time and memory. Pages that are `known` are taken from there by their keys.
    """
    text = read_text(path)
    seconds = SECONDS * max(1, len(text) / 2e6)
    try:
        page = _unpacked(file, worker.call(seconds, file, text), book, known)
        page = page or _unpacked(file, worker.call(seconds, file, text, ANEW), book, known)
    except PageNotRead:
        raise
    except OverBounds as error:
        raise PageNotRead(str(error)) from error
    except OSError as error:  # no worker could be started
        raise PageNotRead(f"cannot be read: {os_words(error)}") from error
    except Exception as error:
        # A fault of ours: it costs this page and not the book.
        log.exception("%r could not be read", file)
        name = type(error).__name__
        raise PageNotRead(f"cannot be read: a fault of Scholiast ({name}); report it") from error
    if page is None:
        raise PageNotRead("cannot be read; report it as a fault of Scholiast")
    return page


def send_page(
    file: str, text: str, anew: bool = False, *, book: Format, known: Collection[bytes]
) -> SentPage:
    """What `make_page` makes, for another process, which has the pages with the keys `known`, and
    asks for one `anew` whose title has changed. Raises PageNotRead."""
    shown, key, notes = _shown(file, text, book)
    if key in known and not anew:
        return SentPage(key, notes.found())
    cut = _cut(file, shown, book)
    made = encoded(cut)
    if made is None:
        return SentPage(key, (), whole=_finished(file, cut, book, notes, key, None))
    return SentPage(key, notes.found(), made)


def _unpacked(
    file: str, sent: SentPage | ReadPage, book: Format, known: Mapping[bytes, bytes]
) -> ReadPage | None:
    """The page as it was made; None where what is known of it cannot be read, or has a title that
    it has no more."""
    if isinstance(sent, ReadPage):
        return sent
    if sent.whole is not None:
        return sent.whole
    cut = decoded(sent.made or known.get(sent.key))
    if cut is None or (sent.made is None and cut.title != _title_of(file, cut.page, book)):
        return None
    notes = Notes()
    notes.merge(sent.notes)
    return _finished(file, cut, book, notes, sent.key, sent.made)


def make_page(file: str, text: str, book: Format = PLAIN) -> ReadPage:
    """Parse and cut the text of a file of a book. Raises PageNotRead."""
    shown, key, notes = _shown(file, text, book)
    cut = _cut(file, shown, book)
    return _finished(file, cut, book, notes, key, encoded(cut))


def _shown(file: str, text: str, book: Format) -> tuple[str, bytes, Notes]:
    """The text of a page without what is hidden, its key, and what its make notes."""
    notes = Notes()
    made = book.markdown(file, text, notes)
    shown, hidden = without_hidden(with_definitions(made) if book.has_definitions else made)
    if hidden:
        kind = "comments, scripts and styles left out"
        notes.add(kind, file, count=hidden, is_lost=False)
    return shown, key_of(file, shown, book.slugs), notes


def _finished(
    file: str, cut: CutPage, book: Format, notes: Notes, key: bytes, made: bytes | None
) -> ReadPage:
    if not book.is_published(file, cut.front_matter):
        return ReadPage(cut.front_matter, cut.title, cut.text, is_published=False)
    notes.merge(cut.notes)
    sections = cut.sections if book.titles_have_anchors else _without_top(cut)
    return ReadPage(
        cut.front_matter,
        cut.title,
        cut.text,
        is_published=True,
        notes=notes.found(),
        sections=sections,
        chunks=cut.chunks,
        findings=cut.findings,
        key=key,
        made=made,
    )


def _cut(file: str, shown: str, book: Format) -> CutPage:
    mdx = file.lower().endswith(".mdx")
    try:
        text = without_components(shown, mdx=mdx)
        page = parse(text, mdx=mdx, slugs=book.slugs)
    except BadFrontMatter as error:
        raise PageNotRead(f"{error.problem} (line {error.line})") from error
    title = _title_of(file, page, book)
    if not book.is_published(file, page.front_matter):
        return CutPage(text, page.front_matter, page.title, page.headings, title, (), ())
    _check_headings(page)
    split = split_page(file, text, page, title)
    _check_number("parts for the index", len(split.chunks))
    return CutPage(
        text,
        page.front_matter,
        page.title,
        page.headings,
        title,
        split.sections,
        split.chunks,
        _left_over(file, page),
        find_in_page(text, split.sections),
    )


def _left_over(file: str, page: Page) -> tuple[Note, ...]:
    notes = Notes()
    for kind, example in leftovers(page):
        notes.add(kind, f"{file}: {example}", is_lost=kind != NESTED)
    return notes.found()


def _title_of(file: str, page: Page, book: Format) -> str:
    path = PurePosixPath(file)
    above = path.parent.name
    name = above if above and says_nothing(path.stem) else path.stem
    return book.title_of(file, page) or worded(name, file)


def _without_top(page: CutPage) -> tuple[Section, ...]:
    """The sections, that of the title without its anchor."""
    tops = {heading.anchor for heading in page.headings[:1] if heading.level == 1}
    return tuple(replace(one, anchor="") if one.anchor in tops else one for one in page.sections)


def says_nothing(name: str) -> bool:
    """Whether a name of a file or folder, or a title made of it, is that of any book."""
    return name.casefold() in SAYS_NOTHING


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
