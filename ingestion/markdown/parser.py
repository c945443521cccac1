"""Markdown as books write it: parsed once, the same way for the index and for the site.

CommonMark with tables, strikethrough, footnotes, task lists, dollar math, admonitions
(`:::tip[Title]`), front matter, and what MDX adds. Headings have their anchor as attribute
`id`, like in the book's generator. Every inline token has in `meta["places"]` where in the source
each character stands that a reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from ingestion.markdown.admonitions import admonitions_plugin
from ingestion.markdown.anchors import give_anchors, plain_text, take_explicit_anchors
from ingestion.markdown.attribute_lists import attributes_plugin
from ingestion.markdown.front_matter import FrontMatter, read_front_matter
from ingestion.markdown.indented_boxes import boxes_plugin
from ingestion.markdown.lookahead import bound_plugins
from ingestion.markdown.mdx import mdx_plugin
from ingestion.markdown.places import find_places
from ingestion.markdown.task_lists import task_lists_plugin


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page. `line` counts from 0; `is_nested` says that it stands within a quote,
    a list or an admonition, where no section begins."""

    level: int
    text: str
    anchor: str
    line: int
    is_nested: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed file.

    `title` is the front matter's, else the first heading's of level 1, else the first heading's,
    else "". The lines in the tokens' maps count from the file's first.
    """

    front_matter: FrontMatter
    title: str
    tokens: Sequence[Token]
    headings: tuple[Heading, ...]
    environment: Mapping[str, Any]


def parse(text: str, *, mdx: bool = False, slugs: str = "github") -> Page:
    """Parse the text of a file, its newlines as ``\\n``; `mdx` for one whose name ends so.

    In MDX, lines that are indented by four spaces are not code. `slugs` names how headings get
    their anchors. Raises BadFrontMatter with the number of the line.
    """
    front = read_front_matter(text)
    # Emptied lines keep the numbers of those below.
    blanked = "\n" * text.count("\n", 0, front.end) + text[front.end :]
    environment: dict[str, Any] = {"slugs": slugs}
    tokens = markdown_it(mdx=mdx).parse(blanked, environment)
    headings = tuple(_headings(tokens))
    return Page(front, front.title or _first_title(headings), tokens, headings, environment)


@cache
def markdown_it(*, mdx: bool = False) -> MarkdownIt:
    """The parser, and the renderer for its tokens; do not change it, copy it.

    `html_block` and `html_inline` are the author's own HTML: what renders them decides.
    """
    md = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    md.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False,
           double_inline=True)  # fmt: skip
    md.use(footnote_plugin, inline=False)
    md.core.ruler.before("footnote_tail", "footnotes_apart", _footnotes_apart)
    md.use(bound_plugins).use(admonitions_plugin).use(mdx_plugin).use(task_lists_plugin)
    md.use(boxes_plugin).use(attributes_plugin)
    md.core.ruler.before("inline", "explicit_anchors", take_explicit_anchors)
    # Right after parsing: later rules cut check boxes off and join texts.
    md.core.ruler.after("inline", "places", _places)
    md.core.ruler.after("places", "anchors", give_anchors)
    if mdx:
        md.disable("code")
    return md


def _footnotes_apart(state: StateCore) -> None:
    """Put each footnote that stands within another one in front of it: the plugin takes a footnote
    to its first end, and would cut a list or quote around an inner one in two."""
    apart: list[Token] = []
    around = [apart]
    for token in state.tokens:
        if token.type == "footnote_reference_open":
            around.append([])
        around[-1].append(token)
        if token.type == "footnote_reference_close":
            apart += around.pop()
    state.tokens = apart


def _places(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.meta["places"] = find_places(token, state.env)


def _headings(tokens: Sequence[Token]) -> list[Heading]:
    found = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.map:
            text = re.sub(r"\s+", " ", plain_text(tokens[place + 1])).strip()
            level, anchor = int(token.tag[1:]), str(token.attrGet("id"))
            found.append(Heading(level, text, anchor, token.map[0], token.level > 0))
    return found


def _first_title(headings: Sequence[Heading]) -> str:
    top = [heading.text for heading in headings if heading.level == 1]
    return next(iter(top or [heading.text for heading in headings]), "")
