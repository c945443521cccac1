"""Sentences of HTML that stands between the Markdown of a page, as in `<details>` and layouts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html import unescape

from chains.language.boundaries import sentence_spans

PART = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][\w-]{0,40})[^<>]{0,4000}>|&#?\w{1,31};|[^<&]+|.", re.DOTALL
)
INLINE = frozenset({
    "a", "abbr", "b", "bdi", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd",
    "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var",
})  # fmt: skip
"""Tags within a sentence; any other parts two of them."""
NO_PROSE = frozenset({
    "pre", "table", "figcaption", "figure", "caption", "svg", "math", "button",
    "select", "iframe", "video", "audio", "object", "h1", "h2", "h3", "h4", "h5",
    "h6", "nav",
})  # fmt: skip
"""What holds no sentences; a cell of a table does, if it is written as one."""
CLOSED = re.compile(r"[.!?…。！？][\"'”’»)\]]*\s*\Z")
LEAST_OF_CELL = 5
"""Words of a sentence in a table, whose cells mostly hold notes."""


def html_sentences(source: str) -> Iterator[tuple[int, int, str]]:
    """Where each sentence of a block of HTML stands, and its text as a reader sees it. What does
    not end as a sentence is none: labels, names, numbers.

    >>> [text for _, _, text in html_sentences("<p>It <b>turns</b>. Twice.</p><p>Fig. 3</p>")]
    ['It turns.', 'Twice.']
    """
    letters: list[tuple[str, int, int]] = []
    above: Counter[str] = Counter()
    for part in PART.finditer(source):
        name = (part["name"] or "").lower()
        if not name:
            if part[0][0] == "&" and len(part[0]) > 1:
                letters.append((unescape(part[0])[:1], part.start(), part.end()))
            else:
                letters += (
                    (one, place, place + 1) for place, one in enumerate(part[0], part.start())
                )
        elif name not in INLINE:
            yield from _of(letters, above)
            letters = []
            if name in NO_PROSE:
                name = "table" if name == "table" else "other"
                above[name] = max(above[name] + (-1 if part["end"] else 1), 0)
    yield from _of(letters, above)


def _of(
    letters: list[tuple[str, int, int]], above: Mapping[str, int]
) -> Iterator[tuple[int, int, str]]:
    """The sentences of a run of letters, each with its place in the source."""
    if above.get("other"):
        return
    is_cell = bool(above.get("table"))
    text = "".join(one if one != "\n" else " " for one, _, _ in letters)
    if not CLOSED.search(text):
        return
    for start, end in sentence_spans(text):
        shown = " ".join(text[start:end].split())
        if any(map(str.isalpha, shown)) and (not is_cell or shown.count(" ") >= LEAST_OF_CELL - 1):
            yield letters[start][1], letters[end - 1][2], shown
