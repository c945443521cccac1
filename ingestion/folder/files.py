"""The folder of a book: which of its files are pages, and why the others are not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ingestion.formats.format import Format
from ingestion.formats.notes import Notes
from ingestion.formats.texts import PageNotRead

OF_OTHER_MAKES = {
    *(".md", ".mdx", ".markdown", ".qmd", ".rmd", ".ipynb", ".rst", ".adoc", ".asciidoc"),
    *(".org", ".textile", ".tex", ".typ", ".html", ".htm"),
}
"""Endings of files that hold prose of a book."""
MAYBE_PAGES = {".html", ".htm", ".tex"}
"""Endings of files that lie beside the pages of many books and are none of them."""
DEEPEST = 50
"""Folders within folders; each level takes a part of Python's stack."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is left out: why, and what to do about it. One that is left out on purpose,
    like a draft, is no fault."""

    file: str
    reason: str
    is_fault: bool = True


@dataclass(slots=True)
class Found:
    """Pages by their path below the root, what was skipped, what was not understood, and how many
    files were passed over that look like pages."""

    pages: dict[str, Path] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    passed_over: int = 0


def find_pages(book: Format) -> Found:
    """The pages of a book, as its make finds them below its folder.

    Files and folders that the make passes over are no pages; those that look like pages of a book
    all the same are noted.
    """
    found = Found()
    for path in _walk(book.folder, book, found):
        file = path.relative_to(book.root).as_posix()
        if problem := _problem(path, book.root):
            found.skipped.append(Skipped(_printable(file), problem))
        else:
            found.pages[file] = path
    return found


def _walk(folder: Path, book: Format, found: Found) -> Iterator[Path]:
    place = folder.relative_to(book.root)
    try:
        entries = _entries(folder, len(place.parts))
    except PageNotRead as error:
        found.skipped.append(Skipped(_printable(place.as_posix()) + "/", str(error)))
        return
    for entry in entries:
        path = folder / entry.name
        file = (place / entry.name).as_posix()
        if entry.is_dir(follow_symlinks=False) and not _is_link(path):
            if book.enters(file):
                yield from _walk(path, book, found)
            elif not (_is_out_of_sight(entry.name) or book.passes_over(file)):
                _note_folder(file, path, book, found)
        elif book.is_page(file) or (book.enters(file) and _leads_to_folder(path)):
            yield path
        elif not _is_out_of_sight(entry.name):
            _note_file(file, book, found)


def _is_out_of_sight(name: str) -> bool:
    return name.startswith(".") or name == "node_modules"


def _note_file(file: str, book: Format, found: Found) -> None:
    """Note a file that looks like a page and is none."""
    ending = PurePosixPath(file).suffix.lower()
    if ending in book.endings:
        if book.passes_over(file):
            found.notes.add("pages that the book does not publish", _printable(file), is_lost=False)
        elif not book.is_contents(file):
            found.notes.add("pages that this format passes over by their names", _printable(file))
            found.passed_over += 1
    elif ending in OF_OTHER_MAKES and not book.passes_over(file):
        found.notes.add(f"{ending} files, which this format does not read", _printable(file))
        found.passed_over += ending not in MAYBE_PAGES


def _note_folder(file: str, folder: Path, book: Format, found: Found) -> None:
    """Note a folder that is passed over, if there are pages in it."""
    pages = sum(PurePosixPath(name).suffix.lower() in book.endings for name in _names(folder))
    if pages:
        example = f"{_printable(file)}/ ({pages:,})"
        found.notes.add("pages in folders that this format passes over", example, count=pages)
        found.passed_over += pages


def _names(folder: Path) -> Iterator[str]:
    """The names of the files in a folder, and in those in it that are not too deep to be read."""
    folders = [(folder, 0)]
    while folders:
        place, depth = folders.pop()
        with suppress(PageNotRead):
            for entry in _entries(place, depth):
                if entry.is_dir(follow_symlinks=False):
                    folders.append((place / entry.name, depth + 1))
                else:
                    yield entry.name


def _entries(folder: Path, depth: int) -> list[os.DirEntry[str]]:
    """What is in a folder, by name. Raises PageNotRead."""
    if depth > DEEPEST:
        raise PageNotRead(f"lies in more than {DEEPEST} folders; move it up")
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise PageNotRead(f"cannot be read ({error.strerror}); check its permissions") from error


def _problem(path: Path, root: Path) -> str | None:
    """Why an entry named like a page, or a link to a folder, is none; None if it is one."""
    if not is_utf8(str(path.relative_to(root))):
        return "has a name that is not UTF-8; rename it"
    try:
        target = path.resolve(strict=True)
    except FileNotFoundError:
        return "is a link that leads nowhere; remove it"
    except PermissionError as error:
        return f"cannot be read ({error.strerror}); check its permissions"
    except (OSError, RuntimeError):  # a RuntimeError is what Python raises before 3.13
        return "is a link that leads back to itself; remove it"
    if not target.is_relative_to(root):
        return "is a link out of the book; put the file itself there"
    if target.is_dir():
        return "is a link to a folder of this book, whose pages are there already; remove it"
    return None if target.is_file() else "is not a file; remove it"


def is_utf8(name: str) -> bool:
    """Whether a name or an argument was UTF-8; Python makes half characters of other bytes."""
    return name.isascii() or name == name.encode(errors="replace").decode()


def _leads_to_folder(path: Path) -> bool:
    return _is_link(path) and (path.is_dir() or (not path.exists() and not path.suffix))


def _is_link(path: Path) -> bool:
    # A junction, which is how Windows links folders, does not call itself a link.
    return path.is_symlink() or path.resolve() != path


def _printable(name: str) -> str:
    return name.encode(errors="backslashreplace").decode()
