"""Quarto's Markdown, Pandoc's with additions, as Markdown that our parser reads.

https://quarto.org/docs/authoring/markdown-basics.html and https://pandoc.org/MANUAL.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from ingestion.dialects.apart_from_code import Note, rewrite_prose, without_gaps
from ingestion.dialects.attributes import Attributes, read_attributes
from ingestion.dialects.boxes import box
from ingestion.dialects.hidden import without_hidden
from ingestion.dialects.scientific.directives import closing_line, without_indent
from ingestion.dialects.scientific.pandoc_marks import ESCAPED, without_marks, without_raw
from ingestion.dialects.scientific.quarto_cells import FENCE, cell_lines

DIV = re.compile(
    r"(?P<lead>[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)"
    r":{3,}[ \t]*(?:(?P<name>[\w-]+)|\{(?P<attributes>[^{}]*)\})[ \t]*:*[ \t]*"
)
"""Also in a list item, which it may begin."""
DIV_END = re.compile(r"[ \t]*:{3,}[ \t]*")
LATEX = re.compile(
    r"\\(?:newpage|clearpage|cleardoublepage|pagebreak|appendix|tableofcontents)\b.*"
)
HEADING = re.compile(r" {0,3}(?P<level>#{1,6})[ \t]+(?P<text>.*?)(?:[ \t]+#+)?[ \t]*")
HEADING_ATTRIBUTES = re.compile(r"[ \t]*\{(?P<attributes>[^{}]*)\}$")
IDENTIFIED = re.compile(
    r"^#{1,6}[ \t]+(?P<text>[^\n{]*)\{(?P<attributes>[^{}\n]*#[^{}\n]*)\}", re.MULTILINE
)
INCLUDE = re.compile(r"[ \t]*\{\{<[ \t]*include[ \t]+(?P<path>[^>]+?)[ \t]*>\}\}[ \t]*")
CAPTION = re.compile(r":[ \t]+(?P<text>.*?)[ \t]*(?:\{[^{}]*\})?[ \t]*")
DEEPEST = 20

KINDS = {
    "thm": "theorem", "lem": "lemma", "cor": "corollary", "prp": "proposition",
    "cnj": "conjecture", "def": "definition", "exm": "example", "exr": "exercise",
    "sol": "solution", "rem": "remark", "alg": "algorithm",
}  # fmt: skip
"""By what the id of a div begins with."""
CLASSES = {*KINDS.values(), "proof", "answer", "answers"}

Include = Callable[[str], str | None]


def quarto_markdown(
    text: str, include: Include, note: Note, known: Mapping[str, str] | None = None
) -> str:
    """A page's text, without its front matter, as Markdown. `known` are values of shortcodes,
    e.g. "meta title", and the titles of sections by their ids on other pages."""
    page = _Page(include, note)
    blocks = "\n".join(page.blocks(text.split("\n"), 0))
    blocks = without_hidden(blocks)[0]
    values = dict(known or {}) | page.titles
    blocks = without_raw(blocks)
    made = rewrite_prose(blocks, lambda prose: without_marks(prose, values, note))
    return without_gaps(ESCAPED.sub(r"\1", made))


def section_titles(text: str) -> dict[str, str]:
    """The titles of a page's headings that have an id, by it.

    >>> section_titles("# Sampling {#sec-s .x}")
    {'sec-s': 'Sampling'}
    """
    titles = {}
    for heading in IDENTIFIED.finditer(text):
        identifier = read_attributes(heading["attributes"]).identifier
        if identifier:
            titles[identifier] = heading["text"].strip()
    return titles


class _Page:
    def __init__(self, include: Include, note: Note) -> None:
        self.include = include
        self.note = note
        self.titles: dict[str, str] = {}
        self._including: list[str] = []

    def blocks(self, lines: Sequence[str], depth: int) -> Iterator[str]:
        number = 0
        while number < len(lines):
            line = lines[number]
            if fence := FENCE.fullmatch(line):
                end = closing_line(lines, number, fence["fence"])
                yield from cell_lines(fence, lines[number + 1 : end])
                number = end + 1
            elif depth < DEEPEST and (div := DIV.fullmatch(line)):
                end = _div_end(lines, number)
                yield from self._div(div, lines[number + 1 : end], depth)
                number = end + 1
            else:
                yield from self._line(line, depth)
                number += 1

    def _line(self, line: str, depth: int) -> Iterator[str]:
        if DIV_END.fullmatch(line) or LATEX.fullmatch(line):
            yield ""
        elif include := INCLUDE.fullmatch(line):
            yield from self._included(include["path"], depth)
        elif heading := HEADING.fullmatch(line):
            yield self._heading(heading)
        elif (caption := CAPTION.fullmatch(line)) and "{#" in line:
            yield caption["text"]
        else:
            yield line

    def _included(self, path: str, depth: int) -> Iterator[str]:
        if path in self._including:
            self.note("includes of themselves", path)
            return
        text = self.include(path) if depth < DEEPEST else None
        if text is None:
            self.note("includes not found", path)
            return
        self._including.append(path)
        yield from ("", *self.blocks(text.split("\n"), depth + 1), "")
        self._including.pop()

    def _heading(self, heading: re.Match[str]) -> str:
        text, identifier = heading["text"], ""
        if attributes := HEADING_ATTRIBUTES.search(text):
            text = text[: attributes.start()]
            identifier = read_attributes(attributes["attributes"]).identifier
        self.titles[identifier] = text
        return f"{heading['level']} {text}" + (f" {{#{identifier}}}" if identifier else "")

    def _div(self, div: re.Match[str], body: Sequence[str], depth: int) -> Iterator[str]:
        """What a div shows, below the text of the list item that it stands in."""
        lead = div["lead"].expandtabs(4)
        inner = self._div_lines(div, [without_indent(line, len(lead)) for line in body], depth)
        if not lead:
            yield from inner
            return
        lines = [f"{' ' * len(lead)}{line}" if line else "" for line in inner]
        if lead.strip():
            first = next((number for number, line in enumerate(lines) if line), None)
            lines = [] if first is None else lines[first:]
            yield lead + (lines.pop(0)[len(lead) :] if lines else "")
        yield from lines

    def _div_lines(self, div: re.Match[str], body: Sequence[str], depth: int) -> Iterator[str]:
        attributes = read_attributes(div["attributes"] or f".{div['name']}")
        if not is_visible(attributes) or attributes.identifier == "refs":
            return
        kind = _kind(attributes)
        title = attributes.pairs.get("title") or attributes.pairs.get("name") or ""
        if kind and not title:
            title, body = _first_heading(body)
        if "panel-tabset" in attributes.classes:
            body = [_as_label(line) for line in _outside_code(body)]
        inner = list(self.blocks(body, depth + 1))
        if kind == "solution":
            title = title or "Solution"
        yield from box(kind, title, inner) if kind else ("", *inner, "")


def is_visible(attributes: Attributes) -> bool:
    """Whether what has these attributes is on a page of HTML."""
    pairs, formats = attributes.pairs, {"html", "html4", "html5", "html:js", "web"}
    when, unless = pairs.get("when-format"), pairs.get("unless-format")
    is_met = (when is None or when in formats) and (unless is None or unless not in formats)
    is_met = is_met and "when-profile" not in pairs  # no profile is chosen
    if "content-visible" in attributes.classes:
        return is_met
    if "content-hidden" in attributes.classes:
        return not is_met
    return "hidden" not in attributes.classes


def _kind(attributes: Attributes) -> str:
    """The kind of the box that a div is, "" where it is none."""
    for name in attributes.classes:
        if name.startswith("callout-"):
            return name.removeprefix("callout-")
        if name.lower() in CLASSES:
            return "solution" if name.startswith("answer") else name.lower()
    return KINDS.get(attributes.identifier.partition("-")[0], "")


def _div_end(lines: Sequence[str], start: int) -> int:
    """The number of the line that ends a div: each closing line ends the innermost one."""
    depth, number = 0, start
    while number < len(lines):
        if fence := FENCE.fullmatch(lines[number]):
            number = closing_line(lines, number, fence["fence"])
        elif DIV.fullmatch(lines[number]):
            depth += 1
        elif DIV_END.fullmatch(lines[number]):
            depth -= 1
            if not depth:
                return number
        number += 1
    return len(lines)


def _first_heading(body: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The heading that a box begins with, as its title, and the lines below."""
    first = next((number for number, line in enumerate(body) if line.strip()), None)
    heading = HEADING.fullmatch(body[first]) if first is not None else None
    if heading is None or first is None:
        return "", body
    return HEADING_ATTRIBUTES.sub("", heading["text"]), body[first + 1 :]


def _as_label(line: str) -> str:
    heading = HEADING.fullmatch(line)
    return f"**{HEADING_ATTRIBUTES.sub('', heading['text'])}**" if heading else line


def _outside_code(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with a space before headings in code, so that they are taken for none."""
    end = -1
    for number, line in enumerate(lines):
        if number > end and (fence := FENCE.fullmatch(line)):
            end = closing_line(lines, number, fence["fence"])
        yield f"    {line}" if number < end and HEADING.fullmatch(line) else line
