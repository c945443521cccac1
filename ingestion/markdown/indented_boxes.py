"""Boxes whose text is indented, as in Material for MkDocs: `!!! note`, `??? note`, `=== "Tab"`;
and those between slashes: `/// note | Title` ... `///`. They become the tokens of admonitions.

https://squidfunk.github.io/mkdocs-material/reference/admonitions/
https://facelessuser.github.io/pymdown-extensions/extensions/blocks/
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from mdit_py_plugins.container import container_plugin

INDENT = 4
ADMONITION = re.compile(
    r"(?:!!!|\?\?\?\+?)[ \t]*(?P<kinds>[A-Za-z][\w-]*(?:[ \t]+[A-Za-z][\w-]*)*)"
    r'(?:[ \t]+"(?P<title>.*)")?[ \t]*'
)
TAB = re.compile(r'===[+!]{0,2}[ \t]+"(?P<title>.+)"[ \t]*')
BETWEEN_SLASHES = re.compile(r"\s*[A-Za-z][\w-]*\s*(?:\|.*)?")


def boxes_plugin(md: MarkdownIt) -> None:
    """Parse them to `container_admonition_open` and `container_admonition_close`."""
    alternatives: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("fence", "indented_box", _indented, alternatives)
    container_plugin(
        md, "admonition", marker="/", validate=lambda info, _: bool(BETWEEN_SLASHES.fullmatch(info))
    )


def _indented(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    position = state.bMarks[start] + state.tShift[start]
    if state.src[position : position + 3] not in ("!!!", "???", "==="):
        return False
    info = _info(state.src[position : state.eMarks[start]])
    if info is None or state.is_code_block(start):
        return False
    if silent:
        return True
    _push(state, start, _end(state, start, end), info)
    return True


def _info(line: str) -> str | None:
    """What a line opens, in the words of `:::`; None where it opens nothing."""
    if match := ADMONITION.fullmatch(line):
        kind, title = match["kinds"].split()[0], match["title"]
        return f"{kind}[{title}]" if title else kind
    match = TAB.fullmatch(line)
    return f"tab[{match['title']}]" if match else None


def _end(state: StateBlock, start: int, end: int) -> int:
    """The line behind the last one that is indented."""
    last = start + 1
    for line in range(start + 1, end):
        if state.isEmpty(line):
            continue
        if state.sCount[line] < state.blkIndent + INDENT:
            break
        last = line + 1
    return last


def _push(state: StateBlock, start: int, end: int, info: str) -> None:
    parent, line_max, indent = state.parentType, state.lineMax, state.blkIndent
    opening = state.push("container_admonition_open", "div", 1)
    opening.block, opening.info, opening.map = True, info, [start, end]
    state.parentType, state.lineMax, state.blkIndent = "container", end, indent + INDENT
    state.md.block.tokenize(state, start + 1, end)
    closing = state.push("container_admonition_close", "div", -1)
    closing.block = True
    state.parentType, state.lineMax, state.blkIndent = parent, line_max, indent
    state.line = end
