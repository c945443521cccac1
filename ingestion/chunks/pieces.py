"""Pieces: the blocks of a section, cut where text may be cut.

Lists fall into items and paragraphs into sentences, where they are too long for a chunk; code,
tables and math stay whole unless they are huge, and then fall into lines.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.tree import SyntaxTreeNode

BUDGET = 240
"""What a chunk should weigh with its heading path: about 1,000 characters of English prose."""
HUGE = 2 * BUDGET
"""The weight beyond which even code, tables and math are cut."""
LONGEST = 2000
"""Characters at which text is cut that offers no place to do so."""
LARGEST = 10_000
"""Characters of a piece or chunk, whatever it weighs: blanks, comments and tags weigh nothing."""
WORD_PIECE = re.compile(r"[A-Za-z]{1,7}|\d{1,3}|[^\sA-Za-z0-9]")
NO_TEXT = {"mdx_esm", "mdx_jsx", "mdx_comment", "attributes", "hr"}
WHOLE = {"fence", "code_block", "table", "math_block", "html_block"}
INTRODUCED = WHOLE | {"bullet_list", "ordered_list"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text that a chunk takes whole: `start` and `end` are code points into the
    file, `weight` compares with BUDGET."""

    start: int
    end: int
    weight: int


def weigh(text: str) -> int:
    """About how many wordpieces a text has, of which MiniLM reads 256.

    Counts within 12 % of its tokenizer for nine of ten chunks of prose, code and tables.
    """
    return sum(1 for _ in WORD_PIECE.finditer(text))


class Cutter:
    """Cuts blocks of one page: `lines` and `sentences` are where these begin in `text`; lines that
    stand `apart`, first and end, are in no piece with others."""

    def __init__(
        self,
        text: str,
        lines: Sequence[int],
        sentences: Sequence[int],
        apart: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.text = text
        self.lines = lines
        self.sentences = sentences
        self._apart = [lines[line] for pair in apart for line in pair]

    def pieces(self, blocks: Sequence[SyntaxTreeNode]) -> list[Piece]:
        """The blocks as pieces in reading order; what introduces a block stays with it."""
        found: list[Piece] = []
        is_introduced = False
        for block in blocks:
            if block.type in NO_TEXT:
                continue
            whole = self._whole(block)
            if is_introduced and block.type in INTRODUCED:
                found += self._with_lead_in(found.pop(), block, whole)
            else:
                found += self._cut(block, whole)
            is_introduced = block.type == "paragraph" and self._introduces(whole)
        return found

    def _whole(self, block: SyntaxTreeNode) -> Piece:
        first, end = block.map or (0, 0)
        return self._piece(self.lines[first], self.lines[end])

    def _piece(self, start: int, end: int) -> Piece:
        return Piece(start, end, weigh(self.text[start:end]))

    def _introduces(self, paragraph: Piece) -> bool:
        return self.text[paragraph.start : paragraph.end].rstrip(" \n*_")[-1:] in (":", "：")

    def _with_lead_in(self, lead: Piece, block: SyntaxTreeNode, whole: Piece) -> list[Piece]:
        """The lead-in and all that it introduces if that fits, else with the first part."""
        limit = HUGE if block.type in WHOLE else BUDGET
        first, *rest = [whole] if lead.weight + whole.weight <= limit else self._cut(block, whole)
        if first.end - lead.start > LARGEST:
            return [lead, *self._cut(block, whole)]
        return [self._piece(lead.start, first.end), *rest]

    def _cut(self, block: SyntaxTreeNode, whole: Piece) -> list[Piece]:
        if self._is_mixed(whole) and (inner := self._inner(block, whole)):
            return inner
        if whole.weight <= (HUGE if block.type in WHOLE else BUDGET):
            is_long = whole.end - whole.start > LARGEST
            return list(self._bounded(whole.start, whole.end)) if is_long else [whole]
        if block.type in WHOLE:
            return list(self._line_groups(self._within(self.lines, whole)))
        if block.type == "paragraph":
            spans = pairwise(self._within(self.sentences, whole))
            return [piece for span in spans for piece in self._bounded(*span)]
        return self._inner(block, whole) or list(self._bounded(whole.start, whole.end))

    def _inner(self, block: SyntaxTreeNode, whole: Piece) -> list[Piece]:
        """What stands in a block; the title of a box stays in front of it."""
        inner = self.pieces(_with_places(block))
        if not inner or block.type != "container_admonition" or inner[0].start <= whole.start:
            return inner
        first = inner[0]
        is_alike = self.is_apart(whole.start) == self.is_apart(first.start)
        if is_alike and first.end - whole.start <= LARGEST:
            return [self._piece(whole.start, first.end), *inner[1:]]
        return [*self._bounded(whole.start, first.start), *inner]

    def is_apart(self, place: int) -> bool:
        """Whether what stands at a place of the text stands apart."""
        return bisect_right(self._apart, place) % 2 == 1

    def _is_mixed(self, whole: Piece) -> bool:
        """Whether a part of it stands apart from the rest."""
        return bisect_right(self._apart, whole.start) < bisect_left(self._apart, whole.end)

    def _within(self, starts: Sequence[int], whole: Piece) -> list[int]:
        first, last = bisect_left(starts, whole.start + 1), bisect_left(starts, whole.end)
        return [whole.start, *starts[first:last], whole.end]

    def _line_groups(self, starts: Sequence[int]) -> Iterator[Piece]:
        """Lines as pieces of half a budget to one, cut at an empty line where there is one."""
        group, weight, blank = [starts[0]], 0, 0
        for start, end in pairwise(starts):
            line = weigh(self.text[start:end])
            if weight + line > BUDGET and len(group) > 1:
                cut = blank if self._is_half(group[0], blank) else start
                yield from self._bounded(group[0], cut)
                group, weight = [cut], weigh(self.text[cut:start])
            group.append(end)
            weight += line
            blank = blank if self.text[start:end].strip() else end
        yield from self._bounded(group[0], starts[-1])

    def _is_half(self, start: int, end: int) -> bool:
        return end > start and weigh(self.text[start:end]) > BUDGET / 2

    def _bounded(self, start: int, end: int) -> Iterator[Piece]:
        """A span as one piece, or as several where it is very long without a place to cut."""
        while end - start > LONGEST:
            space = max(self.text.rfind(mark, start, start + LONGEST) for mark in " \n")
            cut = space + 1 if space > start + LONGEST // 2 else start + LONGEST
            yield self._piece(start, cut)
            start = cut
        yield self._piece(start, end)


def _with_places(block: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    return [child for child in block.children if child.map]
