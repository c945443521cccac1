"""The table of contents of a page: its headings, each below the one that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingestion.markdown.parser import Heading


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading, and those of deeper levels that follow it."""

    text: str
    anchor: str
    entries: list[Entry] = field(default_factory=list)


def outline(headings: Iterable[Heading]) -> list[Entry]:
    """The headings as a tree. One without a heading of a higher level above it is at the top."""
    top: list[Entry] = []
    above: list[tuple[int, list[Entry]]] = [(0, top)]
    for heading in headings:
        entry = Entry(heading.text, heading.anchor)
        while above[-1][0] >= heading.level:
            above.pop()
        above[-1][1].append(entry)
        above.append((heading.level, entry.entries))
    return top
