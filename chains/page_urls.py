"""Addresses of pages: the styles in which sites write them, and the site that a reader is on."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal, NamedTuple
from urllib.parse import quote, unquote, urlsplit

UrlStyle = Literal["", "directory", "html", "clean"]
"""How the address of a page ends: `gait/`, `gait.html` or `gait`; "" is as the route has it."""
FOLDER_PAGES = {"index", "readme", "_index"}
NO_PATH = re.compile(r"[?#\\\s\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})")
"""What no path in an address has as it is: it would end there, or lead elsewhere."""


class Site(NamedTuple):
    """Where a reader has the book's pages: `base` goes in front of each route."""

    base: str
    style: UrlStyle


def page_path(address: str) -> str:
    """The path of an address, the same for `gait`, `gait/`, `gait.html` and `gait/index.html`.

    Raises ValueError for what is no address, such as `http://[`.
    """
    return _bare(unquote(urlsplit(address).path))


def escaped(route: str) -> str:
    """A route as it is written in an address; letters of other scripts stay.

    >>> escaped("languages/C#"), escaped("why?"), escaped("a%20b/100%")
    ('languages/C%23', 'why%3F', 'a%20b/100%25')
    """
    return NO_PATH.sub(lambda found: quote(found[0], safe=""), route)


def styled(route: str, file: str, style: UrlStyle) -> str:
    """The route of the page of `file` in a style.

    >>> [styled("motion/gait", "motion/gait.md", style) for style in ("directory", "html")]
    ['motion/gait/', 'motion/gait.html']
    >>> styled("motion/", "motion/index.md", "html"), styled("index.html", "index.md", "clean")
    ('motion/index.html', '')
    """
    if not style:
        return route
    bare = _bare(f"/{route}").lstrip("/")
    if not bare or style == "clean":
        return bare
    if style == "directory":
        return f"{bare}/"
    return f"{bare}/index.html" if _is_folder_page(file) else f"{bare}.html"


def site_of(page: str, route: str, file: str) -> Site | None:
    """The site on which a reader has the page of `file`, by the page's address there.

    None where that says nothing: it is no http(s) address, or does not end with the route.

    >>> site_of("https://a.example/docs/motion/gait.html?v=2", "motion/gait", "motion/gait.md")
    Site(base='https://a.example/docs/', style='html')
    """
    parts = urlsplit(page)
    bare, end = _bare(parts.path), quote(_bare(f"/{unquote(route)}"))
    if parts.scheme not in ("http", "https") or not parts.netloc or not bare.endswith(end):
        return None
    above = bare.removesuffix(end) if end else bare
    return Site(f"{parts.scheme}://{parts.netloc}{above}/", _style(parts.path, end, file))


def _style(path: str, end: str, file: str) -> UrlStyle:
    """A folder's own page may be `motion/` in any style, and the first one anything."""
    if path.endswith(".html"):
        return "html"
    if not end or _is_folder_page(file):
        return ""
    return "directory" if path.endswith("/") else "clean"


def _is_folder_page(file: str) -> bool:
    return PurePosixPath(file).stem.lower() in FOLDER_PAGES


def _bare(path: str) -> str:
    return path.rstrip("/").removesuffix(".html").removesuffix("/index")
