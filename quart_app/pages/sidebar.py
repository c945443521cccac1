"""The sidebar: the chapters in their groups, as they stand beside the one that is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quart_app.pages.contents import Chapter, Part

OPEN = 40
"""Chapters of a book whose groups are all open; of a larger one only that which is read is."""
LISTED = 300
"""Chapters of a book whose sidebar lists all of them; of a larger one it lists the open group."""


@dataclass(frozen=True, slots=True)
class Group:
    """Chapters of one folder; `title` is "" for those in none.

    Where `chapters` are none, the group is a line that leads to `href`, its first chapter.
    `is_cut` says that it has more than it lists.
    """

    title: str
    chapters: tuple[Chapter, ...]
    href: str
    is_open: bool = False
    is_cut: bool = False


def sidebar(parts: Sequence[Part], present: str = "") -> tuple[Group, ...]:
    """The groups of a book, of which the chapter with the address `present` is read.

    However large the book, a page lists about `LISTED` chapters at most, and a line for each
    other group.
    """
    chapters = sum(len(part.chapters) for part in parts)
    return tuple(_group(part, present, chapters) for part in parts)


def _group(part: Part, present: str, chapters: int) -> Group:
    place = next((n for n, one in enumerate(part.chapters) if one.href == present), None)
    href = part.chapters[0].href
    if chapters <= LISTED:
        return Group(part.title, part.chapters, href, place is not None or chapters <= OPEN)
    if part.title and place is None:
        return Group(part.title, (), href)
    start = max(0, (place or 0) - LISTED // 2)
    listed = part.chapters[start : start + LISTED]
    return Group(part.title, listed, href, place is not None, len(listed) < len(part.chapters))
