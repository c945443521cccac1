"""The sentences that may be quoted, and how well each answers the question by itself.

A score is the cosine of sentence and question, from -1 to 1, with small additions for the
wording and the place of the sentence. Their weights were set by reading answers, see
docs/decisions/0006-quoting-by-vectors-and-wording.md.
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
"""For a sentence that defines what is asked for, for the share of the question's terms in it and
in its heading, and for a wording that fits the question. A definition weighs most: the vector of
“What is a gait?” is about as near to any sentence on gaits."""
SELECTED, RANK = 0.15, 0.06
"""For a source with a selection in it, and for the best source. The rank weighs little: it says
how well the chunk fits, and most of its sentences may be about something else."""
EXAMPLE = 0.4
"""For a sentence with an example, where one is asked for: it decides."""
LEANING, REVIEW, ABOUT_THE_BOOK, APPARATUS = -0.06, -0.1, -0.35, -0.4
"""Against a sentence that needs the one before it, one of a summary, one about the book itself
(“In this chapter …”), and one of exercises, lists of sources or legends of formulas. The last two
often repeat the question's words without an answer, so they are near to it by cosine."""
LEAD_SHARE = 0.3
"""How much of a list item's nearness is that of the line that introduces it: “- lithium-ion”
says little without “Batteries of robots are:”."""
SAME = 0.7
"""The share of the shorter one's terms from which two sentences are near-copies."""


@dataclass(frozen=True, eq=False, slots=True)
class Quotable:
    """A sentence that may be quoted.

    `place` is the number of its source, best first, and its own number within the source, both
    from 0. `terms` are its content words; `context` adds those of the line that introduces it,
    and what abbreviations stand for. `score` is the sentence's own, whatever else is taken;
    `definition` is the part of it that a definition gets.
    """

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
        """Whether it is a later sentence of the same list item as the one before it."""
        number = self.place[1]
        if number == 0 or not self.is_item:
            return False
        before = self.source.sentences[number - 1]
        # Between two items stand at least a line end, a bullet and a space.
        return before.lead == self.sentence.lead and self.sentence.start - before.end <= 2

    @property
    def depth(self) -> int:
        """How many lines introduce it: 1 in a list, 2 in a list within a list."""
        depth, lead = 0, self.sentence.lead
        while lead is not None:
            depth, lead = depth + 1, self.source.sentences[lead].lead
        return depth

    def says_the_same(self, other: Quotable) -> bool:
        """Whether the two share most of their terms."""
        smaller = min(len(self.terms), len(other.terms))
        return smaller > 0 and len(self.terms & other.terms) / smaller >= SAME


class Scorer:
    """Scores the sentences of the sources of one question; `asked` are its content words."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._question = evidence.question
        sources = evidence.sources
        # Any source may introduce an abbreviation that another one uses: they are one book.
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
            # A definition stands in the sentence itself, not in the line that introduces it.
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
        # A vector of zeros is near nothing, instead of a division by zero.
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
        # The other chunks of a selection's section get half: a section has one subject.
        score += SELECTED * (source.selected + (source.section in self._sections)) / 2
        return (
            score + APPARATUS * wording.is_apparatus(heading) + REVIEW * wording.is_review(heading)
        )

    def _wording_score(self, text: str, lead: str | None) -> float:
        score = WORDED * wording.answers_like(self._question, text)
        score += LEANING * wording.leans_back(text)
        score += APPARATUS * (lead is not None and wording.is_legend(lead))
        score += EXAMPLE * (self._evidence.wish == "example" and wording.is_example(text))
        return score + ABOUT_THE_BOOK * wording.is_about_the_book(text)

    def _definition(self, text: str) -> float:
        if not self._wants_definition:
            return 0.0
        return DEFINITION * wording.defines(text, self.asked, self._short)

    def _share(self, there: frozenset[str]) -> float:
        return len(self.asked & there) / len(self.asked) if self.asked else 0.0
