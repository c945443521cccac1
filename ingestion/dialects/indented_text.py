"""Text that is indented below the tags of components, where CommonMark would take it for code."""

from __future__ import annotations

import re

from ingestion.dialects.scientific.directives import closing_line, without_indent

FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}(?=[^`]*$)|~{3,}).*")
ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
CODE = 4
"""Blanks in front of a line that make it code."""


def without_indented_code(text: str) -> str:
    """A page's text as MDX has it, in which no indentation makes code. Lists stay as they are.

    >>> without_indented_code("Run:\\n\\n    **Linux**\\n")
    'Run:\\n\\n**Linux**\\n'
    """
    lines = text.split("\n")
    made: list[str] = []
    number, is_list = 0, False
    while number < len(lines):
        line = lines[number].expandtabs(4) if lines[number][:1] == "\t" else lines[number]
        indent = len(line) - len(line.lstrip(" "))
        is_list = bool(ITEM.match(line)) or (is_list and (indent > 0 or not line.strip()))
        end = number + 1
        if fence := FENCE.fullmatch(line):
            end = min(closing_line(lines, number, fence["fence"]) + 1, len(lines))
        is_moved = indent >= CODE and not is_list
        width = indent if is_moved else 0
        made += (without_indent(one, width) if is_moved else one for one in lines[number:end])
        number = end
    return "\n".join(made)
