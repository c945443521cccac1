"""Anchors: the id of each heading in its page, the same one that the book's generator gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from ingestion.markdown.attribute_lists import ID, LIST
from ingestion.markdown.slugs import SLUGS, FreeNames, Slugs

EXPLICIT = re.compile(r"\{#(?P<braces>[^{}]+)\}|\{/\*\s*#?(?P<comment>\S+?)\s*\*/\}")
IN_BRACKETS = re.compile(r"[ \t]\[#(?P<id>[\w-]+)\]$")


def take_explicit_anchors(state: StateCore) -> None:
    """Core rule, before inline parsing: `## Title {#id}`, `{ #id .class }`, `{: #id }`,
    `{/* #id */}`, `{/*id*/}` and `[#id]`."""
    for heading, inline in _headings(state.tokens):
        text = inline.content.rstrip(" \t")
        end, anchor = _explicit(text)
        if anchor:
            heading.attrSet("id", anchor)
        inline.content = text[:end].rstrip(" \t")


def _explicit(text: str) -> tuple[int, str]:
    """Where the text of a heading ends, and the id that stands behind it."""
    if match := IN_BRACKETS.search(text):
        return match.start(), match["id"]
    start = text.rfind("{")
    if start < 0:
        return len(text), ""
    if match := LIST.fullmatch(text, start):
        found = ID.search(match["all"] or "")
        return start, found[1] if found else ""
    if match := EXPLICIT.fullmatch(text, start):
        return start, (match["braces"] or match["comment"]).strip()
    return len(text), ""


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
            heading.attrSet("id", free.take(_slug(slugs, inline), explicit))
        else:
            heading.attrSet("id", free.take(str(given), ()))


def _slug(slugs: Slugs, inline: Token) -> str:
    return slugs.slug("".join(_texts(inline.children or [], slugs.shown)))


def plain_text(inline: Token) -> str:
    """The text of an inline token without its markup."""
    return "".join(_texts(inline.children or []))


def _texts(tokens: Iterable[Token], shown: Callable[[str], str] = str) -> Iterable[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.children:
            yield from _texts(token.children, shown)
        elif token.type in ("text", "text_special"):
            yield shown(token.content)
        elif token.type == "code_inline" or "math" in token.type:
            yield token.content


def _headings(tokens: list[Token]) -> Iterable[tuple[Token, Token]]:
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            yield token, tokens[place + 1]
