"""Sentences whose two sides may not be exchanged: “A is faster than B”, “A causes B”, “A into B”;
those that prefer one thing to another: “A rather than B”; and what a sentence is about: “A is …”.

Known by English words; in other languages nothing is found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chains.language.tokenization import words_in

CLOSE = 8
"""Words of a side that are looked at, next to what joins the two."""
LONGEST_SUBJECT = 4
"""Terms; what has more before its “is” is more than a subject."""
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
_CHOICE = re.compile(r"rather than|instead of|\b(?:more|better|\w+er)(?: [\w'-]+){0,8} than")
_IS = words_in("is are was were means mean refers refer represents represent describes describe")
_OPENING = words_in("that which who whose where whether how why what as")
"""Words that open a clause with a subject of its own."""
_LESS = words_in(
    "less fewer slower shorter smaller lower weaker worse cheaper younger lighter narrower rarer"
)

_OPPOSITES = [
    [frozenset(side.split()) for side in pair.split("/")]
    for pair in (
        "more most greater larger bigger higher / less least fewer smaller lower",
        """increase increases increased increasing rise rises / decrease decreases decreased
        decreasing fall falls reduce reduces reduced""",
        "before earlier prior / after later following",
        "above over / below under beneath",
        "always / never sometimes rarely",
        "all every / some few none",
        "faster quicker / slower",
        "longer / shorter",
        "stronger / weaker",
        "better best / worse worst",
        "older / younger newer",
        "maximum / minimum",
        "positive positively / negative negatively",
        "first / last",
        "same / different",
        "true / false",
        "mutable / immutable",
        "internal / external",
    )
]


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


def choices_of(words: Sequence[str], terms: Sequence[tuple[str, ...]]) -> tuple[Sides, ...]:
    """What a sentence prefers, and to what; of the first as many terms as the second has. A term
    that stands elsewhere, too, is left out.

    >>> words = "return errors rather than panic".split()
    >>> terms = [("return",), ("error",), (), (), ("panic",)]
    >>> [(sorted(found.one), sorted(found.other)) for found in choices_of(words, terms)]
    [(['error'], ['panic'])]
    """
    found: list[Sides] = []
    text = " ".join(words)
    for choice in _CHOICE.finditer(text):
        end = text.count(" ", 0, choice.end()) + 1
        other = _in_order(words[end:], terms[end:])
        one = _in_order(words[:end][::-1], terms[:end][::-1])[: len(other)]
        counted = Counter(term for of_word in terms for term in of_word)
        once = frozenset(term for term in other if counted[term] == 1)
        kind = "instead" if choice[0] in ("rather than", "instead of") else "better"
        found.append(Sides(kind, frozenset(one), once))
    return tuple(found)


def takes_the_other(claim: frozenset[str], choices: Sequence[Sides]) -> bool:
    """Whether a claim with these terms is about what its proof prefers something else to."""
    return any(claim & choice.other and not claim & choice.one for choice in choices)


def subjects_of(
    words: Sequence[str], terms: Sequence[tuple[str, ...]]
) -> tuple[frozenset[str], ...]:
    """The terms of what each clause says that it is, means or represents something.

    >>> words = "a gait is a rhythm , and it is steady".split()
    >>> terms = [(), ("gait",), (), (), ("rhythm",), (), (), (), (), ("steady",)]
    >>> [sorted(subject) for subject in subjects_of(words, terms)]
    [['gait']]
    """
    found = []
    for at, word in enumerate(words):
        if word in _IS:
            start = max((place for place in range(at) if words[place] in _OPENING), default=-1) + 1
            found.append(_terms(words[start:at][::-1], terms[start:at][::-1]))
    return tuple(subject for subject in found if 0 < len(subject) <= LONGEST_SUBJECT)


def has_other_subject(
    claim: Sequence[frozenset[str]],
    proof: Sequence[frozenset[str]],
    claimed: frozenset[str],
    proven: frozenset[str],
    around: frozenset[str],
) -> bool:
    """Whether a claim with these subjects and terms is about something else than its proof.

    Each has to have a term in its subject that the other lacks. A subject that stands `around` the
    proof may be meant by it, unless both share a word: “forward” and “inverse kinematics”.
    """
    if not claim or not proof or not all(subject - claimed for subject in proof):
        return False
    missing = claim[0] - proven
    is_around = missing <= around and not any(subject & claim[0] for subject in proof)
    return bool(missing) and not is_around


def _terms(words: Sequence[str], terms: Sequence[tuple[str, ...]]) -> frozenset[str]:
    """The terms of a side, from the joint outwards, to the end of its clause."""
    return frozenset(_in_order(words, terms))


def _in_order(words: Sequence[str], terms: Sequence[tuple[str, ...]]) -> list[str]:
    found: list[str] = []
    for word, of_word in zip(words[:CLOSE], terms[:CLOSE], strict=True):
        if word in _ENDS:
            break
        found += of_word
    return found


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


def turned(claim: frozenset[str], proof: frozenset[str]) -> bool:
    """Whether a claim has one of two opposite words, and its proof only the other."""
    for sides in _OPPOSITES:
        for one, other in (sides, sides[::-1]):
            if claim & one and not claim & other and proof & other and not proof & one:
                return True
    return False
