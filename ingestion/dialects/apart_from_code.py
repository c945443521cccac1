"""Prose: the parts of a Markdown text that are no code, where a dialect's marks mean something."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Protocol

MARKERS = r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
"""What may stand in front of a fence: quotes, indentation, the markers of list items."""
OPENING = re.compile(
    rf"^{MARKERS}(?P<fence>`{{3,}}(?=[^`\n]*$)|~{{3,}})[^\n]*|(?P<ticks>`+)", re.MULTILINE
)
CLOSING = re.compile(r"^[ \t>]*(?P<fence>`{3,}|~{3,})[ \t]*$", re.MULTILINE)
TICKS = re.compile(r"`+")
GAP = re.compile(r"\n(?:[ \t]*\n){2,}")
EMPTY_LINE = re.compile(r"^[ \t]*$", re.MULTILINE)


class Note(Protocol):
    """Takes note of something that was not understood: its kind and an example."""

    def __call__(self, kind: str, example: str, /) -> None:
        """E.g. `note("includes not found", "figures/arm.md")`."""


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in parts, each with whether it is prose; together they are the whole text.

    Code is what fences and backticks enclose, with these.

    >>> list(parts("Run `make` now."))
    [('Run ', True), ('`make`', False), (' now.', True)]
    """
    ends, done, at = CodeEnds(text), 0, 0
    while match := OPENING.search(text, at):
        end = ends.of(match)
        if end is None:
            at = match.end()
            continue
        start = match.start("ticks") if match["ticks"] else match.start()
        if start > done:
            yield text[done:start], True
        yield text[start:end], False
        done = at = end
    if done < len(text):
        yield text[done:], True


def words(text: str) -> frozenset[str]:
    """The words of a text: many names in few lines."""
    return frozenset(text.split())


def rewrite_prose(text: str, rewrite: Callable[[str], str]) -> str:
    """The text with its prose rewritten and its code as it was.

    >>> rewrite_prose("an `a` and a b", str.upper)
    'AN `a` AND A B'
    """
    return "".join(rewrite(part) if is_prose else part for part, is_prose in parts(text))


def rewrite_outside_fences(text: str, rewrite: Callable[[str], str]) -> str:
    """The text with all rewritten but blocks of code.

    >>> rewrite_outside_fences("an `a`\\n```\\nb\\n```\\n", str.upper)
    'AN `A`\\n```\\nb\\n```\\n'
    """
    made: list[str] = []
    waiting = ""
    for part, is_prose in parts(text):
        if is_prose or "\n" not in part:
            waiting += part
        else:
            made += (rewrite(waiting), part)
            waiting = ""
    return "".join([*made, rewrite(waiting)])


def without_gaps(text: str) -> str:
    """The text with one empty line where several stood, but in code.

    >>> without_gaps("a\\n\\n\\n\\nb")
    'a\\n\\nb'
    """
    return rewrite_prose(text, lambda prose: GAP.sub("\n\n", prose))


class CodeEnds:
    """Where code ends, found once for all that ask: a text may hold nothing but openings."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._closings = [
            (match.start(), match["fence"], match.end()) for match in CLOSING.finditer(text)
        ]
        self._ticks: dict[int, list[int]] = {}
        for match in TICKS.finditer(text):
            self._ticks.setdefault(len(match[0]), []).append(match.start())
        self._empty = [match.start() for match in EMPTY_LINE.finditer(text)]

    def of(self, opening: re.Match[str]) -> int | None:
        """The end of what opens there; None for backticks that open nothing."""
        if opening["fence"]:
            return self._of_fence(opening["fence"], opening.end())
        length = len(opening["ticks"])
        same = self._ticks[length]
        number = bisect_left(same, opening.end())
        if number == len(same):
            return None
        blank = bisect_left(self._empty, opening.end())
        if blank < len(self._empty) and self._empty[blank] < same[number]:
            return None  # the paragraph ends before
        return same[number] + length

    def _of_fence(self, fence: str, start: int) -> int:
        first = bisect_left(self._closings, (start,))
        for number in range(first, len(self._closings)):  # a slice would copy what follows
            _, closing, end = self._closings[number]
            if closing[0] == fence[0] and len(closing) >= len(fence):
                return end
        return len(self._text)
