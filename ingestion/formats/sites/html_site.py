"""HTML: a site on this machine that any generator built, as a folder or by its sitemap.xml."""

from __future__ import annotations

import json
import posixpath
import re
from html import unescape
from math import inf
from pathlib import Path, PurePosixPath
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from ingestion.dialects.html.html_text import read_html
from ingestion.formats.format import Format
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order, natural
from ingestion.formats.texts import PageNotRead, read_within
from ingestion.markdown.front_matter import FrontMatter

LOCATION = re.compile(r"<loc>\s*([^<\s]+)\s*</loc>")
LINK = re.compile(r"""<a\b[^>]*?\shref=["']?([^"'\s>#?]+)""", re.IGNORECASE)
NO_CHAPTERS = {"404", "search", "genindex", "print", "py-modindex", "modindex", "toc"}
"""Pages that generators add; print.html of mdBook is the whole book once more."""
MARKDOWN = frozenset({".md", ".mdx", ".qmd"})
MOST = 50_000
"""Addresses of a sitemap, as its rules say."""


class HtmlSite(Format):
    """A built site. Its addresses and anchors are those that exist."""

    name: ClassVar[str] = "html"
    label: ClassVar[str] = "HTML"
    configs: ClassVar[tuple[str, ...]] = ("sitemap.xml", "index.html")
    endings: ClassVar[frozenset[str]] = frozenset({".html", ".htm", ".xhtml"})
    slugs: str = "none"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        listed = self._sitemap()
        self.is_listed = bool(listed)
        order = dict.fromkeys(listed or self._linked())
        self.places = {file: place for place, file in enumerate(order)}

    @classmethod
    def is_in(cls, root: Path) -> bool:
        """By the names of its files, where more pages of HTML lie there than of Markdown."""
        return super().is_in(root) and _number(root, cls.endings) > _number(root, MARKDOWN)

    def _sitemap(self) -> list[str]:
        """The files that the sitemap names, in its order; those of other hosts are noted."""
        if not (self.root / "sitemap.xml").is_file():
            return []
        try:
            text = read_within(self.root, self.root / "sitemap.xml")
        except PageNotRead:
            return []
        urls = [urlsplit(unescape(url)) for url in LOCATION.findall(text)[:MOST] if "[" not in url]
        hosts = [url.netloc for url in urls]
        own = max(dict.fromkeys(hosts), key=hosts.count, default="")
        for url in urls:
            if url.netloc != own:
                self.notes.add("addresses of the sitemap on other hosts", url.geturl())
        paths = [unquote(url.path) for url in urls if url.netloc == own]
        return [file for path in paths if (file := self._file_at(path))]

    def _file_at(self, path: str) -> str:
        """The file below the root that an address leads to; the site may lie below any path."""
        parts = [part for part in posixpath.normpath(f"/{path}").split("/") if part]
        for start in range(len(parts) + 1):
            name = "/".join(parts[start:])
            for candidate in (name, f"{name}/index.html".lstrip("/"), f"{name}.html"):
                if self.is_file(candidate):
                    return candidate
        return ""

    def is_file(self, name: str) -> bool:
        """Whether there is a page of that name."""
        try:
            is_there = (self.root / name).is_file()
        except (OSError, ValueError):  # a name that no file can have
            return False
        return is_there and PurePosixPath(name).suffix.lower() in self.endings

    def _linked(self) -> list[str]:
        """The files that the first page links to, in its order."""
        try:
            text = read_within(self.root, self.root / "index.html")
        except PageNotRead:
            return []
        names = (unquote(link).removeprefix("./").lstrip("/") for link in LINK.findall(text)[:MOST])
        return [file for name in names if ":" not in name and (file := self._file_at(name))]

    def is_page(self, file: str) -> bool:
        """Those of the sitemap, where there is one; never those that generators add."""
        path = PurePosixPath(file)
        if path.suffix.lower() not in self.endings or path.stem.lower() in NO_CHAPTERS:
            return False
        return file in self.places if self.is_listed else True

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """The main text, with the ids of its headings."""
        page = read_html(text)
        if not page.markdown.strip() and page.is_published:
            notes.add("pages without a main text", file)
        draft = "" if page.is_published else "draft: true\n"
        # YAML reads texts of JSON.
        title = json.dumps(" ".join(page.title.split())[:300], ensure_ascii=False)
        return f"---\ntitle: {title}\n{draft}---\n{page.markdown}"

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """Where the file lies; that of a folder's own page ends with a slash."""
        if PurePosixPath(file).name != "index.html":
            return file
        folder = PurePosixPath(file).parent.as_posix()
        return "" if folder == "." else f"{folder}/"

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """By the sitemap, else as the first page links to them."""
        is_first = file == "index.html"
        return [(-1 if is_first else self.places.get(file, inf), False, natural(file))]


def _number(root: Path, endings: frozenset[str]) -> int:
    """How many files with one of these endings lie in a folder and in those right below it."""
    found = (one for pattern in ("*", "*/*") for one in root.glob(pattern))
    return sum(1 for one in found if one.suffix.lower() in endings)
