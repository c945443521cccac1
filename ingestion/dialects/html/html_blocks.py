"""Blocks and lines of HTML as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from ingestion.dialects.apart_from_code import words
from ingestion.dialects.boxes import box, code_block
from ingestion.dialects.html.html_lines import (
    CELLS,
    DEEPEST,
    SPACE,
    classes,
    escaped,
    inline,
    line_of,
    paragraph,
)
from ingestion.markdown.solutions import is_solution

BLOCKS = words(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure"
    " h1 h2 h3 h4 h5 h6 header hr li main math-block ol p pre section summary table ul"
)
HEADINGS = words("h1 h2 h3 h4 h5 h6")
BOXES = words(
    "admonition callout alert hint sidebar topic theme-admonition starlight-aside markdown-alert"
)
KIND = re.compile(
    r"(?:^|[\s_-])(note|tip|info|warning|caution|danger|important|hint|seealso|example|exercise"
    r"|theorem|lemma|definition|proof|corollary|proposition|remark|solution|answer)(?:$|[\s_-])",
    re.IGNORECASE,
)
TITLES = (
    ".admonition-title, .callout-title, .callout-header, [class*=admonitionHeading], "
    ".markdown-alert-title, .starlight-aside__title, .sidebar-title, .topic-title, .title"
)
BEGINS_BLOCK = re.compile(r"(?:[-*+>|]|\d{1,9}[.)])[ \t]|`{3}|~{3}|:{3}|#{1,6} |\$\$")
LANGUAGE = re.compile(r"(?:^|\s)(?:language-|lang-|highlight-|sourceCode |brush: ?)([\w+#-]+)")


class Blocks:
    """Writes the blocks of one page; `title` is its first heading of level 1, once written."""

    def __init__(self) -> None:
        self.title = ""

    def of(self, node: LexborNode) -> str:
        """An element's content as Markdown."""
        lines = list(self._inside(node, 0))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"

    def _inside(self, node: LexborNode, depth: int) -> Iterator[str]:
        """Blocks within an element; what stands between them is a paragraph."""
        line: list[str] = []
        for child in node.iter(include_text=True):
            if _holds_blocks(child):
                yield from paragraph(line)
                line = []
                yield from self._block(child, depth + 1)
            else:
                line.append(inline(child, depth + 1))
        yield from paragraph(line)

    def _block(self, node: LexborNode, depth: int) -> Iterator[str]:
        tag = node.tag or ""
        if depth > DEEPEST:
            yield from paragraph([escaped(node.text(deep=True))])
        elif tag in HEADINGS:
            yield from self._heading(node, depth)
        elif tag == "pre":
            yield from (
                "",
                *code_block(node.text(deep=True).strip("\n").split("\n"), _language(node)),
                "",
            )
        elif tag in ("ul", "ol"):
            yield from self._list(node, depth)
        elif tag == "blockquote":
            yield ""
            yield from (f"> {line}".rstrip() for line in self._trimmed(node, depth))
            yield ""
        elif tag == "table":
            yield from _table(node, depth)
        elif tag == "dl":
            yield from self._definitions(node, depth)
        elif tag == "hr":
            yield ""
        elif tag == "details" or BOXES & set(classes(node).split()):
            yield from self._box(node, depth)
        else:
            yield from self._inside(node, depth)

    def _heading(self, node: LexborNode, depth: int) -> Iterator[str]:
        text, identifier = line_of(node, depth).rstrip("#¶ ").strip(), _identifier(node)
        if not text:
            return
        if node.tag == "h1" and not self.title:
            self.title = SPACE.sub(" ", node.text(deep=True)).rstrip("#¶ ").strip()
        anchor = f" {{#{identifier}}}" if identifier else ""
        yield from ("", f"{'#' * int((node.tag or 'h1')[1])} {text}{anchor}", "")

    def _list(self, node: LexborNode, depth: int) -> Iterator[str]:
        yield ""
        number = 0
        for item in node.iter():
            if item.tag != "li":
                yield from self._block(item, depth + 1)
                continue
            number += 1
            marker = "- " if node.tag == "ul" else f"{number}. "
            lines = self._trimmed(item, depth) or [""]
            yield marker + lines[0]
            yield from ((" " * len(marker) + line).rstrip() for line in lines[1:])
        yield ""

    def _definitions(self, node: LexborNode, depth: int) -> Iterator[str]:
        """Terms, each in bold in front of what it means."""
        terms: list[str] = []
        for part in _terms_and_meanings(node):
            if part.tag == "dt":
                terms.append(f"**{line_of(part, depth).rstrip('#¶ ')}**")
                continue
            first, *rest = (
                self._trimmed(part, depth)
                if part.tag == "dd"
                else ["", *self._block(part, depth + 1)]
            )
            head = f"{', '.join(terms)}: " if terms else ""
            is_sentence = bool(first) and not BEGINS_BLOCK.match(first)
            yield from ("", head + first if is_sentence else head.rstrip(), "")
            yield from (*([] if is_sentence else [first]), *rest, "")
            terms = []
        yield from ("", ", ".join(terms), "")

    def _box(self, node: LexborNode, depth: int) -> Iterator[str]:
        heading = node.css_first("summary" if node.tag == "details" else TITLES)
        title = line_of(heading, depth) if heading is not None else ""
        if title.startswith("**") and title.endswith("**"):
            title = title[2:-2]
        if heading is not None:
            heading.decompose()
        kind = KIND.search(classes(node))
        name = kind[1].lower() if kind else "note"
        if is_solution(title) or name in ("solution", "answer"):
            name = "solution"
        title = "" if title.lower() == name else title
        yield from box(name, title, self._trimmed(node, depth))

    def _trimmed(self, node: LexborNode, depth: int) -> list[str]:
        text = "\n".join(self._inside(node, depth + 1))
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n").split("\n")


def _terms_and_meanings(node: LexborNode) -> Iterator[LexborNode]:
    """The parts of a list of definitions, some of which may stand in groups."""
    for part in node.iter():
        yield from part.iter() if part.tag == "div" else (part,)


def _holds_blocks(node: LexborNode) -> bool:
    if node.tag in BLOCKS:
        return True
    return (node.tag or "")[0] != "-" and node.css_first(
        "p, div, ul, ol, table, pre, h1, h2, h3"
    ) is not None


def _table(node: LexborNode, depth: int) -> Iterator[str]:
    """A table within a cell is words of that cell: were its rows looked for here too, each table
    around it would write them once more."""
    parts = list(node.iter())
    groups = [part for part in parts if part.tag in ("thead", "tbody", "tfoot")]
    rows = [
        [line_of(cell, depth).replace("|", "\\|") for cell in row.iter() if cell.tag in CELLS]
        for group in (node, *groups)
        for row in group.iter()
        if row.tag == "tr"
    ]
    caption = next((part for part in parts if part.tag == "caption"), None)
    yield from ("", line_of(caption, depth) if caption is not None else "", "")
    width = max((len(row) for row in rows), default=0)
    for number, row in enumerate(rows):
        # Only the first row has to be as wide as the widest, so that the lines below it are rows.
        yield f"| {' | '.join([*row, *[''] * (0 if number else width - len(row))])} |"
        if not number:
            yield f"|{' --- |' * width}"
    yield ""


def _language(node: LexborNode) -> str:
    """The language of code, by a class of it, of what is in it or of what it is in."""
    parent = node.parent
    around = [node, node.css_first("code"), parent, parent.parent if parent is not None else None]
    for one in around:
        if one is not None and (found := LANGUAGE.search(classes(one))):
            return "" if found[1] in ("default", "none", "text") else found[1]
    return ""


def _identifier(node: LexborNode) -> str:
    """The id of a heading: its own, that of the section that it opens, or of a mark in it."""
    if own := node.attributes.get("id"):
        return str(own)
    parent = node.parent
    if parent is not None and parent.tag in ("section", "div", "header"):
        before = node.prev
        while before is not None and before.tag == "-text":
            before = before.prev
        if (outer := parent.attributes.get("id")) and (before is None or before.tag == "span"):
            return str(outer)
    inner = node.css_first("[id], a[name]")
    if inner is None:
        return ""
    return str(inner.attributes.get("id") or inner.attributes.get("name") or "")
