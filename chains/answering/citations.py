"""What of a model's text is a citation, and what it cites."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from chains.answering.brackets import Bracket
from chains.answering.proof.streamed import Ended, Sentences
from chains.answering.prose import Prose

MOST_NUMBERS = 8
_DELIMITERS = "`~$\\"
"""What code and formulas end with."""
_WORDS = re.compile(r"\[\d{1,3}\](?:[,;]?(?: and)? \[\d{1,3}\])+")
"""Several, which can stay as they are where they are words of their sentence."""
_RANGE = re.compile(r"(\d+) ?[–-] ?(\d+)")


class Citations:
    """Takes the citations out of a model's text, and gives each to its sentence.

    The forms that models use are read: ``[1, 3]``, ``[1-3]``, ``[1], [3]``, ``[Source 1]``,
    ``(source 1)``, ``【1】``, ``[^1]``, ``[[1]]`` and ``([1])``. A number without a source is
    dropped. A list in which one has none is no citation and stays as it is, unless it has several
    brackets; so do brackets in formulas and in code, indices and values (see
    `chains.answering.prose`). In a table a citation stays in its cell.
    """

    def __init__(self, numbers: Collection[int]) -> None:
        self._numbers = numbers
        self._prose = Prose()
        self._sentences = Sentences()

    @property
    def is_thinking(self) -> bool:
        """Whether what came last is a thought."""
        return self._prose.is_thinking

    @property
    def possible_end(self) -> Ended | None:
        """The sentence that is over here, unless what follows belongs to it."""
        return self._sentences.possible_end

    def feed(self, text: str, *, is_last: bool = False) -> Iterator[str | Ended | tuple[int, ...]]:
        """The part of the text so far that is decided, each sentence behind its last word, and
        numbers behind a citation that stays in its place.

        >>> citations = Citations({1, 2})
        >>> [*citations.feed("A rhythm [1], of steps.[7] It")]
        ['A', ' rhythm', ',', ' of', ' steps.', Ended(text='A rhythm, of steps.', \
kind='prose', cited=(1,)), ' ', 'It']
        """
        was_prose = self._prose.is_prose
        for piece in self._prose.feed(text, is_last=is_last):
            is_prose = self._prose.is_prose
            if isinstance(piece, Bracket):
                yield from self._cite(piece)
            else:
                closes = not was_prose and piece[0] in _DELIMITERS
                yield from self._sentences.feed(piece, is_code=closes or not is_prose)
            was_prose = is_prose
        if is_last:
            yield from self._sentences.end()

    def _cite(self, piece: Bracket) -> Iterator[str | Ended | tuple[int, ...]]:
        numbers = _numbers(piece.numbers)
        known = [number for number in numbers if number in self._numbers]
        if piece.is_doubled and known and 0 not in numbers:
            numbers = known  # left as they are, those within would be citations all the same
        if all(number in self._numbers for number in numbers):
            if self._sentences.takes_citations:
                yield from self._sentences.cite(tuple(numbers))
            else:
                joined = "".join(f"[{number}]" for number in numbers)
                shown = piece.text if _WORDS.fullmatch(piece.text) else joined
                yield from self._sentences.feed(shown)
                yield tuple(numbers)
        # Sources are counted from 1, so 0 means something else.
        elif (len(numbers) == 1 or piece.is_doubled) and 0 not in numbers:
            yield from self._sentences.cite(())
        else:
            yield from self._sentences.feed(piece.text)


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
