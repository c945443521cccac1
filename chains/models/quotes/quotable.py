"""A part that may be quoted, and what is known of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chains.language.tokenization import is_uncut, words_of
from chains.models.quotes.evidence import EvidenceSource
from chains.models.quotes.parts import Part

_NUMBER = re.compile(r"[ \t>]*(\d{1,3})[.)][ \t]+")
SAME = 0.7
"""The share of the shorter one's terms from which two sentences are near-copies."""
CODE_WORDS = 25
"""Words that a block of code counts for at most."""


@dataclass(frozen=True, eq=False, slots=True)
class Quotable:
    """A part that may be quoted.

    `place` is the number of its source, best first, and its own place within the source, both
    from 0. `terms` are its content words; `context` adds those of the line that introduces it or
    of the head of its table, and what abbreviations stand for. `covered` is the share of the
    question in it, by how rare its words are. `depth` says how many lines introduce it: 1 in a
    list, 2 in a list within a list. `score` is its own, whatever else is taken; `definition` is
    the part of it that a definition gets. `step` is the number that is shown before it.
    """

    source: EvidenceSource
    place: tuple[int, int]
    part: Part
    before: Part | None
    terms: frozenset[str]
    context: frozenset[str]
    covered: float
    depth: int
    score: float
    definition: float
    step: int | None = None

    @property
    def text(self) -> str:
        """What is quoted, word for word, with the backticks of its code."""
        return self.part.text

    @property
    def words(self) -> int:
        """How many words the quotation has; code is looked at rather than read."""
        text = self.text
        # Chinese, Japanese and Thai have no blanks between words.
        words = len(words_of(text) if is_uncut(text) else text.split())
        return min(words, CODE_WORDS) if self.part.kind == "code" else words

    @property
    def is_item(self) -> bool:
        """Whether it stands in a list below a line that introduces it."""
        return self.part.kind == "sentence" and self.part.lead is not None

    @property
    def is_prose(self) -> bool:
        """Whether it is a sentence of no list, without a formula."""
        return self.part.kind == "sentence" and not (self.is_item or self.part.has_formula)

    @property
    def number(self) -> int | None:
        """The number of an item of a numbered list, as it is written."""
        content, start = self.source.content, self.part.start
        found = _NUMBER.fullmatch(content, content.rfind("\n", 0, start) + 1, start)
        return int(found[1]) if found and self.is_item else None

    @property
    def goes_on(self) -> bool:
        """Whether it is a later sentence of the same list item as the one before it."""
        if self.before is None or not self.is_item:
            return False
        # Between two items stand at least a line end, a bullet and a space.
        return self.before.lead == self.part.lead and self.part.start - self.before.end <= 2

    def says_the_same(self, other: Quotable) -> bool:
        """Whether the two share most of their terms."""
        smaller = min(len(self.terms), len(other.terms))
        alike = self.part.kind == other.part.kind == "sentence"
        return alike and smaller > 0 and len(self.terms & other.terms) / smaller >= SAME
