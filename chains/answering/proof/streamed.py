"""The sentences of an answer, told apart while its text streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chains.language.boundaries import sentence_spans

LONGEST_SENTENCE = 2000
"""Characters after which a sentence is over, whatever comes."""
LONGEST_GAP = 200
"""Characters of white space that wait at most for the word that follows them."""
LONGEST_END = 12
"""Characters of an end mark and the quotes and brackets behind it."""
LONGEST_TAIL = 40
"""Characters before a possible end that say whether it is one."""

Kind = Literal["prose", "heading", "table", "block"]

_END_MARKS = ".!?…。！？"
_QUOTES = "\"'”’»)]」』"
_CLOSING = f"{_QUOTES}*_~"
_TOKEN = re.compile(r"\s+|[^\s。！？]*[。！？]+|[^\s。！？]+")
_ENDED = re.compile(rf"[{_END_MARKS}][{re.escape(_CLOSING)}]*\Z")
_OPENERS_ALONE = re.compile(r"[\"'“‘«(\[*_~]+\Z")
_MARKER = re.compile(r"(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|\Z))*")
_HEADING = re.compile(r"#{1,6}[ \t]")
_EMPHASIS = re.compile(r"\*|(?<![^\W_])_|_(?![^\W_])")
_ABBREVIATED = re.compile(r"\b[A-Za-z]{1,4}\.\Z")
_NAMING = re.compile(
    r"(?:\b(?:as|in|to|by|from|per|of|see|source|sources|section|and|or|with|both)|^[-*+>\s]*)\Z",
    re.IGNORECASE,
)
"""What stands before a number in brackets that is a word of its sentence: “according to [1]”."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A part of the answer that is whole: a sentence, or a heading, table row or block of code.

    `text` is as it was written, without the bullet before it; `cited` are the numbers that the
    model gave it.
    """

    text: str
    kind: Kind = "prose"
    cited: tuple[int, ...] = ()


class Sentences:
    """Passes text on as it comes, and says after each sentence that it is over.

    White space waits for what follows it, since the citation of a sentence comes before it; and so
    does the little that may still belong to the end of a sentence.

    >>> sentences = Sentences()
    >>> [*sentences.feed("It walks. It")]
    ['It', ' walks.', Ended(text='It walks.', kind='prose', cited=()), ' ', 'It']
    >>> [*sentences.cite((1,)), *sentences.end()]
    [Ended(text='It', kind='prose', cited=(1,))]
    """

    def __init__(self) -> None:
        self._raw = ""  # the part that is not over, from its beginning
        self._mask = ""  # the same, without code and formulas
        self._gap = ""
        self._held = ""  # openers whose word has not come yet
        self._cited: list[int] = []
        self._kind: Kind = "prose"
        self._has_words = False
        self._is_in_code = False  # the gap
        self._is_cited = False  # right before this
        self._skips_blanks = False  # behind a citation that began a line
        self._had_blank = False  # before that citation

    @property
    def possible_end(self) -> Ended | None:
        """The sentence that is over here, unless what follows belongs to it."""
        is_one = self._kind == "prose" and not self._held and _ENDED.search(self._mask)
        return self._ended() if is_one else None

    def feed(self, text: str, *, is_code: bool = False) -> Iterator[str | Ended]:
        """What goes out of the next text; `is_code` for code, formulas and what opens them."""
        if is_code:
            yield from self._feed_code(text)
            return
        for token in _TOKEN.findall(text):
            if token.isspace():
                yield from self._release()
                if not (self._skips_blanks and "\n" not in token):
                    yield from self._wait(token)
            else:
                yield from self._add(token)

    def _feed_code(self, text: str) -> Iterator[str | Ended]:
        code = text.rstrip()
        if code:
            yield from self._add(code, is_code=True)
        if len(code) < len(text):
            yield from self._release()
            yield from self._wait(text[len(code) :])
            self._is_in_code = True

    def _wait(self, blanks: str) -> Iterator[str]:
        self._gap += blanks
        self._is_in_code = False
        if len(self._gap) > LONGEST_GAP:
            yield from self._pass("", "")

    def cite(self, numbers: tuple[int, ...]) -> Iterator[str | Ended]:
        """The model cites these sources here."""
        yield from self._release()
        if self._raw and "\n" in self._gap and self._kind != "prose":
            yield self._over()
        self._cited += [number for number in numbers if number not in self._cited]
        if self._raw and "\n" not in self._gap:
            self._had_blank = self._had_blank or bool(self._gap)
            self._gap = ""
        self._is_cited = True
        self._skips_blanks = "\n" in self._gap

    @property
    def takes_citations(self) -> bool:
        """Whether a citation here waits for the end of its sentence. In a table it stands in its
        cell, below code on its own line, and where it is a word of the sentence it stays:
        “according to [1]”."""
        if self._kind != "prose":
            return "\n" in self._gap and self._kind != "block"
        before = self._raw[-LONGEST_TAIL:]
        return not (self._has_words and self._gap == " " and _NAMING.search(before))

    def end(self) -> Iterator[str | Ended]:
        """What is left at the end of the answer."""
        yield from self._release()
        if self._raw:
            yield self._over()
        if self._gap:
            yield self._gap
            self._gap = ""

    def _add(self, token: str, *, is_code: bool = False) -> Iterator[str | Ended]:
        token, self._held = self._held + token, ""
        has_ended = _ENDED.search(self._mask, max(0, len(self._mask) - LONGEST_END)) is not None
        may_close = has_ended and not (self._gap or is_code or self._is_cited)
        if may_close and (closing := self._closing(token)):
            yield from self._pass(token[:closing], re.sub(r"[*_~]", '"', token[:closing]))
            token = token[closing:]
            if not token:
                return
        mask = "X" * len(token) if is_code else _EMPHASIS.sub('"', token)
        if has_ended and not is_code and self._waits(token):
            self._held = token
            return
        is_inside = is_code and self._is_in_code
        if self._raw and not is_inside and self._is_boundary(mask, has_ended=has_ended):
            yield self._over()
        elif self._is_cited and self._had_blank and not self._gap and token[0].isalnum():
            self._gap = " "
        yield from self._pass(token, mask)

    def _closing(self, token: str) -> int:
        """How many characters of a word still belong to the end of a sentence before it."""
        marks = _QUOTES if self._mask[-1] in "。！？" else _CLOSING
        return len(token) - len(token.lstrip(marks))

    def _waits(self, token: str) -> bool:
        """Whether the beginning of a word does not yet say if a sentence begins with it."""
        if not self._gap:
            return False
        if _OPENERS_ALONE.match(token):
            return True
        return token.isalpha() and token.isupper() and bool(_ABBREVIATED.search(self._mask))

    def _release(self) -> Iterator[str | Ended]:
        if self._held:
            token, self._held = self._held, ""
            mask = _EMPHASIS.sub('"', token)
            if self._is_boundary(mask, has_ended=True):
                yield self._over()
            yield from self._pass(token, mask)

    def _is_boundary(self, mask: str, *, has_ended: bool) -> bool:
        """Whether the part so far is over before a word."""
        lines = self._gap.count("\n")
        if lines:
            is_soft = lines == 1 and self._kind == "prose" and mask[:1].islower()
            if not is_soft:
                return True
        elif self._kind != "prose" or not self._has_words:
            return False
        if len(self._raw) > (LONGEST_SENTENCE if self._gap else 2 * LONGEST_SENTENCE):
            return True
        if not has_ended:
            return False
        if self._is_cited:
            mask = "It"  # a citation behind a full stop leaves no doubt
        tail = self._mask[-LONGEST_TAIL:]
        gap = " " if self._gap or self._is_cited else ""
        *_, (start, _) = sentence_spans(tail + gap + mask)
        return start == len(tail + gap)

    def _ended(self) -> Ended:
        return Ended(self._bare(self._raw), self._kind, tuple(self._cited))

    def _over(self) -> Ended:
        ended = self._ended()
        self._raw, self._mask, self._cited, self._kind = "", "", [], "prose"
        self._is_cited = self._had_blank = self._has_words = False
        return ended

    def _pass(self, token: str, mask: str) -> Iterator[str]:
        """Let the gap and a word out, as more of the part that is not over."""
        if not self._raw:
            if self._gap:
                yield self._gap
        else:
            token, mask = self._gap + token, self._gap + mask
        self._gap, self._is_cited, self._had_blank, self._skips_blanks = "", False, False, False
        if self._kind == "prose" or len(self._raw) < LONGEST_SENTENCE:
            self._raw += token
        self._mask = (self._mask + mask)[-2 * LONGEST_TAIL :]
        if not self._has_words or len(self._raw) <= LONGEST_END:
            self._kind = _kind(self._raw)
            # Marks without an end, as “> > >”, are not looked through again at each.
            self._has_words = len(self._raw) > LONGEST_GAP or bool(self._bare(self._raw))
        if token:
            yield token

    def _bare(self, raw: str) -> str:
        """Without the marks of lists and quotations before it."""
        found = _MARKER.match(raw)
        return raw[found.end() :] if found else raw


def _kind(raw: str) -> Kind:
    start = raw.lstrip("> \t")
    if start.startswith(("```", "~~~", "$$", "\\[")):
        return "block"
    if start.startswith("|"):
        return "table"
    return "heading" if _HEADING.match(start + " ") else "prose"
