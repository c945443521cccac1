"""A book as it lies in a folder: its pages, read, parsed and cut, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chains.errors import SettingError
from chains.index.book import Chunk, File
from ingestion.folder.files import PageNotRead, Skipped, find_pages
from ingestion.folder.page import ReadPage, make_page, read_page, worded
from ingestion.folder.page_addresses import reading_order, route_of
from ingestion.markdown.worker import Worker


@dataclass(frozen=True, slots=True)
class BookFile:
    """A page: its record, its source text, and the chunks of its sections."""

    file: File
    text: str
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class BookFolder:
    """A folder's book. `title` is that of the page at its root, else the folder's name;
    `files` stand in reading order."""

    root: Path
    title: str
    files: tuple[BookFile, ...]
    skipped: tuple[Skipped, ...]


def read_book_folder(path: Path) -> BookFolder:
    """Read a book's Markdown files. What cannot be read is skipped and named with its fix.

    Raises SettingError where there is no such folder and where it holds no chapters.
    """
    root = _root(path)
    found = find_pages(root)
    pages = _Pages(found.skipped)
    with Worker(make_page) as worker:
        for file, place in found.pages.items():
            pages.add(worker, file, place)
    files = pages.in_order()
    if not files and not any(skipped.is_fault for skipped in pages.skipped):
        raise SettingError(
            f"{path} holds no chapters; name a folder with .md or .mdx files "
            "(drafts, and names that begin with . or _ do not count)."
        )
    top = next((one.file.title for one in files if not one.file.route), None)
    return BookFolder(root, top or worded(root.name, "Book"), files, tuple(pages.skipped))


def _root(path: Path) -> Path:
    if not path.exists():
        raise SettingError(f"There is no folder {path}; name the folder that holds the book.")
    if not path.is_dir():
        raise SettingError(f"{path} is a file; name the folder that holds the book.")
    return path.resolve()


class _Pages:
    def __init__(self, skipped: Sequence[Skipped]) -> None:
        self.skipped = list(skipped)
        self._read: list[tuple[str, ReadPage]] = []

    def add(self, worker: Worker, file: str, path: Path) -> None:
        """Read a page, or note why not."""
        try:
            page = read_page(worker, file, path)
        except PageNotRead as error:
            self.skipped.append(Skipped(file, str(error)))
            return
        if page.front_matter.is_draft:
            reason = "is a draft; remove `draft: true` to publish it"
            self.skipped.append(Skipped(file, reason, is_fault=False))
        else:
            self._read.append((file, page))

    def in_order(self) -> tuple[BookFile, ...]:
        """The pages in reading order; of two with the same address the first."""
        self._read.sort(key=lambda read: reading_order(read[0], read[1].front_matter))
        routes: dict[str, str] = {}
        files: list[BookFile] = []
        for file, page in self._read:
            route = route_of(file, page.front_matter)
            if routes.setdefault(route, file) != file:
                reason = f"has the address of {routes[route]}; give one of them a `slug`"
                self.skipped.append(Skipped(file, reason))
                continue
            record = File(file, page.title, route, page.sections, len(files))
            files.append(BookFile(record, page.text, page.chunks))
        return tuple(files)
