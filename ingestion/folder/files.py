"""The folder of a book: which of its files are pages, and why the others are not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ENDINGS = {".md", ".mdx"}
LARGEST = 10_000_000
"""Bytes; larger files are data under the name of a page."""
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
    """Pages by their path below the root, and what was skipped."""

    pages: dict[str, Path] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)


class PageNotRead(Exception):
    """A page or folder that cannot go into the book; the message is why, and the fix."""


def find_pages(root: Path) -> Found:
    """The Markdown files below a folder, an absolute path without links in it.

    Hidden ones, those whose name begins with `_` (partials), node_modules, and the SUMMARY.md of
    mdBook are not pages and are not mentioned.
    """
    found = Found()
    for path in _walk(root, root, found):
        file = path.relative_to(root).as_posix()
        if problem := _problem(path, root):
            found.skipped.append(Skipped(_printable(file), problem))
        else:
            found.pages[file] = path
    return found


def read_text(path: Path) -> str:
    """The text of a file, without byte order mark, its newlines as ``\\n``. Raises PageNotRead."""
    try:
        if path.stat().st_size > LARGEST:
            size = path.stat().st_size / 1e6
            raise PageNotRead(f"is {size:.1f} MB large, the limit is 10; split it into chapters")
        data = path.read_bytes()
    except OSError as error:
        raise PageNotRead(f"cannot be read ({error.strerror}); check its permissions") from error
    if (place := data.find(b"\0")) >= 0:
        raise PageNotRead(
            f"is not text (a NUL byte at {place}); rename it, or save it as UTF-8 if it is UTF-16"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PageNotRead(f"is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _walk(folder: Path, root: Path, found: Found) -> Iterator[Path]:
    place = folder.relative_to(root)
    try:
        entries = _entries(folder, len(place.parts))
    except PageNotRead as error:
        found.skipped.append(Skipped(_printable(place.as_posix()) + "/", str(error)))
        return
    for entry in entries:
        if entry.name.startswith((".", "_")) or entry.name == "node_modules":
            continue
        path = folder / entry.name
        if path == root / "SUMMARY.md":  # the table of contents of mdBook
            continue
        if entry.is_dir(follow_symlinks=False) and not _is_link(path):
            yield from _walk(path, root, found)
        elif path.suffix.lower() in ENDINGS or _leads_to_folder(path):
            yield path


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
    try:
        path.name.encode()
        target = path.resolve(strict=True)
    except UnicodeEncodeError:
        return "has a name that is not UTF-8; rename it"
    except FileNotFoundError:
        return "is a link that leads nowhere; remove it"
    except (OSError, RuntimeError):  # a RuntimeError is what Python raises before 3.13
        return "is a link that leads back to itself; remove it"
    if not target.is_relative_to(root):
        return "is a link out of the book; put the file itself there"
    if target.is_dir():
        return "is a link to a folder of this book, whose pages are there already; remove it"
    return None if target.is_file() else "is not a file; remove it"


def _leads_to_folder(path: Path) -> bool:
    return _is_link(path) and (path.is_dir() or (not path.exists() and not path.suffix))


def _is_link(path: Path) -> bool:
    # A junction, which is how Windows links folders, does not call itself a link.
    return path.is_symlink() or path.resolve() != path


def _printable(name: str) -> str:
    return name.encode(errors="backslashreplace").decode()
