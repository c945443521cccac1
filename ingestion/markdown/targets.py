"""Targets of links and images: what stands after their label in the source."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from urllib.parse import unquote

from markdown_it.common.utils import normalizeReference
from markdown_it.helpers import parseLinkDestination, parseLinkTitle
from markdown_it.token import Token

LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]", re.DOTALL)
SPACE = re.compile(r"[ \t\n]*")


def target_end(source: str, label: int, label_end: int, references: Container[str]) -> int:
    """The end of `](destination "title")`, `][reference]`, `][]` or `]`.

    The label goes from `label` to `label_end`, where `]` stands; `references` are those defined.
    """
    after = label_end + 1
    inline_end = _inline_end(source, after)
    if inline_end is not None:
        return inline_end
    match = LABEL.match(source, after)
    if match is None:
        return after
    reference = match[1] or source[label:label_end]
    return match.end() if normalizeReference(reference) in references else after


def _inline_end(source: str, start: int) -> int | None:
    if source[start : start + 1] != "(":
        return None
    at = _after_space(source, start + 1)
    destination = parseLinkDestination(source, at, len(source))
    if destination.ok:
        at = _after_space(source, destination.pos)
        title = parseLinkTitle(source, at, len(source))
        if title.ok and at > destination.pos:
            at = _after_space(source, title.pos)
    return at + 1 if source[at : at + 1] == ")" else None


def _after_space(source: str, start: int) -> int:
    match = SPACE.match(source, start)
    return match.end() if match else start


def links_of(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """The text and the address of each link, as written; "" for one that is empty."""
    for token in tokens:
        text, address = "", None
        for child in token.children or []:
            if child.type == "link_open":
                text, address = "", unquote(str(child.attrGet("href") or ""))
            elif child.type == "link_close" and address is not None:
                yield text.strip(), address
                address = None
            elif child.type in ("text", "code_inline", "text_special"):
                text += child.content
