"""The sentences that may be quoted, and how well each answers the question by itself.

A score is the cosine of sentence and question, from -1 to 1, with small additions for what the
wording and the place of the sentence tell. Their weights were set by reading answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chains.index.book import Sentence
from chains.language import wording
from chains.language.terms import abbreviations_in, terms_of
from chains.models.quotes.evidence import Evidence, EvidenceSource

DEFINITION, TERMS, HEADING, WORDED = 0.25, 0.15, 0.1, 0.05
SELECTED, RANK = 0.15, 0.06
LEANING, REVIEW, ABOUT_THE_BOOK, APPARATUS = -0.06, -0.1, -0.35, -0.4
LEAD_SHARE = 0.3
"""How much of a list item's nearness is that of the line that introduces it."""
SAME = 0.7
"""The share of its words that makes a sentence a near-copy of another."""


@dataclass(frozen=True, eq=False, slots=True)
class Quotable:
    """A sentence that may be quoted. `place` is the number of its source, best first, and its
    own within it. `terms` are its content words; `context` are those, the words of the line that
    introduces it, and what abbreviations stand for. `score` does not change with what is taken;
    `definition` is part of it."""

    source: EvidenceSource
    place: tuple[int, int]
    sentence: Sentence
    terms: frozenset[str]
    context: frozenset[str]
    score: float
    definition: float

    @property
    def text(self) -> str:
        """What is quoted, word for word."""
        return self.sentence.text

    @property
    def words(self) -> int:
        """How many words the quotation has."""
        return len(self.text.split())

    @property
    def is_item(self) -> bool:
        """Whether it stands in a list below a line that introduces it."""
        return self.sentence.lead is not None

    @property
    def goes_on(self) -> bool:
        """Whether it is a further sentence of the list item that the one before it is in; those
        of two items have at least a line end and a bullet between them."""
        number = self.place[1]
        if number == 0 or not self.is_item:
            return False
        before = self.source.sentences[number - 1]
        return before.lead == self.sentence.lead and self.sentence.start - before.end <= 2

    @property
    def depth(self) -> int:
        """How many lines introduce it: 1 in a list, 2 in a list within a list."""
        depth, lead = 0, self.sentence.lead
        while lead is not None:
            depth, lead = depth + 1, self.source.sentences[lead].lead
        return depth

    def says_the_same(self, other: Quotable) -> bool:
        """Whether the two share most of their words."""
        smaller = min(len(self.terms), len(other.terms))
        return smaller > 0 and len(self.terms & other.terms) / smaller >= SAME


class Scorer:
    """Scores the sentences of the sources of one question; `asked` are its content words."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._question = evidence.question
        sources = evidence.sources
        texts = [text for source in sources for text in source.section]
        texts += [sentence.text for source in sources for sentence in source.sentences]
        self._short = abbreviations_in(texts)
        self._wants_definition = wording.asks_for_definition(evidence.question)
        self._sections = {source.section for source in sources if source.selected}
        self.asked = terms_of(evidence.question, self._short)

    def candidates(self, rank: int) -> Iterator[Quotable]:
        """The sentences of the source with this rank, counted from 0, best first."""
        source = self._evidence.sources[rank]
        shared = self._source_score(source) + RANK * (1 - rank / len(self._evidence.sources))
        texts = [sentence.text for sentence in source.sentences]
        for number, nearness in enumerate(self._nearness(source)):
            lead = source.sentences[number].lead
            introduced = texts[number] if lead is None else f"{texts[lead]} {texts[number]}"
            context = terms_of(introduced, self._short)
            definition = self._definition(texts[number])
            score = shared + nearness + definition + TERMS * self._share(context)
            score += self._wording_score(texts[number], None if lead is None else texts[lead])
            sentence, terms = source.sentences[number], terms_of(texts[number])
            yield Quotable(source, (rank, number), sentence, terms, context, score, definition)

    def _nearness(self, source: EvidenceSource) -> list[float]:
        """The cosine of each sentence with the question; an item takes part of it from its lead."""
        if not source.sentences:
            return []
        question = self._evidence.vector
        lengths = np.linalg.norm(source.vectors, axis=1) * np.linalg.norm(question)
        cosines = source.vectors @ question / np.maximum(lengths, 1e-9)
        own = np.arange(len(cosines))
        leads = [
            n if s.lead is None else s.lead for n, s in zip(own, source.sentences, strict=True)
        ]
        near: list[float] = ((1 - LEAD_SHARE) * cosines + LEAD_SHARE * cosines[leads]).tolist()
        return near

    def _source_score(self, source: EvidenceSource) -> float:
        heading = source.section[-1] if source.section else ""
        score = HEADING * self._share(terms_of(heading, self._short))
        score += SELECTED * (source.selected + (source.section in self._sections)) / 2
        return (
            score + APPARATUS * wording.is_apparatus(heading) + REVIEW * wording.is_review(heading)
        )

    def _wording_score(self, text: str, lead: str | None) -> float:
        score = WORDED * wording.answers_like(self._question, text)
        score += LEANING * wording.leans_back(text)
        score += APPARATUS * (lead is not None and wording.is_legend(lead))
        return score + ABOUT_THE_BOOK * wording.is_about_the_book(text)

    def _definition(self, text: str) -> float:
        if not self._wants_definition:
            return 0.0
        return DEFINITION * wording.defines(text, self.asked, self._short)

    def _share(self, there: frozenset[str]) -> float:
        return len(self.asked & there) / len(self.asked) if self.asked else 0.0
