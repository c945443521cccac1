"""Terms: the content words of a text, as they are compared between question and book.

Common words and endings are English. In other languages more words count, and each as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WORD = re.compile(r"\w+(?:['’-]\w+)*")
_WITHIN_WORD = re.compile(r"['’-]")
_PLURAL = re.compile(r"(?<=[A-Z]{2})s$")
_SUFFIX = re.compile(r"(?<=\w{4})(?:ations?|ions?|ings?|ies|ers?|ors?|ed|es|s|y|e)$")
_COMMON = frozenset(
    WORD.findall(
        """
        a about above after again all also am an and any are as at be because been before being
        between both but by can could describe did do does doing done each example explain few
        for from give had has have having he her here him his how i if in into is it its itself
        just know let like list many may me mean meaning more most much must my no not now of off
        on once one only or other our out over own please same say she should show so some such
        tell than that the their them then there these they this those through to too under until
        up us use used uses using very was we were what when where which while who whom whose why
        will with work works would you your define definition difference different
        """
    )
)
_ABBREVIATION = re.compile(r"\s*\((?P<short>[A-Z][A-Za-z]{1,6})\)")


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """What a book introduces as in “Zero Moment Point (ZMP)”, both as terms."""

    short: str
    whole: frozenset[str]


def terms_of(text: str, abbreviations: Sequence[Abbreviation] = ()) -> frozenset[str]:
    """The content words of a text in lower case, without their endings.

    Where one of the `abbreviations` or what it stands for is among them, so is the other.

    >>> sorted(terms_of("What are the batteries of a walking robot?"))
    ['batter', 'robot', 'walk']
    """
    words = [_PLURAL.sub("", word).casefold() for word in WORD.findall(text)]
    parts = {part for word in words for part in (word, *_WITHIN_WORD.split(word))}
    found = frozenset(_SUFFIX.sub("", part) for part in parts - _COMMON if part)
    for abbreviation in abbreviations:
        if abbreviation.short in found or abbreviation.whole <= found:
            found |= {abbreviation.short} | abbreviation.whole
    return found


def abbreviations_in(sentences: Iterable[str]) -> tuple[Abbreviation, ...]:
    """The abbreviations that the sentences introduce, in parentheses after what they stand for.

    >>> [found.short for found in abbreviations_in(["The Zero Moment Point (ZMP) is a point."])]
    ['zmp']
    """
    found: dict[Abbreviation, None] = {}
    for sentence in sentences:
        for match in _ABBREVIATION.finditer(sentence):
            short = _PLURAL.sub("", match["short"]).casefold()
            words = WORD.findall(sentence[: match.start()].replace("-", " "))[-len(short) :]
            whole = terms_of(" ".join(words))
            if whole and "".join(word[0] for word in words).casefold() == short:
                found[Abbreviation(short, whole)] = None
    return tuple(found)
