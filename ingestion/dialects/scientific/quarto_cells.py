"""Cells of Quarto: blocks of code, and the options of those that run.

https://quarto.org/docs/reference/cells/cells-knitr.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingestion.dialects.attributes import read_attributes
from ingestion.dialects.scientific.directives import without_indent

FENCE = re.compile(
    r"(?P<indent>[ \t]*)(?P<fence>`{3,}(?=[^`]*$)|~{3,})[ \t]*"
    r"(?P<info>(?P<braces>\{+)(?P<inside>[^{}]*)\}+|[^{}\s]*)(?P<rest>.*)"
)
OPTION = re.compile(r"[ \t]*(?:#|//|--|%%|%)\|(?P<rest>.*)")
VALUE = re.compile(r" ?(?P<key>[\w.-]+)[ \t]*:(?:[ \t]+(?P<value>.*)|[ \t]*)")
BLOCK_MARKS = {"|", ">", "|-", ">-", "|+", ">+"}
"""They stand in front of a value on the lines below."""


def cell_lines(fence: re.Match[str], body: Sequence[str]) -> Iterator[str]:
    """A block of code; one that runs loses its options, and shows nothing if these say so."""
    inside, indent, mark = fence["inside"], fence["indent"], fence["fence"]
    if inside is None or fence["braces"] != "{":
        info = fence["info"].replace("{{", "{").replace("}}", "}")
        yield from (f"{indent}{mark}{info}{fence['rest']}", *body, f"{indent}{mark}")
        return
    if inside.startswith("="):
        if inside.strip() == "=html":
            yield from ("", *(without_indent(line, len(indent)) for line in body), "")
        return
    attributes = read_attributes(inside)
    options = dict(attributes.pairs)
    given, code = _options(body)
    options |= given
    is_shown = all(
        options.get(key, "").strip(" \"'").lower() != "false" for key in ("echo", "include")
    )
    if is_shown:
        yield from (f"{indent}{mark}{attributes.name}", *code, f"{indent}{mark}")
    for key in ("fig-cap", "tbl-cap", "lst-cap"):
        if caption := options.get(key, "").strip(" \"'"):
            yield from ("", indent + caption, "")


def _options(body: Sequence[str]) -> tuple[dict[str, str], Sequence[str]]:
    """The options on top of code that runs, each in one line, and the code without them."""
    options: dict[str, str] = {}
    key = ""
    start = next((number for number, line in enumerate(body) if line.strip()), len(body))
    end = start
    while end < len(body) and (option := OPTION.fullmatch(body[end])):
        end += 1
        if found := VALUE.fullmatch(option["rest"]):
            key, value = found["key"], (found["value"] or "").strip()
            options[key] = "" if value in BLOCK_MARKS else value
        elif key:
            more = option["rest"].strip().removeprefix("- ").strip("\"'")
            options[key] = f"{options[key]} {more}".strip()
    return options, body[end:]
