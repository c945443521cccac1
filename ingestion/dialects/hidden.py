"""Hidden text: what authors write beside the book, for themselves or for a browser."""

from __future__ import annotations

import re

from ingestion.dialects.apart_from_code import OPENING, CodeEnds

HIDDEN = re.compile(r"<!--|<(?P<element>script|style|template)\b|\{/\*(?!\s*#)", re.IGNORECASE)
"""Not `{/* #id */}`, the anchor of a heading."""
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
    kept: list[str] = []
    done, at, count = 0, 0, 0
    while match := EITHER.search(text, at):
        if not match["hidden"]:
            at = code.of(match) or match.end()
            continue
        end = ends.of(match)
        if end is None:
            at = match.end()
            continue
        kept += [text[done : match.start()], "\n" * text.count("\n", match.start(), end)]
        done = at = end
        count += 1
    return "".join(kept) + text[done:], count


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
