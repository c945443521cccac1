"""The splitter: cuts a page into sections, and these into chunks of text as written."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markdown_it.tree import SyntaxTreeNode

from chains.index.book import Chunk, Section, Sentence
from ingestion.chunks.pieces import BUDGET, LARGEST, Cutter, Piece, weigh
from ingestion.chunks.sections import Part, block_tree, find_parts
from ingestion.chunks.sentences import PageSentence, find_sentences, line_starts
from ingestion.markdown.parser import Page
from ingestion.markdown.solutions import has_solutions, solution_lines

LEAST_BUDGET = BUDGET // 2
"""For the text below a very long heading path."""
BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True)
class SplitPage:
    """The sections of a page and their chunks, both in reading order."""

    sections: tuple[Section, ...]
    chunks: tuple[Chunk, ...]


def split_page(file: str, text: str, page: Page, title: str) -> SplitPage:
    """Cut a page: `file` is its path in the book, `text` its source, `title` the chapter's.

    Chunks leave out the section's heading, front matter and imports, and they do not begin or
    end with tags, comments or empty lines. Each content is a slice of the text as written.
    """
    tree = block_tree(page)
    sentences = _Sentences(find_sentences(text, tree))
    cutter = Cutter(text, line_starts(text), sentences.starts, solution_lines(tree))
    parts = find_parts(text, page, tree, title)
    chunks = (chunk for part in parts for chunk in _chunks(file, text, part, cutter, sentences))
    return SplitPage(tuple(part.section for part in parts), tuple(chunks))


def _chunks(
    file: str, text: str, part: Part, cutter: Cutter, sentences: _Sentences
) -> Iterator[Chunk]:
    section = part.section
    repeats: Counter[str] = Counter()
    budget = max(BUDGET - weigh(" > ".join(section.path)), LEAST_BUDGET)
    is_solved = has_solutions(section.path)
    for begin, end in _packed(cutter, part.blocks, budget):
        blank = BLANK_LINES.match(text, begin, end)
        start = blank.end() if blank else begin
        content = text[start:end].rstrip()
        if not content:
            continue
        yield Chunk(
            file,
            section.path,
            section.occurrence,
            start - section.start,
            start - section.start + len(content),
            content,
            sentences.within(start, start + len(content)),
            repeats[content],
            "solution" if is_solved or cutter.is_apart(start) else "chunk",
        )
        repeats[content] += 1


def _packed(
    cutter: Cutter, blocks: Sequence[SyntaxTreeNode], budget: int
) -> Iterator[tuple[int, int]]:
    """Where chunks begin and end: what stands apart is never in one with the rest."""
    pieces = _in_order(cutter.pieces(blocks))
    for _, alike in groupby(pieces, key=lambda piece: cutter.is_apart(piece.start)):
        yield from _joined(list(alike), budget)


def _in_order(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces as they stand in the text. Footnotes come behind the blocks that they stand in,
    and are left out where a piece holds them already."""
    found: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
        if not found or piece.end > found[-1].end:
            found.append(piece)
    return found


def _joined(pieces: Sequence[Piece], budget: int) -> Iterator[tuple[int, int]]:
    """Join neighbours while they fit; a short last one goes to the one before."""
    groups: list[list[Piece]] = []
    weight = 0
    for piece in pieces:
        weight += piece.weight
        if groups and weight <= budget and piece.end - groups[-1][0].start <= LARGEST:
            groups[-1].append(piece)
        else:
            groups.append([piece])
            weight = piece.weight
    if len(groups) > 1 and _is_rest(groups[-2], groups[-1], budget):
        rest = groups.pop()
        groups[-1].extend(rest)
    for group in groups:
        yield group[0].start, group[-1].end


def _is_rest(last_but_one: Sequence[Piece], last: Sequence[Piece], budget: int) -> bool:
    weight = _weight(last)
    if last[-1].end - last_but_one[0].start > LARGEST:
        return False
    return weight < budget / 4 and _weight(last_but_one) + weight <= budget * 1.2


def _weight(group: Sequence[Piece]) -> int:
    return sum(piece.weight for piece in group)


class _Sentences:
    """The sentences of a page by where they begin."""

    def __init__(self, found: Sequence[PageSentence]) -> None:
        self.found = found
        self.order = sorted(range(len(found)), key=lambda number: found[number].start)
        self.starts = [found[number].start for number in self.order]

    def within(self, start: int, end: int) -> tuple[Sentence, ...]:
        """Those that stand whole between two places of the file, as a chunk holds them."""
        first, last = bisect_left(self.starts, start), bisect_right(self.starts, end)
        numbers = [n for n in self.order[first:last] if self.found[n].end <= end]
        place: dict[int | None, int] = {number: i for i, number in enumerate(numbers)}
        return tuple(
            Sentence(one.start - start, one.end - start, one.text, place.get(one.lead))
            for one in (self.found[number] for number in numbers)
        )
