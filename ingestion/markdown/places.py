"""Places: what a reader sees of a paragraph, and where in its source each character stands.

markdown-it-py gives blocks their lines but inline tokens no place. The tokens of a paragraph
come in the order of its source, so a walk along both finds them; it reports failure rather
than guess.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal

from markdown_it.token import Token

from ingestion.markdown.targets import target_end

Kind = Literal["text", "link", "code", "math", "break"]
LINE_END = re.compile(r"[ \t\\]*\n[ \t]*")


@dataclass(slots=True)
class Places:
    """The text that a reader sees; for each of its characters, where it begins and ends in
    `source`, the paragraph without indentation and quote marks, and of what kind it is."""

    source: str
    text: str = ""
    # Four bytes a character instead of forty: a page of megabytes has one for each.
    starts: array[int] = field(default_factory=lambda: array("I"))
    ends: array[int] = field(default_factory=lambda: array("I"))
    kinds: list[Kind] = field(default_factory=list)


class _Lost(Exception):
    """Token and source do not match."""


def find_places(inline: Token, environment: MutableMapping[str, Any]) -> Places | None:
    """Walk along an inline token fresh from the parser; None where its source is unclear."""
    places = Places(inline.content)
    walk = _Walk(places, environment.get("references", {}))
    try:
        walk.over(inline.children or [])
    except _Lost:
        return None
    places.text = "".join(walk.shown)
    return places


class _Walk:
    """`at` is how far the walk has come in the source."""

    def __init__(self, places: Places, references: MutableMapping[str, Any]) -> None:
        self.places = places
        self.source = places.source
        self.references = references
        self.shown: list[str] = []
        self.links: list[int] = []
        self.is_autolink = False
        self.at = 0

    def over(self, tokens: Iterable[Token]) -> None:
        for token in tokens:
            self._step(token)

    def _step(self, token: Token) -> None:
        match token.type:
            case "text" | "text_special":
                self._text(token)
            case "code_inline":
                self._code(token)
            case "math_inline" | "math_inline_double":
                self._show(token.markup + token.content + token.markup, "math")
            case "softbreak" | "hardbreak":
                self._line_end(token)
            case "link_open" | "link_close":
                self._link(token)
            case "image":
                self._image(token)
            case "footnote_ref":
                self._pass(f"[^{token.meta['label']}]")
            case "html_inline" | "mdx_jsx" | "mdx_comment" | "attributes":
                self._tag(token)
            case _:
                self._pass(token.markup)

    def _text(self, token: Token) -> None:
        if self.is_autolink:
            # The token's address may be decoded; a reader of the source sees it as written.
            self._show(self.source[self.at : self.source.find(">", self.at)], "link")
        elif token.type == "text":
            self._show(token.content, "link" if self.links else "text")
        else:
            self._show_as(token.content, token.markup, "link" if self.links else "text")

    def _show(self, text: str, kind: Kind) -> None:
        start = self.at
        self._pass(text)
        self._put_all(text, range(start, self.at), kind)

    def _show_as(self, text: str, source: str, kind: Kind) -> None:
        start = self.at
        self._pass(source)
        for char in text:
            self._put(char, start, kind)

    def _put(self, char: str, start: int, kind: Kind) -> None:
        """Show a character for all of the source from `start` up to here."""
        self.shown.append(char)
        self.places.starts.append(start)
        self.places.ends.append(self.at)
        self.places.kinds.append(kind)

    def _put_all(self, text: str, places: range, kind: Kind) -> None:
        """Show a text whose characters stand one by one at those places of the source."""
        self.shown.append(text)
        self.places.starts.extend(places)
        self.places.ends.extend(range(places.start + 1, places.stop + 1))
        self.places.kinds.extend([kind] * len(text))

    def _pass(self, source: str) -> None:
        if not self.source.startswith(source, self.at):
            raise _Lost
        self.at += len(source)

    def _code(self, token: Token) -> None:
        self._pass(token.markup)
        end = self.source.find(token.markup, self.at)
        while end >= 0 and self._is_backtick(end + len(token.markup)):
            run = re.compile("`+").match(self.source, end)
            end = self.source.find(token.markup, run.end() if run else end + 1)
        if end < 0:
            raise _Lost
        raw = self.source[self.at : end]
        # One space at each side is padding; a line break shows as a space.
        padding = (len(raw) - len(token.content)) // 2
        places = range(self.at + padding, end - padding)
        shown = self.source[places.start : places.stop].replace("\n", " ")
        self._put_all(shown, places, "code")
        self.at = end + len(token.markup)

    def _is_backtick(self, place: int) -> bool:
        return self.source[place : place + 1] == "`"

    def _line_end(self, token: Token) -> None:
        match = LINE_END.match(self.source, self.at)
        if match is None:
            raise _Lost
        self.at = match.end()
        if token.type == "softbreak":
            self._put(" ", match.start(), "text")
        else:
            self._put("\n", match.start(), "break")

    def _tag(self, token: Token) -> None:
        start = self.at
        self._pass(token.content)
        if token.content.lower().startswith("<br"):
            self._put("\n", start, "break")

    def _link(self, token: Token) -> None:
        if token.info == "auto":
            self.is_autolink = token.type == "link_open"
            self._pass("<" if self.is_autolink else ">")
        elif token.type == "link_open":
            self._pass("[")
            self.links.append(self.at)
        else:
            self._target(self.links.pop())

    def _image(self, token: Token) -> None:
        """A picture shows no text; its children only say where its label ends."""
        self._pass("![")
        label = self.at
        inner = _Walk(Places(self.source), self.references)
        inner.at = label
        inner.over(token.children or [])
        self.at = inner.at
        self._target(label)

    def _target(self, label: int) -> None:
        """What follows a label that begins at `label`."""
        end = self.at
        self._pass("]")
        self.at = target_end(self.source, label, end, self.references)
