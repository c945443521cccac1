"""Slugs: the anchors that generators make of the texts of headings."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

KEPT_CATEGORIES = {"Nd", "Nl", "Pc"}
"""Beside letters and marks; the rest of Unicode but "-" and " " falls out of an anchor."""


@dataclass(frozen=True, slots=True)
class Slugs:
    """`slug` makes an anchor of a heading's text, before numbering; `numbered` the nth other one
    of an anchor that is taken, from 1."""

    slug: Callable[[str], str]
    numbered: Callable[[str, int], str]


def github(text: str) -> str:
    """As github-slugger makes it: https://github.com/Flet/github-slugger."""
    kept = (char for char in text.lower() if _is_kept(char))
    return "".join(kept).replace(" ", "-")


def _is_kept(char: str) -> bool:
    category = unicodedata.category(char)
    return char in "- " or category[0] in "LM" or category in KEPT_CATEGORIES


def _with_hyphen(anchor: str, number: int) -> str:
    return f"{anchor}-{number}"


SLUGS: Mapping[str, Slugs] = {
    "github": Slugs(github, _with_hyphen),
}
"""By the name that a page's record keeps."""


class FreeNames:
    """Anchors of one page, each given once."""

    def __init__(self, slugs: Slugs) -> None:
        self._slugs = slugs
        self._taken: set[str] = set()
        self._numbers: Counter[str] = Counter()

    def take(self, anchor: str, reserved: Container[str]) -> str:
        """The anchor, with a number where it is taken or reserved."""
        name = anchor
        while name in self._taken or name in reserved:
            self._numbers[anchor] += 1
            name = self._slugs.numbered(anchor, self._numbers[anchor])
        self._taken.add(name)
        return name
