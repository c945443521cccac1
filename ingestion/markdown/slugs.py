"""Slugs: the anchors that generators make of the texts of headings."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Literal

KEPT_CATEGORIES = {"Nd", "Nl", "Pc"}
"""Beside letters and marks; the rest of Unicode but "-" and " " falls out of an anchor."""
SPELLED = str.maketrans({
    "ß": "sz", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ŧ": "t",
    "ƀ": "b", "ƈ": "c", "ƌ": "d", "ƒ": "f", "ƙ": "k", "ƚ": "l", "ƞ": "n", "ƥ": "p", "ƫ": "t",
    "ƭ": "t", "ƴ": "y", "ƶ": "z", "ǥ": "g", "ȥ": "z", "ȡ": "d", "ȷ": "j", "ȸ": "db", "ȹ": "qp",
})  # fmt: skip
"""Letters that docutils spells out, as they have no plain one within them."""


@dataclass(frozen=True, slots=True)
class Slugs:
    """`slug` makes an anchor of a heading's text, before numbering; `numbered` the nth other one
    of an anchor that is taken, from 1; `shown` is what becomes of text outside of code before."""

    slug: Callable[[str], str]
    numbered: Callable[[str, int], str]
    empty: Literal["first", "numbered", "none"] = "first"
    """Whether a text of which nothing is left gets an empty anchor, a number, or none."""
    shown: Callable[[str], str] = str


def github(text: str) -> str:
    """As github-slugger makes it: https://github.com/Flet/github-slugger."""
    kept = (char for char in text.lower() if _is_kept(char))
    return "".join(kept).replace(" ", "-")


def mdbook(text: str) -> str:
    """As mdBook makes it: `normalize_id` of its crate."""
    kept = (char for char in text.strip() if char.isalnum() or char in "_-" or char.isspace())
    return "".join("-" if char.isspace() else char for char in kept).lower()


def python_markdown(text: str) -> str:
    """As Python-Markdown's `slugify` makes it, which keeps ASCII alone."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def pymdownx(text: str) -> str:
    """As `pymdownx.slugs.slugify` makes it in lower case, which keeps all letters."""
    kept = re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", text).strip().lower())
    return kept.replace(" ", "-")


def vitepress(text: str) -> str:
    """As VitePress makes it: `slugify` of @mdit-vue/shared."""
    plain = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFKD", text))
    dashed = re.sub(r"""[\s~`!@#$%^&*()\-_+=[\]{}|\\;:"'“”‘’<>,.?/]+""", "-", plain)
    return re.sub(r"^(\d)", r"_\1", re.sub(r"[\x00-\x1f]", "", dashed).strip("-")).lower()


def _with_dashes(text: str) -> str:
    return re.sub("-{2,3}", "–", text)


def _with_long_dashes(text: str) -> str:
    return re.sub("(?<!-)--(?!-)", "—", text)


def _is_kept(char: str) -> bool:
    category = unicodedata.category(char)
    return char in "- " or category[0] in "LM" or category in KEPT_CATEGORIES


def docutils(text: str) -> str:
    """As docutils makes it, for Sphinx: https://docutils.sourceforge.io/docs/ref/rst/directives.html"""
    lower = " ".join(text.lower().split()).translate(SPELLED)
    plain = unicodedata.normalize("NFKD", lower).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"^[-0-9]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", plain))


def mystmd(text: str) -> str:
    """As mystmd makes it."""
    name = re.sub(r"^([0-9-])", r"id-\1", re.sub(r"[^a-z0-9-]", "-", text.lower()))
    return re.sub(r"-{2,}", "-", name).strip("-")


def pandoc(text: str) -> str:
    """As Pandoc makes it, for Quarto: https://pandoc.org/MANUAL.html#extension-auto_identifiers"""
    kept = (char for char in text.lower() if char.isspace() or char.isalnum() or char in "_-.")
    words = "-".join("".join(kept).split())
    start = next((place for place, char in enumerate(words) if char.isalpha()), len(words))
    return words[start:] or "section"


def goldmark(text: str) -> str:
    """As goldmark makes it, for Hugo."""
    kept = (
        char for char in text.strip().lower() if char in "-_ " or char.isalpha() or char.isdecimal()
    )
    return "".join(kept).replace(" ", "-") or "heading"


def goldmark_ascii(text: str) -> str:
    """As Hugo makes it where `autoHeadingIDType` is "github-ascii"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return goldmark(plain)


def blackfriday(text: str) -> str:
    """As Hugo makes it where `autoHeadingIDType` is "blackfriday"."""
    kept = (char if unicodedata.category(char)[0] in "LN" else " " for char in text.lower())
    return "-".join("".join(kept).split())


def _with_hyphen(anchor: str, number: int) -> str:
    return f"{anchor}-{number}"


def _with_underscore(anchor: str, number: int) -> str:
    return f"{anchor}_{number}"


SLUGS: Mapping[str, Slugs] = {
    "github": Slugs(github, _with_hyphen),
    "docutils": Slugs(docutils, lambda _anchor, number: f"id{number}", empty="numbered"),
    "myst": Slugs(mystmd, _with_hyphen, empty="none"),
    "pandoc": Slugs(pandoc, _with_hyphen),
    "goldmark": Slugs(goldmark, _with_hyphen, shown=_with_dashes),
    "goldmark-plain": Slugs(goldmark, _with_hyphen),
    "goldmark-ascii": Slugs(goldmark_ascii, _with_hyphen, shown=_with_dashes),
    "blackfriday": Slugs(blackfriday, _with_hyphen),
    "none": Slugs(lambda _text: "", _with_hyphen, empty="none"),
    "mdbook": Slugs(mdbook, _with_hyphen, shown=_with_dashes),
    "mdbook-plain": Slugs(mdbook, _with_hyphen),
    "python-markdown": Slugs(python_markdown, _with_underscore, empty="numbered"),
    "pymdownx": Slugs(pymdownx, _with_underscore, empty="numbered"),
    "starlight": Slugs(github, _with_hyphen, shown=_with_long_dashes),
    "vitepress": Slugs(vitepress, _with_hyphen),
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
        if not anchor and self._slugs.empty != "first":
            if self._slugs.empty == "none":
                return ""
            name = self._slugs.numbered(anchor, 1)
        while name in self._taken or name in reserved:
            self._numbers[anchor] += 1
            name = self._slugs.numbered(anchor, self._numbers[anchor])
        self._taken.add(name)
        return name
