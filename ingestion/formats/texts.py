"""Texts: the files of a book as text, within bounds, and none from outside of the book."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from chains.errors import ADVICE, EXHAUSTED

LARGEST = 10_000_000
"""Bytes; larger files are data under the name of a page."""
LARGEST_NOTEBOOK = 100_000_000
"""Bytes; nearly all of a large notebook are pictures, which are left out."""
MOST_LOOKED_AT = 20
LOOKED_AT = 50_000
"""Pages that may show their syntax, and characters of each."""
PICTURE = re.compile(r'("image/[\w.+-]+"\s*:\s*(?:\[\s*)?)"[^"\\]*+(?:\\.[^"\\]*+)*+"')


class PageNotRead(Exception):
    """A page or folder that cannot go into the book; the message is why, and the fix."""


def read_text(path: Path) -> str:
    """The text of a file, without byte order mark, its newlines as ``\\n``; that of a
    notebook without its pictures. Raises PageNotRead."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would never end
            raise PageNotRead("is no regular file; put a file in its place")
        size = found.st_size
        limit = LARGEST_NOTEBOOK if path.suffix == ".ipynb" else LARGEST
        if size > limit:
            raise PageNotRead(
                f"is {size / 1e6:.1f} MB large, the limit is {limit // 1_000_000}; "
                "split it into chapters"
            )
        data = path.read_bytes()
    except OSError as error:
        fix = ADVICE[error.errno] if error.errno in EXHAUSTED else "check its permissions"
        raise PageNotRead(f"cannot be read ({error.strerror}); {fix}") from error
    if (place := data.find(b"\0")) >= 0:
        raise PageNotRead(
            f"is not text (a NUL byte at {place}); rename it, or save it as UTF-8 if it is UTF-16"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PageNotRead(f"is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    if path.suffix == ".ipynb":
        text = PICTURE.sub(r'\1""', text)  # what reads it has bounds on memory
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_file(path: Path) -> bool:
    """Whether there is a file that this user may look at."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # a folder above it is not this user's, or it is no name
        return False


def beginning_of(path: Path, most: int) -> str | None:
    """At most so many characters of a file; None where none can be read. A pipe is no file."""
    try:
        if not path.is_file():
            return None
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return file.read(most)
    except OSError:
        return None


def pages_show(folder: Path, syntax: re.Pattern[str]) -> bool:
    """Whether the beginning of one of the first pages of Markdown in a folder has this syntax."""
    pages = sorted(folder.glob("*.md"))[:MOST_LOOKED_AT]
    return any(syntax.search(beginning_of(page, LOOKED_AT) or "") for page in pages)


def read_within(root: Path, path: Path) -> str:
    """The text of a file of the book whose root is `root`, an absolute path without links.

    Raises PageNotRead where it lies outside, is missing, or is no text.
    """
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise PageNotRead("is not there") from None
    if not target.is_relative_to(root):
        raise PageNotRead("lies outside of the book")
    if not target.is_file():
        raise PageNotRead("is not a file")
    return read_text(target)


def folder_within(root: Path, path: Path) -> Path | None:
    """A folder of the book that a configuration names, without links; None where it names none,
    with a link that leads back to itself, say, or with a name that no file system takes."""
    try:
        folder = path.resolve()
        return folder if folder.is_relative_to(root) and folder.is_dir() else None
    except (OSError, RuntimeError, ValueError):
        return None
