"""kramdown, the Markdown of Jekyll: its attribute lists and options.

https://kramdown.gettalong.org/syntax.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingestion.dialects.apart_from_code import rewrite_prose
from ingestion.dialects.attributes import Attributes, read_attributes
from ingestion.dialects.boxes import box
from ingestion.dialects.scientific.directives import closing_line
from ingestion.markdown.solutions import is_solution

LIST = re.compile(r"[ \t]*\{:(?!:)[ \t]*(?P<attributes>[^{}\n]*)\}[ \t]*")
SPAN_LIST = re.compile(r"(?<=[)\]*_`])\{:(?!:)[^{}\n]*\}")
HEADING = re.compile(r" {0,3}#{1,6}[ \t]*(?P<text>[^#\n].*?)[ \t]*#*[ \t]*")
HEADING_ID = re.compile(r"[ \t]*\{(?::[ \t]*)?(?P<attributes>#[^{}\n]*)\}[ \t]*$")
UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
OPTION_BLOCK = re.compile(r"\{::(?P<name>comment)[^{}\n]*\}.*?\{:/(?:comment)?\}", re.DOTALL)
OPTION = re.compile(r"\{:(?::\w+[^{}\n]*|/\w*)/?\}")
ABBREVIATION = re.compile(r"^\*\[[^\]\n]{1,200}\]:[^\n]*$", re.MULTILINE)
FENCE = re.compile(r"[ \t]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(?P<fence>`{3,}(?=[^`]*$)|~{3,}).*")
OPENS = re.compile(r" {0,3}(?:#{1,6}[ \t]|`{3}|~{3}|[-*+][ \t]|\d{1,9}[.)][ \t]|<)")
"""A line that ends the paragraph above it."""
ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
QUOTED = re.compile(r" {0,3}>[ ]?(?P<text>.*)")
DEEPEST = 10
"""Quotes within quotes."""
LESSONS = {
    "challenge": "exercise", "callout": "note", "prereq": "note", "discussion": "note",
    "checklist": "note", "testimonial": "note", "keypoints": "note", "objectives": "note",
}  # fmt: skip
"""Boxes of lessons by the Carpentries, and what we call them."""
KINDS = {"note", "warning", "tip", "important", "caution", "info", "danger", "highlight", "new"}


def without_attribute_lists(text: str) -> str:
    """A page's text without kramdown's marks: an id of a heading stays as `{#id}`, a block of a
    class such as `.note` becomes an admonition, the placeholder of a table of contents goes.

    >>> without_attribute_lists("## Valves {#v .x}\\n")
    '## Valves {#v}\\n'
    """
    if "*[" in text:
        text = rewrite_prose(text, lambda prose: ABBREVIATION.sub("", prose))
    if "{:" not in text and "{#" not in text:
        return text
    text = rewrite_prose(text, _without_options) if "{:" in text else text
    return "\n".join(_blocks(text.split("\n")))


def _without_options(prose: str) -> str:
    prose = OPTION_BLOCK.sub("", prose) if "{::comment" in prose else prose
    return SPAN_LIST.sub("", OPTION.sub("", prose))


def _blocks(lines: Sequence[str], depth: int = 0) -> Iterator[str]:
    """The lines, a block at a time: a quote, or up to the next empty line or the end of code."""
    block: list[str] = []
    pending: Attributes | None = None
    number = 0
    while number < len(lines):
        line = lines[number]
        if not block and depth < DEEPEST and QUOTED.fullmatch(line):
            end = _quote_end(lines, number)
            inner = [
                found["text"] if (found := QUOTED.fullmatch(one)) else one
                for one in lines[number:end]
            ]
            below = LIST.fullmatch(lines[end]) if end < len(lines) else None
            attributes = read_attributes(below["attributes"]) if below else pending
            yield from _quote(inner, attributes, depth)
            number, pending = end + (below is not None), None
            continue
        if fence := FENCE.fullmatch(line):
            end = closing_line(lines, number, fence["fence"]) + 1
            block += lines[number:end]
            number = end
            continue
        number += 1
        if found := LIST.fullmatch(line):
            attributes = read_attributes(found["attributes"])
            if block:
                yield from _with(attributes, block)
                block = []
            else:
                pending = attributes
        elif line.strip():
            block.append(line)
        else:
            yield from _with(pending, block)
            yield line
            pending, block = (None, []) if block else (pending, block)
    yield from _with(pending, block)


def _with(attributes: Attributes | None, block: list[str]) -> Iterator[str]:
    """A block with the attributes that stand above or below it."""
    lines = [_heading(line, None) if HEADING.fullmatch(line) else line for line in block]
    if attributes is None or not block:
        yield from lines
    elif attributes.name == "toc" and len(block) == 1 and ITEM.match(block[0]):
        return  # a list of one item, whose place the table of contents takes
    elif HEADING.fullmatch(block[-1]):
        yield from (*lines[:-1], _heading(block[-1], attributes))
    elif HEADING.fullmatch(block[0]):
        yield from (_heading(block[0], attributes), *lines[1:])
    elif len(block) == 2 and UNDERLINE.fullmatch(block[1]):
        yield from (_heading(block[0], attributes), block[1])
    else:
        kind = next((one for one in attributes.classes if _is_kind(one)), "")
        title = attributes.pairs.get("title", "")
        kind = "solution" if is_solution(kind) else kind.removesuffix("-title")
        yield from box(kind, title, lines) if kind else lines


def _quote_end(lines: Sequence[str], start: int) -> int:
    """The number of the line behind a quote, whose last paragraph may go on without marks."""
    end = start
    while end < len(lines) and (
        QUOTED.fullmatch(lines[end]) or _goes_on(lines[end - 1], lines[end])
    ):
        end += 1
    return end


def _goes_on(above: str, line: str) -> bool:
    quoted = QUOTED.fullmatch(above)
    is_text = quoted is None or bool(quoted["text"].strip())
    return is_text and bool(line.strip()) and not (LIST.fullmatch(line) or OPENS.match(line))


def _quote(inner: Sequence[str], attributes: Attributes | None, depth: int) -> Iterator[str]:
    """A quote; as a box, where its attributes say that it is one."""
    names = attributes.classes if attributes else ()
    name = next((one for one in names if _is_kind(one) or one in LESSONS), "")
    if attributes is None or not name:
        yield from (f"> {line}".rstrip() for line in _blocks(inner, depth + 1))
        return
    title = attributes.pairs.get("title", "")
    first = next((number for number, line in enumerate(inner) if line.strip()), len(inner))
    heading = HEADING.fullmatch(inner[first]) if first < len(inner) else None
    if heading and name not in KINDS:
        title, inner = HEADING_ID.sub("", heading["text"]), inner[first + 1 :]
    elif name.endswith("-title"):
        title, inner = " ".join(inner[first : first + 1]).strip(), inner[first + 1 :]
    kind = LESSONS.get(name, name.removesuffix("-title"))
    yield from box(
        "solution" if is_solution(kind) else kind, title, list(_blocks(inner, depth + 1))
    )


def _is_kind(name: str) -> bool:
    return name.removesuffix("-title") in KINDS or is_solution(name)


def _heading(line: str, attributes: Attributes | None) -> str:
    """A heading with its id, if it or the list of its block has one."""
    given = HEADING_ID.search(line)
    if given:
        line = line[: given.start()]
        attributes = read_attributes(given["attributes"])
    identifier = attributes.identifier if attributes else ""
    return f"{line.rstrip(' #')} {{#{identifier}}}" if identifier else line
