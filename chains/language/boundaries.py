"""Where one sentence of prose ends and the next begins.

Rules for English and languages written like it: an end mark, perhaps closing quotes, a space,
and a beginning in upper case, a digit or an opening quote; Chinese and Japanese end marks need
no space. In doubt the text stays together: a sentence that is too long is still true to the book.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CLOSING = "\"'”’»)\\]"
OPENING = "\"'“‘«(["
BOUNDARY = re.compile(
    rf"(?<![.!?…])[.!?…]++[{CLOSING}]*(?P<gap>[ \t]+)"
    rf"|(?<![。！？])[。！？]++[{CLOSING}」』]*(?P<none>)|(?P<line>\n)"
)
WORD_BEFORE = re.compile(r"[^\s(\[\"“‘'/—]*\Z")
NEVER_LAST = re.compile(
    r"e\.g|i\.e|cf|vs|viz|resp|approx|ca|dr|mr|mrs|ms|prof|st|gen|col|capt", re.IGNORECASE
)
"""Followed by more of the same sentence, whatever comes."""
BEFORE_NUMBER = re.compile(
    r"figs?|eqn?s?|secs?|sect|ch|chaps?|nos?|nr|vols?|pp?|pt|refs?|tabs?|ex|def|thm|app|art|ver"
    r"|v|al|max|min",
    re.IGNORECASE,
)
"""Followed by more where a number, a bracket or capitals on their own come."""
INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
NUMBERED = re.compile(r"[\d(\[]|[A-Z]+\b|[A-Z]\d")


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """The places of the sentences of a paragraph, in order, without the space between them.

    A line break in `text` ends a sentence: it stands for a break that the author set.

    >>> text = "See Fig. 3 of Dr. Kato. It walks."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['See Fig. 3 of Dr. Kato.', 'It walks.']
    """
    start = 0
    for match in BOUNDARY.finditer(text):
        gap = next(name for name in ("gap", "none", "line") if match[name] is not None)
        if gap == "gap" and not _is_end(text, start, match):
            continue
        yield from _trimmed(text, start, match.start(gap))
        start = match.end(gap)
    yield from _trimmed(text, start, len(text))


def _is_end(text: str, start: int, match: re.Match[str]) -> bool:
    if not _begins(text[match.end() : match.end() + 2]):
        return False
    if match[0].rstrip() != ".":
        return True
    word = _word_before(text, start, match.start())
    if NEVER_LAST.fullmatch(word):
        return False
    if BEFORE_NUMBER.fullmatch(word) and NUMBERED.match(text, match.end()):
        return False
    return not (INITIALS.fullmatch(word) and word[0].isupper())


def _begins(following: str) -> bool:
    first = following.lstrip(OPENING)[:1] or following[:1]
    return bool(first) and not first.islower() and (first.isalnum() or first in OPENING)


def _word_before(text: str, start: int, end: int) -> str:
    match = WORD_BEFORE.search(text, max(start, end - 20), end)
    return match[0] if match else ""


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    if part.strip():
        yield start, start + len(part.strip())
