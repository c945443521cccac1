"""What stands further down a text: found once for all who ask, so that a page of nothing but
openings is not searched to its end for each of them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.dollarmath.index import math_block_dollar
from mdit_py_plugins.footnote.index import footnote_ref

COMMENT_END = re.compile(r"\*/\}")
MATH_END = re.compile(r"\$\$(?=[^\S\n]*(?:\([^)$\n]+\)[^\S\n]*)?$)", re.MULTILINE)
"""Behind it may stand the label of the equation, as MyST writes it: ``$$ (eq-hooke)``."""
FOOTNOTE_CALL = re.compile(r"\[\^[^\s\[\]]{1,999}\]")
"""As long as CommonMark lets the labels of links be."""


def next_place(pattern: re.Pattern[str], text: str, start: int) -> int | None:
    """Where the pattern next matches, at `start` or after it."""
    places = _places(pattern, text)
    number = bisect_left(places, start)
    return places[number] if number < len(places) else None


@lru_cache(maxsize=8)
def _places(pattern: re.Pattern[str], text: str) -> Sequence[int]:
    return [match.start() for match in pattern.finditer(text)]


def bound_plugins(md: MarkdownIt) -> None:
    """Keep those rules of mdit-py-plugins from trying what cannot come to an end."""
    md.block.ruler.at("math_block", _math_block)
    md.inline.ruler.at("footnote_ref", _footnote_ref)


_dollar_block = math_block_dollar(allow_labels=True, allow_blank_lines=True)


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    place = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("$$", place):
        return False
    closing = next_place(MATH_END, state.src, place + 2)
    if closing is None or closing > state.eMarks[end - 1]:
        return False
    is_math = _dollar_block(state, start, end, silent)
    if is_math and not silent:
        state.tokens[-1].type = "math_block"  # with a label, too: the label is not shown
    return is_math


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    if not FOOTNOTE_CALL.match(state.src, state.pos, state.posMax):
        return False
    return footnote_ref(state, silent)
