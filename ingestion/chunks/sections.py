"""Sections of a page: a heading, its path from the page's title, and the blocks below it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.tree import SyntaxTreeNode

from chains.index.book import Section
from ingestion.chunks.sentences import line_starts
from ingestion.markdown.parser import Heading, Page


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a page and the blocks of its text, without the heading."""

    section: Section
    blocks: Sequence[SyntaxTreeNode]


def block_tree(page: Page) -> SyntaxTreeNode:
    """The blocks of a page as a tree, whose leaves are its inline tokens without children.

    So its depth is that of quotes and lists, which the parser bounds, and not that of emphasis.
    """
    tokens = page.tokens
    return SyntaxTreeNode([one.copy(children=None) if one.children else one for one in tokens])


def find_parts(text: str, page: Page, tree: SyntaxTreeNode, title: str) -> list[Part]:
    """The sections of a page in reading order; together they cover all of its text.

    One begins at each heading that is not nested. What stands above the first heading is a
    section of its own, with the page's title as its path, if there is anything.
    """
    lines = line_starts(text)
    blocks = sorted(_blocks(tree), key=first_line)
    headings = [heading for heading in page.headings if not heading.is_nested]
    starts = [lines[heading.line] for heading in headings]
    spans = pairwise([*starts, len(text)])
    places = [lines[first_line(node)] for node in blocks]
    seen: Counter[tuple[str, ...]] = Counter()
    parts = []
    for path, anchor, (start, end) in [
        ((title,), "", (page.front_matter.end, starts[0] if starts else len(text))),
        *zip(_paths(headings, title), (h.anchor for h in headings), spans, strict=True),
    ]:
        if text[start:end].strip():
            section = Section(path, seen[path], anchor, start, end)
            below = blocks[bisect_left(places, start) : bisect_left(places, end)]
            parts.append(Part(section, [node for node in below if node.type != "heading"]))
            seen[path] += 1
    return parts


def first_line(node: SyntaxTreeNode) -> int:
    """The line of the file on which a block begins, from 0."""
    return (node.map or (0, 0))[0]


def _blocks(node: SyntaxTreeNode) -> Iterator[SyntaxTreeNode]:
    """The outermost blocks; footnotes are gathered at the end in a block without lines."""
    for child in node.children:
        if child.map is not None:
            yield child
        else:
            yield from _blocks(child)


def _paths(headings: Sequence[Heading], title: str) -> Iterator[tuple[str, ...]]:
    """The heading path of each heading.

    It begins with the page's title, unless with a heading of level 1 or with the title itself.
    """
    open_headings: list[Heading] = []
    for heading in headings:
        open_headings = [above for above in open_headings if above.level < heading.level]
        open_headings.append(heading)
        path = tuple(above.text for above in open_headings if above.text)
        has_title = open_headings[0].level == 1 or path[:1] == (title,)
        yield path if has_title and path else (title, *path)
