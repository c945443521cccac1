"""Hidden text: what authors write beside the book, for themselves or for a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingestion.dialects.apart_from_code import OPENING, CodeEnds

HIDDEN = re.compile(r"<!--|<(?P<element>script|style|template)\b|\{/\*", re.IGNORECASE)
HEADING = re.compile(r"^ {0,3}#.*$", re.MULTILINE)
HEADING_ID = re.compile(r"\{/\*\s*#?[^\s*]+\s*\*/\}")
"""As `## Title {/* #id */}`, which is no comment."""
EITHER = re.compile(f"{OPENING.pattern}|(?P<hidden>{HIDDEN.pattern})", re.MULTILINE | re.IGNORECASE)


def without_hidden(text: str) -> tuple[str, int]:
    """The text without comments, scripts, styles and templates, and how many these were. Lines
    stay where they are, and code as it is.

    >>> without_hidden("A pump.<!-- the key is 4 --> Two `<!-- -->` pumps.")
    ('A pump. Two `<!-- -->` pumps.', 1)
    """
    if not HIDDEN.search(text):
        return text, 0
    code, ends = CodeEnds(text), _HiddenEnds(text)
    anchors = set(_anchors(text))
    kept: list[str] = []
    done, at, count = 0, 0, 0
    while match := EITHER.search(text, at):
        if not match["hidden"]:
            at = code.of(match) or match.end()
            continue
        end = ends.of(match)
        if end is None or match.start() in anchors:
            at = match.end()
            continue
        kept += [text[done : match.start()], "\n" * text.count("\n", match.start(), end)]
        done = at = end
        count += 1
    return "".join(kept) + text[done:], count


def _anchors(text: str) -> Iterator[int]:
    """Where the ids of headings stand."""
    for heading in HEADING.finditer(text):
        line = heading[0].rstrip()
        start = line.rfind("{/*")
        if start >= 0 and HEADING_ID.fullmatch(line, start):
            yield heading.start() + start


class _HiddenEnds:
    """Where hidden text ends; what is not found once is not looked for again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._missing: set[str] = set()

    def of(self, opening: re.Match[str]) -> int | None:
        """The end of what opens there; None where it never ends. A comment that begins a line
        then goes to the end of the text, as in a browser."""
        element = (opening["element"] or "").lower()
        mark = f"</{element}" if element else "-->" if opening["hidden"] == "<!--" else "*/}"
        if mark not in self._missing:
            end = re.compile(re.escape(mark), re.IGNORECASE).search(self._text, opening.end())
            if end and element:
                return self._text.find(">", end.end()) + 1 or len(self._text)
            if end:
                return end.end()
        self._missing.add(mark)
        begins_line = self._text[max(opening.start() - 1, 0) : opening.start()] in ("", "\n")
        return len(self._text) if mark == "-->" and begins_line else None
