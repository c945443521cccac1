"""A book as it lies in a folder: its pages, read, parsed and cut, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chains.errors import SettingError
from chains.index.book import Chunk, File
from ingestion.chunks.splitter import split_page
from ingestion.folder.addresses import reading_order, route_of
from ingestion.folder.files import PageNotRead, Skipped, find_pages, read_text
from ingestion.markdown.front_matter import BadFrontMatter
from ingestion.markdown.parser import Page, parse


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
    for file, place in found.pages.items():
        pages.add(file, place)
    files = pages.in_order()
    if not files and not any(skipped.is_fault for skipped in pages.skipped):
        raise SettingError(
            f"{path} holds no chapters; name a folder with .md or .mdx files "
            "(drafts, and names that begin with . or _ do not count)."
        )
    top = next((one.file.title for one in files if not one.file.route), None)
    return BookFolder(root, top or _worded(root.name, "Book"), files, tuple(pages.skipped))


def _root(path: Path) -> Path:
    if not path.exists():
        raise SettingError(f"There is no folder {path}; name the folder that holds the book.")
    if not path.is_dir():
        raise SettingError(f"{path} is a file; name the folder that holds the book.")
    return path.resolve()


TOO_DEEP = "nests emphasis, quotes or lists too deeply to be read; write them side by side"


class _Pages:
    def __init__(self, skipped: Sequence[Skipped]) -> None:
        self.skipped = list(skipped)
        self._parsed: list[tuple[str, str, Page]] = []

    def add(self, file: str, path: Path) -> None:
        """Read and parse a page, or note why not."""
        try:
            text = read_text(path)
            page = parse(text, mdx=path.suffix.lower() == ".mdx")
        except PageNotRead as error:
            self.skipped.append(Skipped(file, str(error)))
        except BadFrontMatter as error:
            self.skipped.append(Skipped(file, f"{error.problem} (line {error.line})"))
        except RecursionError:
            self.skipped.append(Skipped(file, TOO_DEEP))
        else:
            if page.front_matter.is_draft:
                reason = "is a draft; remove `draft: true` to publish it"
                self.skipped.append(Skipped(file, reason, is_fault=False))
            else:
                self._parsed.append((file, text, page))

    def in_order(self) -> tuple[BookFile, ...]:
        """The pages in reading order; of two with the same address the first."""
        self._parsed.sort(key=lambda parsed: reading_order(parsed[0], parsed[2].front_matter))
        routes: dict[str, str] = {}
        files: list[BookFile] = []
        for file, text, page in self._parsed:
            route = route_of(file, page.front_matter)
            if routes.setdefault(route, file) != file:
                reason = f"has the address of {routes[route]}; give one of them a `slug`"
                self.skipped.append(Skipped(file, reason))
                continue
            try:
                files.append(_book_file(file, text, page, route, len(files)))
            except RecursionError:
                self.skipped.append(Skipped(file, TOO_DEEP))
        return tuple(files)


def _book_file(file: str, text: str, page: Page, route: str, position: int) -> BookFile:
    title = page.title or _worded(PurePosixPath(file).stem, file)
    split = split_page(file, text, page, title)
    return BookFile(File(file, title, route, split.sections, position), text, split.chunks)


def _worded(name: str, default: str) -> str:
    """A name of a file or folder as a title."""
    words = name.replace("-", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or default
