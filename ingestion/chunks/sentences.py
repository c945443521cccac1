"""Sentences: those of a page's prose and list items, with their places in its source.

Code, tables, headings, display math, lines of links and breadcrumbs hold none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.tree import SyntaxTreeNode

from chains.language import wording
from chains.language.boundaries import sentence_spans
from ingestion.chunks.html_sentences import html_sentences
from ingestion.markdown.places import Places

LISTS = {"bullet_list", "ordered_list"}
CHECK_BOX = re.compile(r"\[[ xX]\]\s+")
BOLD_LABEL = re.compile(r"\*\*[^*\n]{1,80}(?::\*\*|\*\*\s*:)")
IN_ELEMENT = re.compile(r"<(\w+)\b[^>]*>.*</\1>", re.DOTALL)
WORD = re.compile(r"[^\W_]+")
NAVIGATION = {"next", "previous", "prev", "back", "home", "up", "to", "see", "also", "continue"}
CRUMB = r"[^.!?:»›→>\n]+"
BREADCRUMB = re.compile(rf"{CRUMB}(?:(?:[»›→]{CRUMB})+|(?:>{CRUMB}){{2,}})")


@dataclass(frozen=True, slots=True)
class PageSentence:
    """A sentence of a page: `start` and `end` are code points into the file's text, `text` is
    what a reader sees, `lead` the number of the sentence that introduces this list item."""

    start: int
    end: int
    text: str
    lead: int | None


def find_sentences(text: str, blocks: SyntaxTreeNode) -> list[PageSentence]:
    """The sentences of a page in the order of its blocks, given its text and the tree of these."""
    finder = _Finder(text)
    finder.visit(blocks, None)
    return finder.found


def line_starts(text: str) -> list[int]:
    """Where each line of a text begins, and where the text ends."""
    return [0, *(match.end() for match in re.finditer("\n", text)), len(text)]


class _Finder:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = line_starts(text)
        self.found: list[PageSentence] = []

    def visit(self, node: SyntaxTreeNode, lead: int | None) -> None:
        """`lead` is what introduces this block, if it is an item of a list."""
        introduction = None
        for child in node.children:
            if child.type in LISTS:
                for item in child.children:
                    self.visit(item, introduction)
            elif child.type == "paragraph":
                introduction = self._paragraph(child, lead)
            elif child.type == "html_block":
                introduction = None
                self._html(child)
            else:
                introduction = None
                if child.nester_tokens and child.type not in ("heading", "table"):
                    self.visit(child, None)

    def _html(self, node: SyntaxTreeNode) -> None:
        first, end = node.map or (0, 0)
        begin = self.lines[first]
        self.found += (
            PageSentence(begin + start, begin + stop, shown, None)
            for start, stop, shown in html_sentences(self.text[begin : self.lines[end]])
        )

    def _paragraph(self, node: SyntaxTreeNode, lead: int | None) -> int | None:
        """Adds its sentences; returns the one that introduces a list right below."""
        inline = node.children[0]
        places: Places | None = inline.meta.get("places")
        is_item = node.parent is not None and node.parent.type == "list_item"
        if places is None or inline.map is None or _is_aside(places):
            return lead if is_item else None
        first = len(self.found)
        source = _Source(self.text, self.lines, inline.map[0], places.source)
        box = CHECK_BOX.match(places.text) if is_item else None
        begin = box.end() if box else 0
        self.found += (
            PageSentence(source.position(start), source.position(end), shown, lead)
            for start, end, shown in _sentences(places, begin, is_item=is_item)
        )
        if len(self.found) == first:
            return lead if is_item else None
        introduces = is_item or wording.introduces(self.found[-1].text)
        return len(self.found) - 1 if introduces else None


class _Source:
    """Turns offsets into a paragraph's source to offsets into the file.

    The paragraph's lines are the ends of the file's lines, without quote marks and indent.
    """

    def __init__(self, text: str, lines: Sequence[int], first: int, source: str) -> None:
        self.begins: list[int] = []
        self.positions: list[int] = []
        for number, (begin, end) in enumerate(pairwise(line_starts(source)), first):
            content = source[begin:end]
            indent = len(content) - len(content.lstrip())
            self.begins.append(begin + indent)
            self.positions.append(text.rfind(content.strip(), lines[number], lines[number + 1]))

    def position(self, offset: int) -> int:
        """Where an offset into the paragraph stands in the file."""
        line = max(bisect_right(self.begins, offset) - 1, 0)
        return self.positions[line] + max(offset - self.begins[line], 0)


def _sentences(places: Places, begin: int, *, is_item: bool) -> Iterator[tuple[int, int, str]]:
    """Where each sentence stands in the paragraph's source, and its text.

    It has letters, and those of code count only in an item of a list. It takes the markup around it
    along, e.g. the `**` before its first word.
    """
    lettered = ("text", "link", "code") if is_item else ("text", "link")
    spans = list(sentence_spans(_masked(places)[begin:]))
    for number, (start, end) in enumerate(spans):
        shown = places.text[begin + start : begin + end]
        kinds = zip(shown, places.kinds[begin + start : begin + end], strict=True)
        if not any(char.isalpha() and kind in lettered for char, kind in kinds):
            continue
        before = begin + (start if number else 0)
        source_start = places.ends[before - 1] if before else 0
        is_last = number == len(spans) - 1
        source_end = len(places.source.rstrip()) if is_last else places.starts[begin + end]
        yield source_start, source_end, " ".join(shown.split())


def _masked(places: Places) -> str:
    """The text to find sentences in, as long as what is shown.

    Code and math are digits, so that none ends within; a line that begins with a bold label
    and a colon begins one, like the item of a list.
    """
    masked = []
    for place, (char, kind) in enumerate(zip(places.text, places.kinds, strict=True)):
        end = places.ends[place]
        if kind in ("code", "math"):
            masked.append("0")
        elif "\n" in places.source[end - 1 : end] and BOLD_LABEL.match(places.source, end):
            masked.append("\n")
        else:
            masked.append(char)
    return "".join(masked)


def _is_aside(places: Places) -> bool:
    """Only links with "Next:" and the like, a path of crumbs, or the label of a figure in HTML."""
    pairs = zip(places.text, places.kinds, strict=True)
    outside = "".join(" " if kind == "link" else char for char, kind in pairs)
    words = {word.casefold() for word in WORD.findall(outside)}
    if "link" in places.kinds and words <= NAVIGATION:
        return True
    is_label = IN_ELEMENT.fullmatch(places.source.strip())
    return bool(is_label or BREADCRUMB.fullmatch(places.text.strip()))
