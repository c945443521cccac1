"""Books written by a test, and sites that a generator built: whether the addresses of a book are
on them."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from ingestion.folder.book_folder import BookFile, BookFolder, read_book_folder

IDENTIFIER = re.compile(r"""\s(?:id|name)=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def written(root: Path, files: dict[str, str]) -> BookFolder:
    """The book of these files, by their paths and texts, as it is read."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return read_book_folder(root)


def routes(book: BookFolder) -> dict[str, str]:
    """The address of each file of a book."""
    return {one.file.file: one.file.route for one in book.files}


def dead_addresses(book: BookFolder, site: Path) -> list[str]:
    """The addresses of a book's sections whose page or anchor a built site does not have."""
    dead: list[str] = []
    for one in book.files:
        page = page_at(site, one.file.route)
        known = identifiers(page.read_text("utf-8")) if page else set()
        dead += [
            f"{one.file.route}#{section.anchor}"
            for section in one.file.sections
            if page is None or (section.anchor and section.anchor not in known)
        ]
    return dead


def page_at(site: Path, route: str) -> Path | None:
    """The file that a plain host of static files sends for an address, None for none."""
    candidates = (site / route, site / route / "index.html", site / f"{route}.html")
    return next((one for one in candidates if one.is_file()), None)


def identifiers(html: str) -> set[str]:
    """The ids of a page."""
    return {unescape(one[1] or one[2] or one[3] or "") for one in IDENTIFIER.finditer(html)}


def heading_ids(page: Path) -> list[str]:
    """The ids of the headings of a page, in their order; those without one are left out."""
    html = page.read_text("utf-8")
    tags = (match[0] for match in re.finditer(r"<h[1-6]\b[^>]*>", html))
    return [one for tag in tags for one in identifiers(tag) if one]


def anchors_of(page: BookFile) -> list[str]:
    """The anchors of the sections of a page, in their order."""
    return [section.anchor for section in page.file.sections if section.anchor]


def prose(book: BookFolder) -> str:
    """All sentences of a book, in one line."""
    chunks = (chunk for one in book.files for chunk in one.chunks)
    return " ".join(sentence.text for chunk in chunks for sentence in chunk.sentences)


def contents(book: BookFolder) -> str:
    """All that can be found and quoted of a book."""
    return "\n".join(chunk.content for one in book.files for chunk in one.chunks)
