"""Links and images of a chapter: what the addresses that an author wrote mean on this site."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from chains.index.book import OWN_SITE, File

PAGE_PREFIX = OWN_SITE
FIGURE_PREFIX = "/figures/"
SCHEMES = ("http", "https", "mailto")
ENDING = re.compile(r"\.(?:mdx?|html)$")


def page_address(file: File, anchor: str = "") -> str:
    """The address of a page, or of a heading in it, below the root path of this site."""
    return PAGE_PREFIX + quote(file.route.strip("/")) + (f"#{anchor}" if anchor else "")


@dataclass(frozen=True)
class PageLinks:
    """The addresses on the page of `file`, in the book of `files` (by path) and `routes`.

    Those on this site begin with `root`, below which it is. Without `has_figures` the server has
    no images of the book.
    """

    file: File
    files: Mapping[str, File]
    routes: Mapping[str, File]
    root: str = ""
    has_figures: bool = True

    def link(self, href: str) -> str | None:
        """What a link leads to, or None if that is nowhere."""
        try:
            parts = urlsplit(href)
        except ValueError:  # as in http://[
            return None
        if parts.scheme or parts.netloc:
            return href if parts.scheme in SCHEMES else None
        if not parts.path:
            return href or None
        target = self._target(unquote(parts.path))
        return self.root + page_address(target, parts.fragment) if target else None

    def figure(self, source: str) -> str | None:
        """The address of an image, or None if it is not in the book's folder."""
        if not self.has_figures:
            return None
        try:
            parts = urlsplit(source)
        except ValueError:
            return None
        named = unquote(parts.path).removeprefix("@site")  # as Docusaurus names its own root
        path = _join(posixpath.dirname(self.file.file), named)
        is_elsewhere = parts.scheme or parts.netloc or not path
        return None if is_elsewhere else self.root + FIGURE_PREFIX + quote(path or "")

    def _target(self, path: str) -> File | None:
        """By file, with any ending or none; else by route, as the web would read it."""
        place = _join(posixpath.dirname(self.file.file), path)
        if place is not None:
            stem = ENDING.sub("", place)
            for name in (place, f"{stem}.md", f"{stem}.mdx"):
                if name in self.files:
                    return self.files[name]
        return self._at_route(path)

    def _at_route(self, path: str) -> File | None:
        below_root = path.removeprefix(PAGE_PREFIX)
        folder = "" if below_root != path else posixpath.dirname(self.file.route)
        route = _join(folder, ENDING.sub("", below_root))
        return None if route is None else self.routes.get(route.strip("/"))


def _join(folder: str, path: str) -> str | None:
    """A path below the root; None if it leads out. One with a slash first starts at the root."""
    joined = path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path)
    plain = posixpath.normpath(joined)
    if plain == ".." or plain.startswith("../") or "\\" in plain:
        return None
    return "" if plain == "." else plain
