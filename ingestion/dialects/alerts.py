"""Alerts of GitHub: quotes that begin with `[!NOTE]`, as admonitions.

https://docs.github.com/en/get-started/writing-on-github
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingestion.dialects.boxes import box
from ingestion.dialects.scientific.directives import closing_line

ALERT = re.compile(r"(?P<indent> {0,3})>[ \t]*\[!(?P<kind>[A-Za-z]+)\][+-]?[ \t]*(?P<title>.*)")
QUOTED = re.compile(r" {0,3}> ?(?P<text>.*)")
FENCE = re.compile(r"[ \t]*(?P<fence>`{3,}(?=[^`]*$)|~{3,}).*")


def with_alerts(text: str) -> str:
    """A page's text with its alerts as admonitions.

    >>> with_alerts("> [!TIP]\\n> Turn slowly.").split()
    [':::tip', 'Turn', 'slowly.', ':::']
    """
    return "\n".join(_lines(text.split("\n"))) if "[!" in text else text


def _lines(lines: Sequence[str]) -> Iterator[str]:
    number = 0
    while number < len(lines):
        if fence := FENCE.fullmatch(lines[number]):
            end = closing_line(lines, number, fence["fence"]) + 1
            yield from lines[number:end]
            number = end
        elif alert := ALERT.fullmatch(lines[number]):
            number += 1
            inner: list[str] = []
            while number < len(lines) and (quoted := QUOTED.fullmatch(lines[number])):
                inner.append(quoted["text"])
                number += 1
            yield from box(alert["kind"].lower(), alert["title"].strip(), inner)
        else:
            yield lines[number]
            number += 1
