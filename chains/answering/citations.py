"""The filter that lets only such citations into an answer as have a source."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chains.answering.prose import Bracket, Prose
from chains.events import Source

LONGEST_BLANK = 200
"""Blanks that wait at most for the citation that may follow them."""
MOST_NUMBERS = 8
_RANGE = re.compile(r"(\d+) ?[–-] ?(\d+)")


class Citations:
    """Lets text through piece by piece and drops each ``[n]`` that has no source.

    Only what may become a citation waits for the next piece. The forms that models use become
    one: ``[1, 3]``, ``[1-3]``, ``【1】`` and ``[^1]``. A list in which a number has no source is no
    citation and stays as it is; so do brackets in formulas and in code, and indices (see
    `chains.answering.prose`). `cited` collects the sources that have been cited so far, in order
    of appearance.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self.cited: list[Source] = []
        self._sources = {source.index: source for source in sources}
        self._prose = Prose()
        self._blanks = ""

    def feed(self, text: str, *, is_last: bool = False) -> tuple[str, tuple[Source, ...]]:
        """The part of the text so far that is decided, and the sources that it cites first.

        >>> gait = Source(1, "chunk_1", "gait.md", "Gait", "Gait", "Gait", "/gait", "A rhythm.")
        >>> citations = Citations([gait])
        >>> citations.feed("A rhythm [")
        ('A rhythm', ())
        >>> citations.feed("1], of steps [7].") == (" [1], of steps.", (gait,))
        True
        """
        before = len(self.cited)
        kept = "".join(map(self._keep, self._prose.feed(text, is_last=is_last)))
        if is_last or len(self._blanks) > LONGEST_BLANK:
            kept, self._blanks = kept + self._blanks, ""
        return kept, tuple(self.cited[before:])

    def flush(self) -> tuple[str, tuple[Source, ...]]:
        """What still waits at the end of the answer, and the sources that it cites first."""
        return self.feed("", is_last=True)

    def _keep(self, piece: str | Bracket) -> str:
        blanks, self._blanks = self._blanks, ""
        if isinstance(piece, str):
            kept = piece.rstrip(" \t")
            self._blanks = piece[len(kept) :]
            if kept:
                return blanks + kept
            self._blanks = blanks + self._blanks
            return ""
        numbers = _numbers(piece.numbers)
        if all(number in self._sources for number in numbers):
            return blanks + "".join(map(self._cite, numbers))
        # A blank goes with a citation that is dropped, which leaves no gap before the full stop.
        # Sources are counted from 1, so 0 means something else.
        return "" if len(numbers) == 1 and numbers != [0] else blanks + piece.text

    def _cite(self, number: int) -> str:
        source = self._sources[number]
        if source not in self.cited:
            self.cited.append(source)
        return f"[{number}]"


def _numbers(written: str) -> list[int]:
    """The numbers of a citation, those of a range each; 0, which no source has, for a wrong one."""
    numbers: list[int] = []
    for part in re.split(r"[,;]", written):
        ends = _RANGE.fullmatch(part.strip())
        if ends is None:
            numbers += map(int, re.findall(r"\d+", part))
            continue
        first, last = int(ends[1]), int(ends[2])
        fits = first < last < first + MOST_NUMBERS
        numbers += range(first, last + 1) if fits else (0, 0)
    return numbers
