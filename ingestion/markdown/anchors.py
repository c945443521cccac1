"""Anchors: the id of each heading in its page, the same one that Docusaurus gives it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

EXPLICIT = re.compile(r"\{#(?P<braces>[^{}]+)\}|\{/\*\s*#(?P<comment>\S+?)\s*\*/\}")
KEPT_CATEGORIES = {"Nd", "Nl", "Pc"}
"""Beside letters and marks; the rest of Unicode but "-" and " " falls out of an anchor."""


def take_explicit_anchors(state: StateCore) -> None:
    """Core rule, before inline parsing: `## Title {#id}` and `## Title {/* #id */}`."""
    for heading, inline in _headings(state.tokens):
        text = inline.content.rstrip(" \t")
        start = text.rfind("{")
        match = EXPLICIT.fullmatch(text, start) if start >= 0 else None
        if match:
            heading.attrSet("id", (match["braces"] or match["comment"]).strip())
            inline.content = text[:start].rstrip(" \t")


def give_anchors(state: StateCore) -> None:
    """Core rule, after inline parsing: every heading gets an id that no other one has.

    Where Docusaurus would give one id twice, the explicit one stays and the other is numbered.
    """
    headings = list(_headings(state.tokens))
    explicit = {str(heading.attrGet("id")) for heading, _ in headings if heading.attrGet("id")}
    free = _FreeNames()
    for heading, inline in headings:
        given = heading.attrGet("id")
        if given is None:
            heading.attrSet("id", free.take(slug(plain_text(inline)), explicit))
        else:
            heading.attrSet("id", free.take(str(given), ()))


def slug(text: str) -> str:
    """The anchor of a heading's text, as github-slugger makes it (before numbering)."""
    kept = (char for char in text.lower() if _is_kept(char))
    return "".join(kept).replace(" ", "-")


def plain_text(inline: Token) -> str:
    """The text of an inline token without its markup."""
    return "".join(_texts(inline.children or []))


class _FreeNames:
    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.numbers: Counter[str] = Counter()

    def take(self, anchor: str, reserved: Container[str]) -> str:
        """The anchor, with a number where it is taken or reserved."""
        name = anchor
        while name in self.taken or name in reserved:
            self.numbers[anchor] += 1
            name = f"{anchor}-{self.numbers[anchor]}"
        self.taken.add(name)
        return name


def _is_kept(char: str) -> bool:
    category = unicodedata.category(char)
    return char in "- " or category[0] in "LM" or category in KEPT_CATEGORIES


def _texts(tokens: Iterable[Token]) -> Iterable[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.children:
            yield from _texts(token.children)
        elif token.type in ("text", "text_special", "code_inline") or "math" in token.type:
            yield token.content


def _headings(tokens: list[Token]) -> Iterable[tuple[Token, Token]]:
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            yield token, tokens[place + 1]
