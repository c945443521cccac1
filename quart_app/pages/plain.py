"""What a reader keeps of the author's raw HTML: its text and its images, without any tag."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

SILENT = frozenset(("script", "style", "template", "noscript"))


class Image(NamedTuple):
    """An `<img>` of the author's."""

    source: str
    alt: str


class Plain(NamedTuple):
    """The text of a piece of HTML, in one line, and its images."""

    text: str
    images: tuple[Image, ...]


def plain(html: str) -> Plain:
    """Take the tags off. The text is as the author wrote it, so it is still to be escaped."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Plain(" ".join("".join(reader.text).split()), tuple(reader.images))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.images: list[Image] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self.text.append(" " if tag in ("br", "p", "li", "div", "td", "th") else "")
        values = dict(attrs)
        if tag == "img" and (source := values.get("src")):
            self.images.append(Image(source, values.get("alt") or ""))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)
