"""Names of the books of one data folder, and where the index of each is."""

from __future__ import annotations

import errno
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

FOLDER = "books"
"""Of a data folder: it holds a data folder for each book that has a name."""
LONGEST = 40
MOST = 32
"""Books with a name in one data folder; a server has each of them open."""
NO_FOLDER = (errno.ENOENT, errno.ENOTDIR)
NAME = re.compile(rf"(?=.{{1,{LONGEST}}}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
"""So that it can be a part of an address, and the name of a folder on every system."""


def parse_book_name(text: str) -> str:
    """The name, or "" for the book that needs none. Raises ValueError.

    >>> parse_book_name("rust-by-example"), parse_book_name("")
    ('rust-by-example', '')
    """
    if text and not NAME.fullmatch(text):
        raise ValueError(
            f"{text[:LONGEST]!r} is no name of a book; it has small letters a to z, digits, and "
            f"hyphens between them, at most {LONGEST}, as in rust-by-example"
        )
    return text


def data_folder_of(data: Path, name: str) -> Path:
    """The data folder of a book: `data` itself for the one without a name."""
    return data / FOLDER / name if name else data


def named_books(data: Path, most: int | None = MOST) -> tuple[str, ...]:
    """The books with a name that have an index in the data folder, by name, at most `most`."""
    try:
        there = sorted((data / FOLDER).iterdir())
    except OSError:
        return ()
    names = (one.name for one in there if NAME.fullmatch(one.name) and _has_index(one))
    return tuple(names)[:most]


def _has_index(home: Path) -> bool:
    """Whether there is more than the lock that an ingestion leaves which found no room; a link
    that leads nowhere had an index, and who opens it is told."""
    if home.is_symlink() and not home.exists():
        return True
    try:
        return any(not part.name.startswith(".") for part in (home / "index").iterdir())
    except OSError as error:
        return error.errno not in NO_FOLDER


def no_such_book(name: str, there: Collection[str]) -> str:
    """What to say to who asks for a book that is not there.

    >>> no_such_book("rust", ["", "go"])
    'There is no book “rust” here; there are go, and one without a name.'
    >>> no_such_book("rust", [""])
    'There is no book “rust” here; the only one has no name.'
    """
    names = ", ".join(sorted(filter(None, there)))
    if not names:
        return f"There is no book “{name}” here; the only one has no name."
    rest = ", and one without a name" if "" in there else ""
    return f"There is no book “{name}” here; there are {names}{rest}."


class NoSuchBook(Exception):
    """A book that is not there was asked for; the message names those that are."""


@dataclass(frozen=True, slots=True)
class BookNames:
    """The books that a server has, and which of them is meant where none is named.

    >>> books = BookNames("", frozenset({"", "go"}))
    >>> books.find(None), books.find("go"), books.path("go"), books.path("")
    ('', 'go', '/books/go', '')
    """

    default: str = ""
    names: frozenset[str] = frozenset({""})

    def find(self, name: str | None) -> str:
        """The book of that name, or the default one. Raises NoSuchBook."""
        if not name:
            return self.default
        if name not in self.names:
            raise NoSuchBook(no_such_book(name, self.names))
        return name

    def path(self, name: str) -> str:
        """Where this server has the pages of a book, below its root path."""
        return "" if name == self.default else f"/{FOLDER}/{name}"
