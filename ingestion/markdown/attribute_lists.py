"""Attributes in braces, as Python-Markdown, Pandoc and kramdown write them: `{ .wide #id }`.

Behind a link, an image, code or emphasis, on a line of their own, and at the end of a heading.
They render to nothing. The line that opens a GitHub alert, `[!NOTE]`, is one, too.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

VALUE = r"""(?:"[^"{}\n]*"|'[^'{}\n]*'|[^\s{}"']+)"""
ONE = rf"(?:\#[^\s{{}}]+|\.[^\s{{}}]+|[A-Za-z][\w:-]*={VALUE})"
LIST = re.compile(rf"\{{:?[ \t]*(?P<all>{ONE}(?:[ \t]+{ONE})*)[ \t]*\}}|\{{-\}}")
ID = re.compile(r"(?:^|\s)#(\S+)")
BEFORE = set(")]`*_>:\"'”’")
"""What an attribute list may stand right behind, within a line."""
ALERT = re.compile(r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?=\n|$)", re.IGNORECASE)


def attributes_plugin(md: MarkdownIt) -> None:
    """Parse them to tokens `attributes`, which render to nothing."""
    md.block.ruler.before("table", "attributes", _block, {"alt": ["paragraph"]})
    md.inline.ruler.before("escape", "attributes", _inline)
    md.inline.ruler.before("link", "alert", _alert)
    md.add_render_rule("attributes", lambda *_: "")


def _block(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    position = state.bMarks[start] + state.tShift[start]
    if state.src[position : position + 1] != "{" or state.is_code_block(start):
        return False
    if not LIST.fullmatch(state.src[position : state.eMarks[start]].rstrip()):
        return False
    if not silent:
        token = state.push("attributes", "", 0)
        token.map = [start, start + 1]
        state.line = start + 1
    return True


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{" or state.src[max(state.pos - 1, 0)] not in BEFORE:
        return False
    return _push(state, LIST.match(state.src, state.pos, state.posMax), silent)


def _alert(state: StateInline, silent: bool) -> bool:
    return not state.pos and _push(state, ALERT.match(state.src), silent)


def _push(state: StateInline, match: re.Match[str] | None, silent: bool) -> bool:
    if match is None:
        return False
    if not silent:
        state.push("attributes", "", 0).content = match[0]
    state.pos = match.end()
    return True
