"""A book as it lies in a folder: its pages, read, parsed and cut, in reading order."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chains.errors import SettingError
from chains.index.book import Chunk, File
from ingestion.folder.files import Found, Skipped, find_pages, is_utf8
from ingestion.folder.kept_pages import KeptPages
from ingestion.folder.page import ReadPage, read_page, says_nothing, send_page, worded
from ingestion.folder.page_findings import NOTHING_FOUND, Findings
from ingestion.formats.format import Format
from ingestion.formats.makes import open_format
from ingestion.formats.notes import Note
from ingestion.formats.texts import PageNotRead
from ingestion.markdown.front_matter import FrontMatter
from ingestion.markdown.worker import Worker

LEADS_AWAY = re.compile(r"(?:^|/)(?:\.{1,2}(?:/|$)|https?:/)")
"""What a route has that leads out of the book."""


@dataclass(frozen=True, slots=True)
class BookFile:
    """A page: its record, its source text, the chunks of its sections, and what was found."""

    file: File
    text: str
    chunks: tuple[Chunk, ...]
    findings: Findings = NOTHING_FOUND


@dataclass(frozen=True, slots=True)
class BookFolder:
    """A folder's book. `title` is that of its configuration, else of the page at its root, else
    the folder's name, and never one such as "Docs"; `files` stand in reading order; `format` is
    what people call its make, and `notes` are what was not understood, `passed_over` how many
    files look like pages and were not read."""

    root: Path
    title: str
    files: tuple[BookFile, ...]
    skipped: tuple[Skipped, ...]
    format: str = "Markdown"
    notes: tuple[Note, ...] = ()
    passed_over: int = 0


def read_book_folder(
    path: Path, format_name: str | None = None, kept: KeptPages | None = None
) -> BookFolder:
    """Read a book's pages. What cannot be read is skipped and named with its fix.

    `format_name` is the make of the book; None for the one whose own file lies in the folder. A
    sitemap.xml stands for the built site in its folder. Pages that are `kept` are not parsed again.

    Raises SettingError where there is no such folder and where it holds no chapters.
    """
    if path.name == "sitemap.xml" and path.is_file():
        path, format_name = path.parent, format_name or "html"
    root = _root(path)
    book = open_format(root, format_name)
    found = find_pages(book)
    kept = kept or KeptPages()
    pages = _Pages(book, found, kept)
    with Worker(partial(send_page, book=book, known=frozenset(kept.known))) as worker:
        for file, place in found.pages.items():
            pages.add(worker, file, place)
    files = pages.in_order()
    found.notes.merge(book.notes.found())
    if not files and not any(skipped.is_fault for skipped in pages.skipped):
        raise SettingError(_no_chapters(path, found))
    tops = (one.file.title for one in files if not one.file.route)
    top = next((title for title in tops if not says_nothing(title)), None)
    title = book.title or top or _named(root)
    return BookFolder(
        root,
        title,
        files,
        tuple(pages.skipped),
        book.label,
        pages.notes.found(),
        found.passed_over,
    )


def _no_chapters(path: Path, found: Found) -> str:
    """That a folder holds no pages, and what it holds instead."""
    others = [note for note in found.notes.found() if note.kind.startswith(".")]
    kinds = ", ".join(f"{note.kind.partition(',')[0]}: {note.count:,}" for note in others)
    seen = f" ({kinds})" if kinds else ""
    if any(note.kind.startswith((".html", ".htm ")) for note in others):
        return f"{path} holds no Markdown{seen}; add --format html to read the HTML."
    return (
        f"{path} holds no chapters{seen}; name a folder with .md or .mdx files "
        "(drafts, and names that begin with . or _ do not count)."
    )


def _named(root: Path) -> str:
    """A title by the name of the folder, or of the next one above it that says something."""
    names = (one.name for one in (root, *root.parents))
    return worded(next((name for name in names if not says_nothing(name)), ""), "Book")


def _root(path: Path) -> Path:
    if not path.exists():
        raise SettingError(f"There is no folder {path}; name the folder that holds the book.")
    if not path.is_dir():
        raise SettingError(f"{path} is a file; name the folder that holds the book.")
    try:
        os.scandir(path).close()
        os.stat(f"{path}/.")  # noqa: PTH116 - a Path would leave the dot out
    except OSError as error:
        problem = f"cannot be read ({error.strerror}); check its permissions."
        raise SettingError(f"{path} {problem}") from error
    root = path.resolve()
    if not is_utf8(str(root)):
        raise SettingError(f"{root} has a name that is not UTF-8; rename it.")
    return root


class _Pages:
    def __init__(self, book: Format, found: Found, kept: KeptPages) -> None:
        self.book = book
        self.kept = kept
        self.skipped = list(found.skipped)
        self.notes = found.notes
        self._read: list[tuple[str, ReadPage]] = []
        self._there: dict[str, FrontMatter] = {}

    def add(self, worker: Worker, file: str, path: Path) -> None:
        """Read a page, or note why not."""
        try:
            page = read_page(worker, file, path, self.book, self.kept.known)
        except PageNotRead as error:
            self.skipped.append(Skipped(file, str(error)))
            return
        self._there[file] = page.front_matter
        if page.is_published:
            self._read.append((file, page))
            self.notes.merge(page.notes)
            self.kept.add(page.key, page.made)
        else:
            reason = "is a draft; remove `draft: true` to publish it"
            if not page.front_matter.is_draft and page.front_matter.is_true("unlisted"):
                reason = "is unlisted; remove `unlisted: true` to have it in the book"
            self.skipped.append(Skipped(file, reason, is_fault=False))

    def in_order(self) -> tuple[BookFile, ...]:
        """The pages in reading order; of two with the same address the first."""
        for name in self.book.names_in_vain(self._there):
            self.notes.add("pages of the sidebars that are not there", name)
        order_of, route_of = self.book.order_of, self.book.route_of
        self._read.sort(key=lambda read: order_of(read[0], read[1].front_matter))
        routes: dict[str, str] = {}
        files: list[BookFile] = []
        for file, page in self._read:
            route = route_of(file, page.front_matter)
            if reason := _objection(route, routes.setdefault(route, file), file):
                self.skipped.append(Skipped(file, reason))
                continue
            slugs = self.book.slugs
            record = File(file, page.title, route, page.sections, len(files), slugs)
            files.append(BookFile(record, page.text, page.chunks, page.findings))
        return tuple(files)


def _objection(route: str, first: str, file: str) -> str:
    """Why a page cannot have a route, "" if it can; `first` is the file that has it first."""
    if LEADS_AWAY.search(route):
        return f"has {route!r} as its address; give it a path below the book's in its front matter"
    return "" if first == file else f"has the address of {first}; give one of them a `slug`"
