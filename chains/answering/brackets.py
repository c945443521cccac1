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

_BY_MARKUP = (
    r"(?:(?:(?:deep|longcat|inner|internal)[_-])?th(?:ink(?:ing|s)?|oughts?(?:_process)?)"
    r"|(?:seed|mm|minimax):think|antthinking|inner_monologue|reasoning(?:_content)?|reflection|scratchpad)"
)
_BY_PLAN = r"(?:analysis|plan(?:ning)?|cot|chain[_-]of[_-]thought|rationale)"
_FIRST_WORD = (
    r"(?:We(?:'ll|'re|'ve)?|I(?:'ll|'m|'ve)?|It(?:'s)?|Let(?:'s)?|The|This|There|They|Users?|Need|Okay|Ok|Hmm?|So"
    r"|As|In|If|Just|Provide|Answer|Explain|According|From|Based|Looking|Question|Sources?)[\s,.:'’]"
)
"""Of gpt-oss's thoughts, to tell them from a name such as `analysisResult`."""
_CHANNEL = rf"(?:assistant ?)?(?:analysis|commentary)(?=[^\W\d_a-zA-Z]|{_FIRST_WORD}|<\|message\|>)"
_ANSWER = r"assistant ?final(?=[^\sa-z])"
_OF_THOUGHT = r"[_▁]?of[_▁]?th(?:ink(?:ing)?|ought)[|｜]>"
_TO = r"[^<>\n]{0,60}(?:<\|constrain\|>[^<>\n]{0,30})?"
_FINAL = rf"<\|channel\|>final{_TO}<\|message\|>"
_OPENING = (
    rf"<{_BY_MARKUP}(?:\s[^<>\n]{{0,100}})?(?<!/)>|(?-i:\[THINK\])|◁think▷"
    rf"|<[|｜](?:begin|start){_OF_THOUGHT}|<\|START_THINKING\|>|<unused94>"
)
_CLOSING = (
    rf"</{_BY_MARKUP}\s?>|(?-i:\[/THINK\])|◁/think▷|<[|｜]end{_OF_THOUGHT}"
    r"|<\|END_THINKING\|>|<unused95>|(?-i:\[BEGIN FINAL RESPONSE\])"
)
_ENDS = {
    "markup": regex.compile(_CLOSING, regex.IGNORECASE),
    "harmony": regex.compile(rf"<\|(?:end|return|call)\|>|<\|start\|>assistant|{_FINAL}"),
    "gemma": regex.compile(r"<channel\|>"),
    "plan": regex.compile(rf"</{_BY_PLAN}\s?>", regex.IGNORECASE),
    "bare": regex.compile(rf"assistantfinal|{_ANSWER}|{_FINAL}"),
}
_NESTED = regex.compile(
    rf"(?<![`\"'“])(?:(?P<opening>{_OPENING})|(?P<closing>{_CLOSING}))", regex.IGNORECASE
)
"""A thought within a thought, unless the model only quotes the tag."""
_SAID = r"\s{0,20}+(?:(?-i:[\p{Lu}\p{Lo}])|[\d*#\[“\"-])|[ \t]{0,20}+\n\s{0,20}+[^\s<]"
"""What a plan begins with; neither a sentence about the tag does, nor an element of others."""
_FENCE = r"</?data-[a-z-]{1,40}(?:\s[^<>]{0,300})?"
_BRACKETED = r"\[/?data-(?:source|selection)(?:\s[^<>\[\]\n]{0,300})?"
_TAG = (
    rf"(?P<markup>{_OPENING})"
    rf"|(?P<harmony><\|channel\|>(?:analysis|commentary){_TO}<\|message\|>|<\|think\|>)"
    r"|(?P<gemma><\|channel>thought)"
    rf"|(?P<closing>{_CLOSING}|<channel\|>)"
    rf"|{_FINAL}|<\|start\|>assistant|<\|(?:end|return|call|message)\|>"
    r"|<\|(?:begin|end)_of_(?:solution|box)\|>|<\|(?:START|END)_RESPONSE\|>"
    r"|<\|begin\|>assistant|<\|content\|>|(?-i:\[END FINAL RESPONSE\])"
    rf"|<{_BY_MARKUP}\s?/>"
    r"|(?P<wrapping></?(?:answer|response|output|final(?:_answer)?)>)"
    rf"|{_FENCE}>|{_BRACKETED}\]"
    rf"|(?P<plan><{_BY_PLAN}>(?={_SAID}))|(?P<bare>(?-i:{_CHANNEL}))|(?P<final>(?-i:{_ANSWER}))"
)
_ANY_TAG = regex.compile(_TAG, regex.IGNORECASE)
"""What stands around a thought and the answer behind it (of DeepSeek, Qwen and many others, Seed,
Magistral, Kimi, Command A, gpt-oss, Gemma, Hunyuan, ERNIE, LongCat, Solar, MedGemma, GLM), and the
fences of the prompt. What is usual in other texts, too, only begins an answer: `may_stand`."""
_LAST_TAG = regex.compile(rf"{_TAG}|(?:{_FENCE}|{_BRACKETED})\Z", regex.IGNORECASE)
_LONGEST_END = 140
LONGEST_DOUBT = 500
"""Characters that may wait for a second end of a thought."""


def tag_at(text: str, at: int, *, is_last: bool) -> regex.Match[str] | None:
    """The tag that begins here; an answer that `is_last` may end within one of a fence."""
    return (_LAST_TAG if is_last else _ANY_TAG).match(text, at)


def may_stand(tag: regex.Match[str], *, begins: bool, after: bool) -> bool:
    """Whether it is one there: ``<plan>``, or gpt-oss without its tokens (“analysisWe need …”),
    only where the answer `begins`, and ``<answer>`` only `after` a thought."""
    if tag["plan"] or tag["bare"] or tag["final"]:
        return begins
    return after or not tag["wrapping"]


class Thought:
    """What a model only thinks, from the tag that opens it to the one that ends it.

    Where a thought stands in another, or seems to, its end may be the end of both. What follows is
    then looked through for one more end, `LONGEST_DOUBT` characters far.
    """

    def __init__(self, kind: str) -> None:
        self._end = _ENDS[kind]
        self._can_nest = kind == "markup"
        self._depth = 1
        self._is_doubtful = False

    @classmethod
    def opened_by(cls, tag: regex.Match[str]) -> Thought | None:
        """The thought that this tag opens, if it opens one."""
        return next((cls(kind) for kind in _ENDS if tag[kind]), None)

    def read(self, text: str, at: int, *, is_last: bool) -> tuple[int, bool]:
        """How far the text is known to be a thought, and whether that is over there."""
        if self._is_doubtful:
            return self._doubt(text, at, is_last=is_last)
        found = (_NESTED if self._can_nest else self._end).search(text, at)
        if self._can_nest and self._depth == 1 and (end := self._end.search(text, at)):
            found = found if found and found.start() < end.start() else end
        if found is None:
            return max(at, len(text) - _LONGEST_END), False
        if self._can_nest and found.re is _NESTED and found["opening"]:
            self._depth += 1
            return found.end(), False
        self._depth -= 1
        self._is_doubtful = self._depth > 0
        return found.end(), not self._is_doubtful

    def _doubt(self, text: str, at: int, *, is_last: bool) -> tuple[int, bool]:
        depth = self._depth
        for found in _NESTED.finditer(text, at, at + LONGEST_DOUBT):
            depth += 1 if found["opening"] else -1
            if depth < self._depth:
                self._depth = depth
                return found.end(), depth == 0
        return at, is_last or len(text) - at >= LONGEST_DOUBT


_CALL = regex.compile(r"\w\([^()\n]{0,40}\)\Z")
_LAST_NAMING = "\u052f"
"""The last letter of Latin, Greek and Cyrillic, which name variables; many scripts after them have
no blanks, so a citation follows the word there."""


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
    return bool(_ANY_TAG.match(text, at) or _ANY_TAG.fullmatch(text, at, partial=True))


def is_index(before: str, *, follows_citation: bool) -> bool:
    """Whether a bracket behind this text belongs to the name, bracket or call at its end.

    >>> is_index("xs", follows_citation=False), is_index("It is ", follows_citation=False)
    (True, False)
    """
    last = before[-1:]
    if last in ("]", "}", "\\"):
        return not follows_citation
    if last == ")":
        return _CALL.search(before) is not None
    return bool(last) and (last.isalnum() or last == "_") and last <= _LAST_NAMING
