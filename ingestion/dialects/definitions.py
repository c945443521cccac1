"""Definition lists: terms, and below each what it means behind a colon.

https://pandoc.org/MANUAL.html#definition-lists and
https://python-markdown.github.io/extensions/definition_lists/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MEANING = re.compile(r"(?P<lead>[ \t]*):(?P<gap>[ \t]+)(?P<text>\S.*)")
FENCE = re.compile(r"[ \t]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(?P<fence>`{3,}(?=[^`]*$)|~{3,}).*")
NO_TERM = re.compile(r"[ \t]*(?:[|>:<]|#{1,6}[ \t]|(?:[-*+]|\d{1,9}[.)])[ \t]|[-+=]{3,}|`{3}|~{3})")
"""What begins a line that is no term: a row, a quote, a heading, an item of a list."""
COMMENT = re.compile(r"[ \t]*<!--(?:(?!-->).)*-->[ \t]*")
BLOCK = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]|`{3}|~{3}|\||:{3}|>)")
"""What begins a meaning that is no sentence."""
LONGEST = 200
"""Characters of a term."""
MOST_TERMS = 10
"""Of one meaning."""


def with_definitions(text: str) -> str:
    """A text whose definition lists are paragraphs, each term in bold in front of its meaning.

    >>> with_definitions("Gear\\n:   A wheel\\n    with teeth.\\n")
    '**Gear**: A wheel\\nwith teeth.\\n'
    """
    if not re.search(r"^[ \t]*:[ \t]+\S", text, re.MULTILINE):
        return text
    return "\n".join(_List(text.split("\n")).lines())


class _List:
    def __init__(self, lines: Sequence[str]) -> None:
        self.given = lines
        self.made: list[str] = []

    def lines(self) -> list[str]:
        number = 0
        while number < len(self.given):
            line = self.given[number]
            if fence := FENCE.fullmatch(line):
                end = _code_end(self.given, number, fence["fence"])
                self.made += self.given[number:end]
                number = end
            elif (meaning := MEANING.fullmatch(line)) and (
                (terms := self._terms(meaning["lead"])) or self._is_below_comment()
            ):
                number = self._define(number, terms)
            else:
                self.made.append(line)
                number += 1
        return self.made

    def _terms(self, lead: str) -> list[str]:
        """The terms that were just written, taken off again; [] where there is none."""
        end = len(self.made)
        if end and not self.made[end - 1].strip():
            end -= 1
        start = end
        while start and self._goes_on(start - 1, lead) and end - start <= MOST_TERMS:
            start -= 1
        terms = self.made[start:end]
        if len(terms) > MOST_TERMS or not all(_is_term(term, lead) for term in terms):
            return []
        if terms:
            del self.made[start:]
        return [term.strip() for term in terms]

    def _is_below_comment(self) -> bool:
        """Whether a comment, which a site generator may replace, stands where a term would."""
        above = next((line for line in reversed(self.made) if line.strip()), "")
        return COMMENT.fullmatch(above) is not None

    def _goes_on(self, number: int, lead: str) -> bool:
        line = self.made[number]
        return bool(line.strip()) and line.startswith(lead)

    def _define(self, number: int, terms: Sequence[str]) -> int:
        """Write what the terms mean, which begins on a line; the number of the line behind it."""
        named = ", ".join(term if term.startswith("**") else f"**{term}**" for term in terms)
        head = f"{named}: " if terms else ""
        while number < len(self.given) and (meaning := MEANING.fullmatch(self.given[number])):
            end = _meaning_end(self.given, number)
            lead = meaning["lead"]
            first, rest = meaning["text"], _dedented(self.given[number + 1 : end], lead)
            if BLOCK.match(first) and head:
                self.made += (lead + head.rstrip(), "")
                head = ""
            self.made += (lead + head + first, *(lead + line if line else "" for line in rest))
            head, number = "", end
            following = _next_full(self.given, number)
            if following < len(self.given) and MEANING.fullmatch(self.given[following]):
                self.made.append("")
                number = following
        return number


def _is_term(line: str, lead: str) -> bool:
    is_there = line.startswith(lead) and not line[len(lead) :].startswith((" ", "\t"))
    return is_there and len(line) <= LONGEST and not NO_TERM.match(line)


def _meaning_end(lines: Sequence[str], start: int) -> int:
    """The number of the line behind a meaning: it ends before what is not indented, below an empty
    line, and before the next one."""
    opening = MEANING.fullmatch(lines[start])
    width = len(opening["lead"].expandtabs(4)) + 2 if opening else 2
    number = end = start + 1
    is_paragraph = True
    while number < len(lines):
        line = lines[number]
        if not line.strip():
            is_paragraph = False
        elif MEANING.fullmatch(line) or not (is_paragraph or _indent(line) >= width):
            break
        elif fence := FENCE.fullmatch(line):
            if _indent(line) < width:
                break
            number = end = _code_end(lines, number, fence["fence"])
            continue
        else:
            end = number + 1
        number += 1
    return end


def _dedented(lines: Sequence[str], lead: str) -> Iterator[str]:
    """The lines below the first one of a meaning, without what they are indented by."""
    around = len(lead.expandtabs(4))
    widths = [width for line in lines if line.strip() and (width := _indent(line)) > around]
    width = min(widths, default=0)
    for line in lines:
        expanded = line.expandtabs(4)
        yield expanded[min(width, _indent(line)) :].rstrip() if line.strip() else ""


def _code_end(lines: Sequence[str], start: int, fence: str) -> int:
    for number in range(start + 1, len(lines)):
        line = lines[number].strip()
        if len(line) >= len(fence) and not line.strip(fence[0]):
            return number + 1
    return len(lines)


def _next_full(lines: Sequence[str], number: int) -> int:
    while number < len(lines) and not lines[number].strip():
        number += 1
    return number


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))
