"""Anchors: the id of each heading in its page, the same one that the book's generator gives it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from ingestion.markdown.slugs import SLUGS, FreeNames

EXPLICIT = re.compile(r"\{#(?P<braces>[^{}]+)\}|\{/\*\s*#(?P<comment>\S+?)\s*\*/\}")


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

    Where a generator would give one id twice, the explicit one stays and the other is numbered.
    """
    slugs = SLUGS[state.env.get("slugs", "github")]
    headings = list(_headings(state.tokens))
    explicit = {str(heading.attrGet("id")) for heading, _ in headings if heading.attrGet("id")}
    free = FreeNames(slugs)
    for heading, inline in headings:
        given = heading.attrGet("id")
        if given is None:
            heading.attrSet("id", free.take(slugs.slug(plain_text(inline)), explicit))
        else:
            heading.attrSet("id", free.take(str(given), ()))


def plain_text(inline: Token) -> str:
    """The text of an inline token without its markup."""
    return "".join(_texts(inline.children or []))


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
