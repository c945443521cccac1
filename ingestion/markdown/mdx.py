"""What MDX adds to Markdown: imports and exports, components, comments in braces.

They are parsed to tokens of their own, `mdx_esm`, `mdx_jsx` and `mdx_comment`, that render to
nothing. What stands between the tags of a component is Markdown like the rest. Tags in lower
case without braces are left to the HTML rules.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from ingestion.markdown.lookahead import COMMENT_END, next_place

BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}"
VALUE = rf"""(?:"[^"]*"|'[^']*'|{BRACES})"""
ATTRIBUTES = rf"(?:\s+(?:[\w:.-]+(?:\s*=\s*{VALUE})?|{BRACES}))*\s*"
NAME = r"(?:[A-Z]\w*(?:\.\w+)*|[a-z]\w*(?:\.\w+)+)"
COMPONENT = re.compile(rf"<(?:{NAME}{ATTRIBUTES}/?|/(?:{NAME}\s*)?|)>", re.ASCII)
ELEMENT = re.compile(rf"<[a-z][\w-]*{ATTRIBUTES}/?>", re.ASCII)
ELEMENT_END = re.compile(r"</[a-z][\w-]*\s*>", re.ASCII)
ESM = re.compile(
    r"import\s*(?:['\"{*]|[\w$]+\s*(?:,|from\b))"
    r"|export\s+(?:default\b|const\b|let\b|var\b|function\b|class\b|async\b|[{*])"
)
INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def mdx_plugin(md: MarkdownIt) -> None:
    """Recognise what MDX adds, and render it to nothing."""
    md.block.ruler.before("table", "mdx_esm", _esm)
    md.block.ruler.before("table", "mdx_comment", _comment_block, INTERRUPTS)
    md.block.ruler.before("html_block", "mdx_jsx", _jsx_block, INTERRUPTS)
    md.inline.ruler.before("html_inline", "mdx_jsx", _inline("mdx_jsx", "<", tag_at))
    md.inline.ruler.before("escape", "mdx_comment", _inline("mdx_comment", "{", _comment_at))
    for name in ("mdx_esm", "mdx_jsx", "mdx_comment"):
        md.add_render_rule(name, lambda *_: "")


def tag_at(text: str, start: int) -> int | None:
    """The end of the component's tag, or of the HTML tag with braces, that starts there."""
    match = COMPONENT.match(text, start)
    if match is None and (match := ELEMENT.match(text, start)) and "{" not in match[0]:
        return None
    return match.end() if match else None


def _tag_or_end_at(text: str, start: int) -> int | None:
    match = ELEMENT_END.match(text, start) if text[start - 1 : start] == ">" else None
    return match.end() if match else tag_at(text, start)


def _comment_at(text: str, start: int) -> int | None:
    if not text.startswith("{/*", start):
        return None
    end = next_place(COMMENT_END, text, start + 3)
    return None if end is None else end + 3


def _inline(
    name: str, opening: str, end_of: Callable[[str, int], int | None]
) -> Callable[[StateInline, bool], bool]:
    def rule(state: StateInline, silent: bool) -> bool:
        if state.src[state.pos] != opening:
            return False
        end = end_of(state.src, state.pos)
        if end is None or end > state.posMax:
            return False
        if not silent:
            state.push(name, "", 0).content = state.src[state.pos : end]
        state.pos = end
        return True

    return rule


def _jsx_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines that hold nothing but tags. An element of HTML may end behind a tag with braces."""
    return _block("mdx_jsx", "<", _tag_or_end_at, state, start, end, silent)


def _comment_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines that hold nothing but comments."""
    return _block("mdx_comment", "{", _comment_at, state, start, end, silent)


def _block(
    name: str,
    opening: str,
    end_of: Callable[[str, int], int | None],
    state: StateBlock,
    start: int,
    end: int,
    silent: bool,
) -> bool:
    position = state.bMarks[start] + state.tShift[start]
    if state.is_code_block(start) or not state.src.startswith(opening, position):
        return False
    # Ends after which something else follows; a later line may come by the same ones.
    misses: set[tuple[str, int, int]] = state.env.setdefault("mdx_misses", set())
    line, passed = start, set[tuple[str, int, int]]()
    while position < state.eMarks[line]:
        stop = end_of(state.src, position)
        if stop is None or (name, end, stop) in misses:
            misses |= passed
            return False
        passed.add((name, end, stop))
        line = bisect_left(state.eMarks, stop, line)
        if line >= end:
            misses |= passed
            return False
        position = state.skipSpaces(stop)
    return silent or _push(state, name, start, line + 1)


def _esm(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """An import or export: up to the first empty line outside of brackets."""
    position = state.bMarks[start]
    if state.level or state.sCount[start] or not ESM.match(state.src, position):
        return False
    line, depth = start, 0
    while line < end and (depth > 0 or not state.isEmpty(line)):
        text = state.src[state.bMarks[line] : state.eMarks[line]]
        depth += sum(map(text.count, "({[")) - sum(map(text.count, ")}]"))
        line += 1
    return silent or _push(state, "mdx_esm", start, line)


def _push(state: StateBlock, name: str, start: int, end: int) -> bool:
    token = state.push(name, "", 0)
    token.map = [start, end]
    token.content = state.getLines(start, end, 0, False)
    state.line = end
    return True
