"""How well each part answers the question by itself.

A score is the cosine of sentence and question, the share of the question's words that the
sentence has, and the rank of its source, with small additions for the wording and the place of
the sentence. docs/decisions/0006-quoting-by-vectors-and-wording.md says how the weights were set.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from chains.language import explaining, wording
from chains.language.terms import Abbreviation, abbreviations_in, terms_of
from chains.models.quotes.asked_for import fills_gap, read_question
from chains.models.quotes.evidence import Evidence, EvidenceSource
from chains.models.quotes.parts import Part, code_in, parts_of
from chains.models.quotes.quotable import Quotable

COVERED, RANK = 0.7, 0.4
"""For all words of the question, by how rare each is among the parts, and for the best source."""
DEFINITION, OPENS, HEADING, WANTED = 0.25, 0.15, 0.1, 0.15
"""For a sentence that defines what is asked for, for the first one below the outermost heading that
names it, for the share of the question's terms in its heading, and for code, a row of a table or
one of the options where the question asks for that. A definition weighs most: the vector of “What
is a gait?” is about as near to any sentence on gaits.
"""
NAMED = 0.15
"""For a sentence with code that the question lacks, where what is asked for may have a name."""
FILLS = 0.4
"""For a sentence that may hold what fills a gap: it repeats less of the question than others."""
BESIDE, LONGEST_BESIDE = 0.5, 30
"""How much a word weighs that the question lacks and the one before it has, or a selection of so
many words at most: “and when would I use that?” says little by itself."""
SELECTED = 0.15
"""For a source with a selection in it."""
EXAMPLE = 0.4
"""For a sentence with an example, where one is asked for: it decides."""
LEANING, ABOUT_THE_BOOK, APPARATUS = -0.06, -0.35, -0.4
"""Against a sentence that needs the one before it, one about the book itself (“In this chapter …”),
one of exercises, lists of sources or changes. Some of them repeat the question's words without an
answer, so they are near to it by cosine."""
LEAD_SHARE = 0.3
"""How much of a list item's nearness is that of the line that introduces it: “- lithium-ion”
says little without “Batteries of robots are:”."""
ROW = 0.5
"""The share of the question that a row has, where no value was asked for."""
SCAFFOLD = terms_of(
    "following statement true false best correct correctly term called known considered"
)
"""Words that say what is asked for, not what it is about."""


class Scorer:
    """Scores the parts of the sources of one question; `asked` are its content words and those
    that stand beside it, and `asking` says what it asks for."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.asking = read_question(evidence.question)
        self._parts = [parts_of(source) for source in evidence.sources]
        # Any source may introduce an abbreviation that another one uses: they are one book.
        texts = [text for source in evidence.sources for text in source.section]
        texts += [part.text for parts in self._parts for part in parts]
        self._short = abbreviations_in(texts)
        self._terms = [[self.terms(part.text) for part in parts] for parts in self._parts]
        self._sections = {source.section for source in evidence.sources if source.selected}
        own = self.terms(evidence.question, self._short) - SCAFFOLD
        self._beside = self._terms_beside() - own
        self.asked = own | self._beside
        self._weights = self._weigh()

    def terms(self, text: str, short: Sequence[Abbreviation] = ()) -> frozenset[str]:
        """The content words of a text in the language of the book."""
        return terms_of(text, short, self._evidence.language)

    def candidates(self, rank: int) -> Iterator[Quotable]:
        """The parts of the source with this rank, counted from 0, best first."""
        source, parts = self._evidence.sources[rank], self._parts[rank]
        shared = self._source_score(source) + RANK * (1 - rank / len(self._evidence.sources))
        near = self._nearness(source, parts)
        for place, part in enumerate(parts):
            introduced = " ".join((_introduction(parts, part), part.header, part.text))
            context = self.terms(introduced, self._short)
            if part.kind == "row":
                # It says of its section's subject what it says.
                context |= self.terms(source.section[-1] if source.section else "", self._short)
            # A definition stands in the sentence itself, not in the line that introduces it.
            definition = self._definition(part, source if place == 0 and source.opens else None)
            covered = self._covered(context)
            score = shared + near[place] + definition + COVERED * covered
            score += self._wording_score(part) + self._wanted(part, context)
            before = parts[place - 1] if place else None
            terms = self._terms[rank][place]
            depth = _depth(parts, place)
            yield Quotable(
                source,
                (rank, place),
                part,
                before,
                terms,
                context,
                covered,
                depth,
                score,
                definition,
            )

    def wants(self, candidate: Quotable) -> bool:
        """Whether what is asked for may be of the kind of a part: code is quoted where code is
        asked for, and a row where a value is, or where it has half of the question itself."""
        if candidate.part.kind == "code":
            return self.asking.code
        if candidate.part.kind == "row":
            own = candidate.terms & self.asked
            return bool(own) and (self.asking.value or self._covered(own) >= ROW)
        return True

    def _terms_beside(self) -> frozenset[str]:
        """The content words of the question before, and of what was selected, if that is short."""
        short = (s for s in self._evidence.selections if len(s.split()) <= LONGEST_BESIDE)
        return self.terms(" ".join((self._evidence.before, *short))) - SCAFFOLD

    def _weigh(self) -> dict[str, float]:
        """How much each term of the question says: the rarer among the parts, the more."""
        everything = [terms for parts in self._terms for terms in parts]
        holding = Counter(term for terms in everything for term in terms & self.asked)
        return {
            term: math.log((len(everything) + 1) / (holding[term] + 0.5))
            * (1 + (term in self.asking.near_gap))
            * (BESIDE if term in self._beside else 1)
            for term in self.asked
        }

    def _covered(self, there: frozenset[str]) -> float:
        total = sum(self._weights.values())
        return sum(self._weights[term] for term in self.asked & there) / total if total else 0.0

    def _nearness(self, source: EvidenceSource, parts: tuple[Part, ...]) -> list[float]:
        """The cosine of each part with the question: an item takes some of it from its lead, code
        and rows all of it from what introduces them, or else from the source."""
        cosines = _cosines(source.vectors, self._evidence.vector)
        own = [
            source.cosine if part.sentence is None else float(cosines[part.sentence])
            for part in parts
        ]
        near = []
        for part, cosine in zip(parts, own, strict=True):
            if part.lead is None:
                near.append(cosine)
            else:
                share = LEAD_SHARE if part.kind == "sentence" else 1
                near.append((1 - share) * cosine + share * own[part.lead])
        return near

    def _source_score(self, source: EvidenceSource) -> float:
        heading = source.section[-1] if source.section else ""
        score = HEADING * self._covered(self.terms(heading, self._short))
        # The other chunks of a selection's section get half: a section has one subject.
        score += SELECTED * (source.selected + (source.section in self._sections)) / 2
        is_apparatus = wording.is_apparatus(heading) or wording.is_changelog(source.section)
        return score + APPARATUS * is_apparatus

    def _wording_score(self, part: Part) -> float:
        if part.kind != "sentence":
            return 0.0
        score = LEANING * wording.leans_back(part.text)
        score += FILLS * fills_gap(part.text, self.asking, self.asked)
        score += EXAMPLE * (self._evidence.wish == "example" and wording.is_example(part.text))
        return score + ABOUT_THE_BOOK * wording.is_about_the_book(part.text)

    def _wanted(self, part: Part, context: frozenset[str]) -> float:
        score = 0.0
        if part.kind == "row":
            score += WANTED * self.asking.value
        elif part.kind == "code" or (self.asking.listing and part.lead is not None):
            score += WANTED
        elif self.asking.name and any(
            not self.terms(code) <= self.asked for code in code_in(part.text)
        ):
            score += NAMED
        shares = (len(option & context) / len(option) for option in self.asking.options if option)
        return score + WANTED * max(shares, default=0.0)

    def _definition(self, part: Part, opened: EvidenceSource | None) -> float:
        """What a sentence gains where an explanation is asked for; `opened` is its source if its
        section begins with it."""
        if part.kind != "sentence":
            return 0.0
        path = opened.section if opened else ()
        heading, above = self.terms("".join(path[-1:])), self.terms(" ".join(path[:-1]))
        gains = [
            gain
            for one in (terms - SCAFFOLD for terms in self.asking.defined)
            if one
            for gain in (
                DEFINITION * explaining.defines(part.text, one, self._short),
                OPENS * (one <= heading and not one <= above),
            )
        ]
        return max(gains, default=0.0)


def _introduction(parts: tuple[Part, ...], part: Part) -> str:
    """What introduces a part, with the sentence before where that points back."""
    if part.lead is None:
        return ""
    lead = parts[part.lead]
    leans = part.lead > 0 and wording.leans_back(lead.text)
    return f"{parts[part.lead - 1].text} {lead.text}" if leans else lead.text


def _depth(parts: tuple[Part, ...], place: int) -> int:
    depth, lead = 0, parts[place].lead
    while lead is not None:
        depth, lead = depth + 1, parts[lead].lead
    return depth


def _cosines(vectors: NDArray[np.float32], question: NDArray[np.float32]) -> NDArray[np.float32]:
    if not len(vectors):
        return np.zeros(0, np.float32)
    # A vector of zeros is near nothing, instead of a division by zero.
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(question)
    cosines: NDArray[np.float32] = vectors @ question / np.maximum(lengths, 1e-9)
    return cosines
