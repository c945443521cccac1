"""Admonitions: the boxes that Docusaurus writes as `:::tip[Title]` ... `:::`."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

OPENING = re.compile(r"\s*(?P<kind>[A-Za-z][\w-]*)\s*(?:\[(?P<title>.*)\]|(?P<bare>[^\[{].*))?")


def admonitions_plugin(md: MarkdownIt) -> None:
    """Parse them to `container_admonition_open` and `container_admonition_close`."""
    container_plugin(md, "admonition", marker=":", validate=_is_opening)


def kind_and_title(token: Token) -> tuple[str, str]:
    """The kind of an admonition in lower case, and its title as Markdown, e.g. ("tip", "Tip")."""
    match = OPENING.match(token.info)
    kind, title, bare = match.group("kind", "title", "bare") if match else ("note", "", "")
    title = title or (bare or "").strip().removeprefix("|")
    return kind.lower(), (title or kind.capitalize()).strip()


def _is_opening(info: str, _markup: str) -> bool:
    return OPENING.match(info) is not None
