"""Numbers in brackets as models write citations, and what may still become some."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = r"\d{1,3}(?: ?[,;–-] ?\d{1,3}){0,7}"
_ONE = rf"[\[【]\^?(?:sources? ?)?{_NUMBERS}(?:†[^\]】\n]{{0,40}})?[\]】]"
_SEVERAL = rf"{_ONE}(?:[,;]? ?{_ONE}){{0,7}}"
_BRACKET = re.compile(rf"\[{_SEVERAL}\]|\({_SEVERAL}\)|{_ONE}", re.IGNORECASE)
_INNER = re.compile(rf"({_NUMBERS})(?:†[^\]】]*)?[\]】]")
_ONE_BEGUN = r"[\[【][\^\d ,;–source-]{0,50}(?:†[^\]】\n]{0,40})?"
_BEGUN = re.compile(
    rf"(?:{_ONE_BEGUN}|[\[(](?:{_ONE}[,;]? ?){{0,8}}(?:{_ONE_BEGUN})?)\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Bracket:
    """What may be a citation: as it was written, and its numbers, as in ``1, 3`` or ``2-4``.

    `is_doubled` says that there are further brackets around it, as in ``[[1], [3]]`` or ``([1])``.
    """

    text: str
    numbers: str
    is_doubled: bool = False


def bracket_at(text: str, at: int) -> Bracket | None:
    """What may be a citation and begins here.

    >>> bracket_at("So it is ([1], [3]).", 9)
    Bracket(text='([1], [3])', numbers='1,3', is_doubled=True)
    """
    found = _BRACKET.match(text, at)
    if found is None:
        return None
    numbers = _INNER.findall(found[0])
    is_doubled = found[0][0] == "(" or found[0][1] in "[【"
    return Bracket(found[0], ",".join(numbers), is_doubled)


def has_begun(text: str, at: int) -> bool:
    """Whether all of the text from here may be the beginning of one.

    >>> has_begun("It is ([1], ", 6), has_begun("It is (a", 6)
    (True, False)
    """
    return _BEGUN.match(text, at) is not None
