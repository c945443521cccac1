"""Which part of an answer's Markdown is prose, while it streams.

Numbers in brackets mean something else in formulas, in code and in the tags that some models
write around their thoughts. The rules are those by which the widget shows Markdown.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Literal

from chains.answering.brackets import (
    Bracket,
    Thought,
    begins_tag,
    bracket_at,
    has_begun,
    is_index,
    may_stand,
    tag_at,
)

_SPECIAL = re.compile(r"[`~$\\[【［(<◁*_\n]")  # something may begin or end there
_RUN = re.compile(r"`+|~+")
_BEFORE_FENCE = re.compile(r"(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))*\Z")
"""What may stand in a line before a fence of code: blanks, marks of lists and quotations."""
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_INDENTED = re.compile(r" {4}| {0,3}\t")
_PRICE = re.compile(r"[\d.,]+(?: ?[A-Za-z]{2}|[.,;:?)] | \[)")  # “$5 each” begins no formula
_VALUE = re.compile(r"(?:=|∈|&) ?\Z")  # before a list that is a value: “x = [1, 2]”

LONGEST_FORMULA = 1000
"""Characters after which what began like a formula is taken for prose."""
LONGEST_LINE = 400
"""Characters kept of the beginning of a line, and of the end of the text."""
LONGEST_WAIT = 500
"""Characters that wait at most: a model may send blanks without an end."""

log = logging.getLogger("scholiast.model")

_Next = tuple[int, str | Bracket]
State = Literal["prose", "inline", "fence", "$", "$$", ")", "]", "thought"]
"""Prose, code, a formula by what closes it, or what the model only thinks."""


class Prose:
    """Tells what may be a citation from all other text, piece by piece.

    What a model writes of its thoughts (``<think>``) is left out, and so are the tags of the
    prompt's fences, where a model repeats them.

    >>> list(Prose().feed("In $[0, 1]$ [2].", is_last=True))
    ['In ', '$', '[', '0, 1]', '$', ' ', Bracket(text='[2]', numbers='2', is_doubled=False), '.']
    """

    def __init__(self) -> None:
        self._state: State = "prose"
        self._waiting = ""
        self._line = ""  # its beginning
        self._before = ""  # the end of the text so far
        self._marker = ""  # the backticks or tildes that opened code
        self._formula = ""  # so far
        self._was_blank, self._was_code, self._in_list = True, False, False  # the lines before
        self._begins = True  # nothing but blanks so far
        self._is_cited = self._skips_blanks = False  # right before this
        self._thought: Thought | None = None  # the last one

    @property
    def is_thinking(self) -> bool:
        """Whether what came last is a thought."""
        return self._state == "thought"

    @property
    def is_prose(self) -> bool:
        """Whether what went out last stands outside code and formulas."""
        is_price = self._state == "$" and _PRICE.match(self._formula[1:]) is not None
        return is_price or (self._state == "prose" and not self._is_indented_code())

    def feed(self, text: str, *, is_last: bool = False) -> Iterator[str | Bracket]:
        """The pieces that are decided; joined, they are the text without thoughts and tags."""
        text, self._waiting = self._waiting + text, ""
        at = 0
        while at < len(text):
            end, piece = self._next(text, at, is_last=is_last or len(text) - at > LONGEST_WAIT)
            if end == at:
                self._waiting = text[at:]
                return
            at = end
            if piece:
                self._pass(piece)
                yield piece

    def _next(self, text: str, at: int, *, is_last: bool) -> _Next:
        """Where the next piece ends, and what of it goes out; `at` itself where more is needed."""
        if self._state == "thought" and self._thought:
            return self._think(self._thought, text, at, is_last)
        if self._skips_blanks and text[at].isspace():
            return at + 1, ""
        self._skips_blanks = False
        if self._begins and begins_tag(text, at):  # also one that no special character begins
            return self._tag(text, at, is_last)
        special = _SPECIAL.search(text, at)
        end = special.start() if special else len(text)
        return self._special(text, at, is_last) if end == at else (end, text[at:end])

    def _special(self, text: str, at: int, is_last: bool) -> _Next:
        if self._state == "$" and self._is_no_formula(text[at]):
            self._state = "prose"
        match text[at]:
            case "`" | "~":
                return self._code(text, at, is_last)
            case "$":
                return self._dollar(text, at, is_last)
            case "\\":
                return self._backslash(text, at, is_last)
            case "<" | "◁" | "[" if self._state == "prose" and begins_tag(text, at):
                return self._tag(text, at, is_last)
            case "[" | "【" | "［" | "(" | "*" | "_" | "<" if self._state == "prose":
                return self._bracket(text, at, is_last)
        return at + 1, text[at]

    def _pass(self, piece: str | Bracket) -> None:
        """Remember what went out."""
        self._is_cited = isinstance(piece, Bracket)
        written = piece.text if isinstance(piece, Bracket) else piece
        if written == "\n":
            self._end_line()
        else:
            self._line = (self._line + written)[:LONGEST_LINE]
        self._before = (self._before + written)[-LONGEST_LINE:]
        self._begins = self._begins and not written.strip()
        self._formula += written if self._state == "$" else ""

    def _end_line(self) -> None:
        is_blank = not self._line.strip()
        if is_blank and self._state in ("inline", "$", "$$", ")", "]"):
            self._state = "prose"  # a stray backtick or dollar ends with its paragraph
        self._was_code = self._is_indented_code()
        if _LIST_ITEM.match(self._line):
            self._in_list = True
        elif self._was_blank and self._line[:1].strip():
            self._in_list = False
        self._was_blank, self._line = is_blank, ""

    def _is_indented_code(self) -> bool:
        may_be = (self._was_blank or self._was_code) and not self._in_list
        return may_be and _INDENTED.match(self._line) is not None

    def _code(self, text: str, at: int, is_last: bool) -> tuple[int, str]:
        """A run of backticks or tildes: it opens code, or closes the code that it opened."""
        found = _RUN.match(text, at)
        if found is None or (found.end() == len(text) and not is_last):
            return at, ""
        run, end = found[0], found.end()
        begins = _BEFORE_FENCE.match(self._line) is not None and len(self._line) < LONGEST_LINE
        if self._state == "fence" and self._marker[0] == "`" and self._marker in self._line:
            self._state = "inline"  # in one line, three backticks are inline code too
        if self._state == "prose" and begins and len(run) >= 3:
            self._state, self._marker = "fence", run
        elif self._state == "prose" and run[0] == "`":
            self._state, self._marker = "inline", run
        elif (self._state == "inline" and run == self._marker) or (
            self._state == "fence" and begins and run.startswith(self._marker)
        ):
            self._state = "prose"
        return end, run

    def _dollar(self, text: str, at: int, is_last: bool) -> tuple[int, str]:
        if self._state not in ("prose", "$", "$$"):
            return at + 1, "$"
        if at + 1 == len(text) and not is_last:
            return at, ""
        following = text[at + 1 : at + 2]
        if self._state == "$$" or (self._state == "prose" and following == "$"):
            if following == "$":
                self._state = "prose" if self._state == "$$" else "$$"
                return at + 2, "$$"
            return at + 1, "$"
        # As in Pandoc: no blank behind the dollar that opens, none before the one that closes,
        # and no digit behind that.
        if self._state == "$" and not self._before[-1:].isspace() and not following.isdigit():
            self._state = "prose"
        else:
            self._state = "$" if following.strip() else "prose"
            self._formula = ""
        return at + 1, "$"

    def _is_no_formula(self, following: str) -> bool:
        written = self._formula[1:]
        return len(written) > LONGEST_FORMULA or _PRICE.match(written + following) is not None

    def _backslash(self, text: str, at: int, is_last: bool) -> tuple[int, str]:
        """A backslash and what it escapes; ``\\(`` and ``\\[`` open formulas."""
        if self._state in ("inline", "fence"):
            return at + 1, "\\"
        if at + 1 == len(text) and not is_last:
            return at, ""
        escaped = text[at + 1 : at + 2]
        if self._state == "prose" and escaped in ("(", "["):
            self._state = ")" if escaped == "(" else "]"
        elif self._state == escaped and escaped in (")", "]"):
            self._state = "prose"
        end = at + 1 if escaped == "\n" else at + 2
        return end, text[at:end]

    def _tag(self, text: str, at: int, is_last: bool) -> tuple[int, str]:
        tag = None if self._is_indented_code() else tag_at(text, at, is_last=is_last)
        if tag is None and not is_last and not self._is_indented_code():
            return at, ""
        if tag is None or not may_stand(tag, begins=self._begins, after=bool(self._thought)):
            return at + 1, text[at]
        if thought := Thought.opened_by(tag):
            self._state, self._thought = "thought", thought
        elif tag["closing"] and not self._thought and self._before.strip():
            log.warning(
                "the model ended a thought that it had not begun, so what it thought was shown; "
                "have its endpoint separate thoughts, or set SCHOLIAST_MODEL_THINKS_FIRST=true"
            )
        self._skips_blanks = self._thought is not None and not self._before.strip()
        return tag.end(), ""

    def _think(self, thought: Thought, text: str, at: int, is_last: bool) -> _Next:
        end, is_over = thought.read(text, at, is_last=is_last)
        if is_over:
            self._state, self._skips_blanks = "prose", not self._before[-1:].strip()
        return (end, "") if end > at or not is_over else self._next(text, at, is_last=is_last)

    def _bracket(self, text: str, at: int, is_last: bool) -> _Next:
        names = text[at] in "[(" and is_index(self._before, follows_citation=self._is_cited)
        if names or self._is_indented_code():
            return at + 1, text[at]
        found = bracket_at(text, at)
        if not is_last and has_begun(text, at):
            return at, ""
        if found is None:
            return at + 1, text[at]
        end = at + len(found.text)
        if end == len(text) and not is_last:
            return at, ""
        if "," in found.numbers and not found.is_doubled and _VALUE.search(self._before):
            return end, found.text
        following = text[end : end + 1]
        if following == "(" or (following == ":" and not self._line.strip()):
            return end, found.text  # a link, or where one leads
        return end, found
