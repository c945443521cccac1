"""Sentences whose two sides may not be exchanged: “A is faster than B”, “A causes B”, “A into B”.

Known by English words; in other languages nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chains.language.tokenization import words_in

CLOSE = 8
"""Words of a side that are looked at, next to what joins the two."""
_ENDS = frozenset(",;:.!?()—–") | words_in("but although though while whereas unless until if")
_BY = re.compile(r"\w+er|more|less|worse")
_JOINTS: tuple[tuple[str, re.Pattern[str], bool], ...] = (
    (
        "than",
        re.compile(rf"(?P<by>{_BY.pattern})\b(?: [\w-]+){{0,3}} than"),
        False,
    ),
    ("cause", re.compile(r"because of|because|due to|caused by|results? from|owing to"), True),
    ("cause", re.compile(r"causes?|caused|leads? to|led to|results? in|resulted in"), False),
    ("change", re.compile(r"into"), False),
)
"""The kind of sentence, what joins its two sides, and whether the later side is the first one."""
_LESS = words_in(
    "less fewer slower shorter smaller lower weaker worse cheaper younger lighter narrower rarer"
)


@dataclass(frozen=True, slots=True)
class Sides:
    """The terms of the two sides, the one that is more, the cause or the beginning first."""

    kind: str
    one: frozenset[str]
    other: frozenset[str]


def sides_of(words: Sequence[str], terms: Sequence[tuple[str, ...]]) -> tuple[Sides, ...]:
    """The sides in a sentence, given its words in lower case and the terms of each.

    >>> words = "walking is faster than standing".split()
    >>> terms = [("walk",), (), ("fast",), (), ("stand",)]
    >>> [(sorted(found.one), sorted(found.other)) for found in sides_of(words, terms)]
    [(['walk'], ['stand'])]
    """
    return tuple(_sides(words, terms))


def _sides(words: Sequence[str], terms: Sequence[tuple[str, ...]]) -> Iterator[Sides]:
    text = " ".join(words)
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    place = {start: number for number, start in enumerate(starts)}
    for kind, joint, is_turned in _JOINTS:
        for found in joint.finditer(text):
            first, last = place.get(found.start()), place.get(found.end() + 1)
            if first is None or last is None:
                continue
            one = _terms(words[:first][::-1], terms[:first][::-1])
            other = _terms(words[last:], terms[last:])
            if is_turned or (kind == "than" and found["by"] in _LESS):
                one, other = other, one
            if one - other and other - one:
                yield Sides(kind, one - other, other - one)


def _terms(words: Sequence[str], terms: Sequence[tuple[str, ...]]) -> frozenset[str]:
    """The terms of a side, from the joint outwards, to the end of its clause."""
    found: set[str] = set()
    for word, of_word in zip(words[:CLOSE], terms[:CLOSE], strict=True):
        if word in _ENDS:
            break
        found.update(of_word)
    return frozenset(found)


def without_comparatives(words: frozenset[str]) -> frozenset[str]:
    """The words that do not say which side is more: the sides themselves do."""
    return frozenset(word for word in words if not _BY.fullmatch(word))


def exchanged(claim: Sequence[Sides], proof: Sequence[Sides]) -> bool | None:
    """Whether the claim has the sides of the proof the other way round; None where the two cannot
    be compared."""
    result: bool | None = None
    for mine in claim:
        for theirs in (sides for sides in proof if sides.kind == mine.kind):
            same = len(mine.one & theirs.one), len(mine.other & theirs.other)
            crossed = len(mine.one & theirs.other), len(mine.other & theirs.one)
            if all(crossed) and (not all(same) or sum(crossed) > sum(same)):
                return True
            if all(same) and (not all(crossed) or sum(same) > sum(crossed)):
                result = False
    return result
