"""Bodies: what stands in directives and is no Markdown, as Markdown: terms, rows, cards, excerpts.

https://www.sphinx-doc.org/en/master/usage/restructuredtext/directives.html
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

RULE = re.compile(r"[ \t]*(?:\^{3,}|\+{3,})[ \t]*(?:\S.{0,200})?")
"""What parts a card from its head and foot."""
PARTING = re.compile(r"[ \t]*-{3,}[ \t]*")
"""What parts a panel from the next one."""
RANGE = re.compile(r"(\d{0,9})(?:-(\d{0,9}))?")


def glossary(lines: Sequence[str]) -> Iterator[str]:
    """Terms, each in bold in front of what it means.

    >>> list(glossary(["Period", "Cycle", "  How long a wave takes."]))
    ['', '**Period**, **Cycle**: How long a wave takes.']
    """
    terms: list[str] = []
    for line in lines:
        text = line.strip()
        if text and not line[0].isspace() and text[0] != ":":
            terms.append(text.partition(" : ")[0])
        elif terms and text:
            yield ""
            yield ", ".join(f"**{term}**" for term in terms) + f": {text.lstrip(': ')}"
            terms = []
        else:
            yield text
    yield from (f"**{term}**" for term in terms)


def rows(lines: Sequence[str], options: Mapping[str, str]) -> Iterator[str]:
    """A table of comma-separated values as one of Markdown.

    >>> list(rows(['1, "2, 3"'], {"header": "a, b"}))
    ['', '| a | b |', '| --- | --- |', '| 1 | 2, 3 |', '']
    """
    given = [options["header"], *lines] if options.get("header") else [*lines]
    mark = {"tab": "\t", "space": " "}.get(options.get("delim", ","), options.get("delim", ","))
    try:
        found = [row for row in csv.reader(given, delimiter=mark, skipinitialspace=True) if row]
    except (csv.Error, TypeError):
        yield from lines
        return
    width = max(map(len, found), default=0)
    yield ""
    for number, row in enumerate(found):
        cells = (cell.strip().replace("|", "\\|").replace("\n", " ") for cell in row)
        yield "| " + " | ".join([*cells, *[""] * (width - len(row))]) + " |"
        if not number:
            yield "| " + " | ".join(["---"] * width) + " |"
    yield ""


def items(lines: Sequence[str], *, parted: bool) -> Iterator[str]:
    """A card without what parts its head and foot; panels also without what parts them."""
    return (
        "" if RULE.fullmatch(one) or (parted and PARTING.fullmatch(one)) else one for one in lines
    )


def excerpt(text: str, options: Mapping[str, str]) -> list[str]:
    """The lines of a file that a directive puts in.

    >>> excerpt("a\\nb\\nc", {"lines": "1,3-"})
    ['a', 'c']
    >>> excerpt("a\\nb\\nc", {"start-after": "a", "end-before": "c"})
    ['b']
    """
    lines = text.removesuffix("\n").split("\n")
    first, last = _number(options.get("start-line")) or 0, _number(options.get("end-line"))
    lines = lines[first:last]
    for key, is_after in (("start-after", 1), ("start-at", 0)):
        if mark := options.get(key):
            place = _line_with(mark, lines)
            lines = lines[place + is_after :] if place is not None else []
    for key, is_after in (("end-before", 0), ("end-at", 1)):
        if mark := options.get(key):
            place = _line_with(mark, lines)
            lines = lines if place is None else lines[: place + is_after]
    if not (wanted := options.get("lines")):
        return lines
    chosen: list[str] = []
    for part in wanted.split(",")[:100]:
        if found := RANGE.fullmatch(part.strip()):
            start = int(found[1] or 1)
            end = start if "-" not in part else int(found[2] or len(lines))
            chosen += lines[max(0, start - 1) : end]
    return chosen


def _line_with(mark: str, lines: Sequence[str]) -> int | None:
    return next((number for number, line in enumerate(lines) if mark in line), None)


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else None
