"""Tables of contents: which files are the pages of a scientific book, and in which order."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ingestion.formats.patterns import files_like
from ingestion.formats.texts import PageNotRead, is_file, read_text

TREE = re.compile(
    r"^(?P<indent>[ \t]*)"
    r"(?:(?P<fence>`{3,}|~{3,}|:{3,})[ \t]*\{toctree\}|\.\.[ \t]+toctree::)[^\n]*\n"
    r"(?P<body>(?:(?P=indent)[ \t]*(?!(?P=fence)).*\n?)*)",
    re.MULTILINE,
)
TITLED = re.compile(r".*?<(?P<file>[^<>]+)>")
OPTION = re.compile(r":(?P<key>[\w-]+):(?P<value>.*)")
MADE = {"genindex", "modindex", "py-modindex", "search"}
"""Pages that Sphinx makes by itself."""
OF_OTHER_MAKES = (".rst", ".txt", ".tex")
"""Endings of pages that a table may name and that are counted elsewhere: they are not read."""
DEEPEST = 30
MOST = 50_000
"""Parts of a table of contents; those of YAML may be the same one many times."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of a table of contents: `file` is as written there, `title` may be ""."""

    file: str
    title: str = ""
    is_pattern: bool = False


def listed(contents: Any) -> Iterator[Entry]:
    """The pages in `_toc.yml` or in the `toc` of `myst.yml`, from top to bottom."""
    waiting, seen = [contents], 0
    while waiting and seen < MOST:
        seen += 1
        part = waiting.pop()
        if isinstance(part, list):
            waiting += reversed(part)
        elif isinstance(part, dict):
            title = part.get("title")
            for key in ("root", "file", "pattern", "glob"):
                if isinstance(part.get(key), str):
                    is_pattern = key in ("pattern", "glob")
                    yield Entry(part[key], title if isinstance(title, str) else "", is_pattern)
            waiting += [one for one in reversed(part.values()) if isinstance(one, list)]


def toctree_entries(text: str) -> Iterator[Entry]:
    """The pages that a page's toctrees name, in Markdown and in reStructuredText.

    >>> [one.file for one in toctree_entries("```{toctree}\\n:glob:\\n\\nGo <a>\\nb/*\\n```\\n")]
    ['a', 'b/*']
    """
    for tree in TREE.finditer(text):
        lines = [line.strip() for line in tree["body"].split("\n")]
        options = {m["key"] for line in lines if (m := OPTION.fullmatch(line))}
        for line in lines:
            if not line or OPTION.fullmatch(line) or line.startswith("---"):
                continue
            titled = TITLED.fullmatch(line)
            file = titled["file"] if titled else line
            if file != "self" and "://" not in file:
                yield Entry(file, is_pattern="glob" in options and "*" in file)


def found(
    entries: Sequence[Entry],
    folder: Path,
    endings: Sequence[str],
    miss: Callable[[str], object] = id,
) -> dict[str, Entry]:
    """The files below a folder that entries name, with or without their endings. `miss` gets the
    names of those that are not there."""
    files: dict[str, Entry] = {}
    for entry in entries:
        names = list(_matching(entry, folder, endings))
        for file in names:
            files.setdefault(file, entry)
        if not (names or entry.is_pattern or _is_elsewhere(entry.file.strip("/ "), folder)):
            miss(entry.file)
    return files


def _is_elsewhere(name: str, folder: Path) -> bool:
    """Whether a page that was not found is made by Sphinx, or one of another make."""
    return name in MADE or any(is_file(folder / f"{name}{end}") for end in ("", *OF_OTHER_MAKES))


def _matching(entry: Entry, folder: Path, endings: Sequence[str]) -> Iterator[str]:
    name = entry.file.strip().lstrip("/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not name or len(name) > 500:
        return
    candidates = [name, *(name + ending for ending in endings)]
    if entry.is_pattern:
        names = sorted({one for pattern in candidates for one in files_like(folder, pattern)})
    else:
        try:
            names = [one for one in candidates if is_file(folder / one)][:1]
        except (OSError, ValueError):  # a name that is none
            return
    yield from (one for one in names if PurePosixPath(one).suffix in endings)


def walked(
    folder: Path, start: str, endings: Sequence[str], miss: Callable[[str], object] = id
) -> dict[str, Entry]:
    """The pages that are reached by toctrees from the page `start`, in reading order. `miss` gets
    the names of those that are not there."""
    files: dict[str, Entry] = {}

    def visit(file: str, entry: Entry, depth: int) -> None:
        if file in files or depth > DEEPEST:
            return
        files[file] = entry
        try:
            text = read_text(folder / file)
        except PageNotRead:
            return
        here = PurePosixPath(file).parent
        for one in toctree_entries(text):
            name = one.file if one.file.startswith("/") else (here / one.file).as_posix()
            below = Entry(_normal(name), one.title, one.is_pattern)
            for target in found([below], folder, endings, miss):
                visit(target, below, depth + 1)

    for file, entry in found([Entry(start)], folder, endings).items():
        visit(file, entry, 0)
    return files


def _normal(name: str) -> str:
    return posixpath.normpath(f"/{name}").strip("/")
