"""Numbers in brackets as models write citations, tags that no reader sees, and what may still
become either."""

from __future__ import annotations

from dataclasses import dataclass

import regex

_WORD = r"(?:sources?|citations?|cite|refs?\.?):? ?"
_NUMBER = rf"\^?(?:{_WORD})?\d{{1,3}}"
_NUMBERS = rf"{_NUMBER}(?:(?: ?[,;–-]|,? and| &) ?{_NUMBER}){{0,7}}"
_ONE = rf"[\[【［]{_NUMBERS}(?:†[^\]】\n]{{0,40}})?[\]】］]"
_SEVERAL = rf"{_ONE}(?:[,;]? ?{_ONE}){{0,7}}"
_LISTED = rf"{_ONE}(?:(?:[,;、–-]|,? and) ?{_ONE}){{1,7}}"
_NAMED = rf"\((?={_WORD}){_NUMBERS}\)"
_PLAIN = rf"\[{_SEVERAL}\]|\({_SEVERAL}\)|{_LISTED}|{_ONE}|{_NAMED}"
_BRACKET = regex.compile(
    rf"{_PLAIN}|(\*{{1,3}}|_{{1,3}})(?:{_SEVERAL}|{_PLAIN})\1|<sup>(?:{_SEVERAL}|{_PLAIN})</sup>",
    regex.IGNORECASE,
)
_INNER = regex.compile(rf"({_NUMBERS})(?:†[^\]】]*)?[\]】］)]", regex.IGNORECASE)

_THOUGHT = r"(?i:</?(?:think(?:ing)?|thought|seed:think)\s?>)|\[/?THINK\]|◁/?think▷"
TAG = regex.compile(rf"(?P<thought>{_THOUGHT})|(?i:</?data-[a-z-]{{1,40}}(?:\s[^<>]{{0,300}})?>)")
"""What stands around a thought (of DeepSeek, Qwen and others, Seed, Magistral, Kimi), and the
fences of the prompt."""
THOUGHT_END = regex.compile(r"(?i:</(?:think(?:ing)?|thought|seed:think)\s?>)|\[/THINK\]|◁/think▷")
LONGEST_END = len("</seed:think >")


@dataclass(frozen=True, slots=True)
class Bracket:
    """What may be a citation: as it was written, and its numbers, as in ``1, 3`` or ``2-4``.

    Marks around it belong to it, as in ``**[1]**`` and ``<sup>[1]</sup>``. `is_doubled` says that
    there are several brackets, as in ``[[1], [3]]``, ``([1])`` or ``[1], [3]``.
    """

    text: str
    numbers: str
    is_doubled: bool = False


def bracket_at(text: str, at: int) -> Bracket | None:
    """What may be a citation and begins here.

    >>> bracket_at("So it is ([1], [3]).", 9)
    Bracket(text='([1], [3])', numbers='1,3', is_doubled=True)
    >>> bracket_at("So it is [Source 1 and 3].", 9)
    Bracket(text='[Source 1 and 3]', numbers='1,3', is_doubled=False)
    """
    found = _BRACKET.match(text, at)
    if found is None:
        return None
    numbers = [_bare(inner) for inner in _INNER.findall(found[0])]
    is_doubled = len(numbers) > 1 or (found[0][:1] in "[(" and found[0][1] in "[【［")
    return Bracket(found[0], ",".join(numbers), is_doubled)


def _bare(numbers: str) -> str:
    """Numbers without the words beside them."""
    return regex.sub(r"[^\d,;–-]", "", regex.sub(r",? and|&", ",", numbers))


def has_begun(text: str, at: int) -> bool:
    """Whether all of the text from here may be the beginning of one.

    >>> has_begun("It is ([1], ", 6), has_begun("It is (a", 6)
    (True, False)
    """
    found = _BRACKET.fullmatch(text, at, partial=True)
    return found is not None and found.partial


def begins_tag(text: str, at: int) -> bool:
    """Whether a tag begins here, or all of the text from here may be the beginning of one.

    >>> begins_tag("Hm. <think>", 4), begins_tag("Hm. <thi", 4), begins_tag("a < b", 2)
    (True, True, False)
    """
    return bool(TAG.match(text, at) or TAG.fullmatch(text, at, partial=True))
