"""Blocks of a source that are quoted as they stand: fenced code, formulas, rows of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

MOST_LINES = 25
"""Lines of code beyond which a block is no answer but a chapter of its own."""
DRAWN = {"mermaid", "dot", "graphviz", "plantuml", "math", "latex"}
"""Languages whose code is shown as a picture."""
_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)")
_RULE = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_LANGUAGE = re.compile(r"\{?\.?([\w+#-]+)")
_POINTS_AWAY = re.compile(r"\]\(|<\w|\?\s*(?:\||\Z)")
"""A row with a link, an element or a question: of a list of pages or of exercises."""
_INCLUDE = re.compile(r"\{\{#\w+ ")


@dataclass(frozen=True, slots=True)
class Block:
    """Code, a formula, or one row of a table.

    `start` and `end` are code points into the source's content. `text` is what is quoted of it: of
    code the fence and all in it, of a row the row. `header` is the head of the row's table, with
    the rule below it.
    """

    kind: Literal["code", "formula", "row"]
    start: int
    end: int
    text: str
    header: str = ""


def find_blocks(content: str) -> tuple[Block, ...]:
    """The blocks of a source in the order in which they stand there.

    Code that is cut in two by the end of the source, or that another file holds, is left out, and
    so are rows that lead elsewhere.

    >>> [block.text for block in find_blocks("| Robot | Year |\\n|--|--|\\n| ASIMO | 2000 |")]
    ['| ASIMO | 2000 |']
    """
    lines = content.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    if not any(mark in content for mark in ("```", "~~~", "|", "$$", "\\[")):
        return ()
    return tuple(_blocks([line.rstrip("\r\n") for line in lines], starts))


def _blocks(lines: list[str], starts: list[int]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        opening = _FENCE.fullmatch(lines[at])
        if opening:
            end = _closing(lines, at, opening)
            if end is None:
                # A source that begins or ends within code: what is code cannot be told.
                return
            if block := _code(lines, starts, at, end, opening):
                yield block
            at = end + 1
        elif formula := _formula(lines, starts, at):
            end, block = formula
            yield block
            at = end + 1
        elif at + 1 < len(lines) and "|" in lines[at] and _RULE.fullmatch(lines[at + 1]):
            header = f"{lines[at].strip()}\n{lines[at + 1].strip()}"
            at += 2
            while at < len(lines) and "|" in lines[at] and not _FENCE.fullmatch(lines[at]):
                if not _POINTS_AWAY.search(lines[at]):
                    yield Block("row", starts[at], starts[at + 1], lines[at].strip(), header)
                at += 1
        else:
            at += 1


def _formula(lines: list[str], starts: list[int], at: int) -> tuple[int, Block] | None:
    """A formula that begins with this line, and the number of its last line."""
    first = lines[at].strip()
    close = {"$$": "$$", "\\[": "\\]"}.get(first[:2])
    if close is None:
        return None
    for end in range(at, min(at + MOST_LINES, len(lines))):
        last = lines[end].strip()
        if last.endswith(close) and (end > at or len(first) > len(close) + 2):
            text = "\n".join(line.strip() for line in lines[at : end + 1])
            return end, Block("formula", starts[at], starts[end + 1], text)
    return None


def _closing(lines: list[str], at: int, opening: re.Match[str]) -> int | None:
    for number in range(at + 1, len(lines)):
        line = lines[number].strip()
        if line.startswith(opening["mark"]) and not line.strip(opening["mark"][0]):
            return number
    return None


def _code(
    lines: list[str], starts: list[int], at: int, end: int, opening: re.Match[str]
) -> Block | None:
    language = _LANGUAGE.match(opening["info"].strip())
    name = language[1].casefold() if language else ""
    indent = opening["indent"]
    code = [line.removeprefix(indent) for line in lines[at + 1 : end]]
    text = "\n".join(code)
    if not text.strip() or len(code) > MOST_LINES or name in DRAWN or _INCLUDE.search(text):
        return None
    shown = f"{opening['mark']}{name}\n{text}\n{opening['mark']}"
    return Block("code", starts[at], starts[end + 1], shown)
