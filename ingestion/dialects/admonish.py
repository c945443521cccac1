"""Boxes that mdbook-admonish writes as fences: ```` ```admonish tip title="Size" ````.

https://tommilligan.github.io/mdbook-admonish/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingestion.dialects.boxes import box
from ingestion.dialects.scientific.directives import closing_line

OPENING = re.compile(
    r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<word>admonish\b|[^\s`]*)(?P<rest>[^`]*)"
)
TITLE = re.compile(
    r"(?:^|[\s,])title[ \t]*=[ \t]*(?:\"([^\"]*)\"|'([^']*)')|[ \t]\"([^\"]*)\"[ \t]*$"
)
KIND = re.compile(r"[ \t]*([a-z][\w-]*)(?![\w-]*[ \t]*=)")
DEEPEST = 5


def with_admonish_boxes(text: str) -> str:
    """A page's text with its boxes as admonitions.

    >>> with_admonish_boxes("```admonish tip\\nMore.\\n```").split()
    [':::tip', 'More.', ':::']
    """
    return "\n".join(_blocks(text.split("\n"), 0)) if "admonish" in text else text


def _blocks(lines: Sequence[str], depth: int) -> Iterator[str]:
    number = 0
    while number < len(lines):
        opening = OPENING.fullmatch(lines[number])
        if opening is None:
            yield lines[number]
            number += 1
            continue
        end = closing_line(lines, number, opening["fence"])
        if opening["word"] != "admonish" or depth >= DEEPEST:
            yield from lines[number : end + 1]
        else:
            inner = _blocks(lines[number + 1 : end], depth + 1)
            indent = opening["indent"]
            made = box(
                *_kind_and_title(opening["rest"]), [one.removeprefix(indent) for one in inner]
            )
            yield from (indent + line if line else line for line in made)
        number = end + 1


def _kind_and_title(rest: str) -> tuple[str, str]:
    kind, title = KIND.match(rest), TITLE.search(rest)
    shown = next((one for one in title.groups() if one), "") if title else ""
    return kind[1] if kind else "note", shown.replace("[", "(").replace("]", ")")
