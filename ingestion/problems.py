"""Problems of a book that its readers could trip over, found in the text of its pages."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from ingestion.folder.book_folder import BookFile, BookFolder
from ingestion.folder.page_findings import Kind

MOST = 20
"""Problems of one kind on one page; more of them are one thing to mend."""
SHOWN = 60
"""Characters of what was found."""
PAGES = (".md", ".mdx", ".markdown", ".qmd", ".rmd", ".ipynb")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong on a page, and in which line, counted from 1; `text` is what was found."""

    file: str
    line: int
    kind: Kind
    text: str


Ids = Mapping[str, set[str]]
"""The anchors of each page, by its file."""


def find_problems(folder: BookFolder) -> tuple[Problem, ...]:
    """The problems of all pages, page by page; at most `MOST` of a kind on a page."""
    pages = {one.file.file: _ids(one) for one in folder.files}
    return tuple(problem for one in folder.files for problem in _of_page(one, pages))


def _of_page(one: BookFile, pages: Ids) -> Iterator[Problem]:
    counts: Counter[str] = Counter()
    for found in one.findings.found:
        if found.kind == "dead link" and not _is_dead(found.text, one.file.file, pages):
            continue
        counts[found.kind] += 1
        if counts[found.kind] <= MOST:
            shown = " ".join(found.text.split())[:SHOWN]
            yield Problem(one.file.file, found.line, found.kind, shown)


def _is_dead(target: str, file: str, pages: Ids) -> bool:
    """Whether a link names a page of the book, by file, that is not there or lacks that heading."""
    path, _, anchor = unquote(target).partition("#")
    name = _named(file, path.partition("?")[0])
    if name is None:
        return False
    return name not in pages or bool(anchor and anchor not in pages[name])


def _named(file: str, path: str) -> str | None:
    """The page that a link names by its file; None where it names no page."""
    if not path:
        return file
    if not path.lower().endswith(PAGES):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), path))


def _ids(page: BookFile) -> set[str]:
    """The anchors of a page: of its headings, and those that its HTML sets."""
    return {section.anchor for section in page.file.sections} | set(page.findings.ids)
