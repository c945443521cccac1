"""A choice of sentences: those of the sources that answer a question, within a number of words.

One is taken after another, by its score and by the words of the question that it adds to those
already taken. A near-copy of a sentence that is taken is passed over: maximal marginal relevance
(Carbonell & Goldstein, 1998), with shared words as the measure, since sentences of one chunk
have vectors alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from chains.language import wording
from chains.language.terms import terms_of
from chains.models.quotes.evidence import Evidence
from chains.models.quotes.quotable import Quotable, Scorer

NEW_TERMS, NEXT = 0.1, 0.2
"""What a sentence gains by terms of the question that are not yet covered, and by following a
sentence that is taken: one paragraph reads better than pieces of three."""
REACH = 0.2
"""How far below the best sentence another may be and still be taken; what is less near pads the
answer."""


def choose(evidence: Evidence, max_words: int) -> list[Quotable]:
    """Return the sentences in the order they were taken; none where none can be quoted.

    They have at most `max_words` words together, unless the shortest one has more.

    >>> import numpy as np
    >>> from chains.index.book import Sentence
    >>> from chains.models.quotes.evidence import EvidenceSource
    >>> texts = "A gait is a rhythm of steps.", "Honda built a robot in that year."
    >>> sentences = tuple(Sentence(0, len(text), text, None) for text in texts)
    >>> source = EvidenceSource(1, sentences, np.eye(2, dtype=np.float32), ("Gait",))
    >>> evidence = Evidence("What is a gait?", np.array([1, 0], dtype=np.float32), (source,))
    >>> [taken.text for taken in choose(evidence, max_words=50)]
    ['A gait is a rhythm of steps.']
    """
    scorer = Scorer(evidence)
    everything = [c for rank in range(len(evidence.sources)) for c in scorer.candidates(rank)]
    # Numbers in brackets are left out: “[12]” of the book would be read as a citation of ours.
    quotable = [c for c in everything if _is_quotable(c) and not wording.cites(c.text)]
    known = [_plain(text) for text in (*evidence.selections, *evidence.said)]
    fresh = [c for c in quotable if not any(_plain(c.text) in text for text in known)]
    # A reader who selected all that there is to quote gets it back rather than nothing.
    if evidence.wish == "digest":
        return _digest(fresh or quotable, max_words)
    return _Choice(everything, scorer.asked, max_words).make(fresh or quotable)


def _digest(candidates: list[Quotable], max_words: int) -> list[Quotable]:
    """The best sentence of each source that says something by itself, as far as they fit."""
    best: dict[int, Quotable] = {}
    for candidate in sorted(candidates, key=lambda c: c.score, reverse=True):
        whole = not candidate.is_item and not wording.leans_back(candidate.text)
        if whole and not any(candidate.says_the_same(taken) for taken in best.values()):
            best.setdefault(candidate.place[0], candidate)
    taken: list[Quotable] = []
    for _, candidate in sorted(best.items()):
        if not taken or sum(c.words for c in taken) + candidate.words <= max_words:
            taken.append(candidate)
    return taken or candidates[:1]


class _Choice:
    """The sentences taken so far, and how many words are left.

    `everything` also holds the sentences that are not quotable by themselves, since a list item
    may need the line that introduces it.
    """

    def __init__(self, everything: list[Quotable], asked: frozenset[str], max_words: int) -> None:
        self._at = {candidate.place: candidate for candidate in everything}
        self._asked = asked
        self._words_left = max_words
        self._taken: dict[tuple[int, int], Quotable] = {}

    def make(self, candidates: list[Quotable]) -> list[Quotable]:
        left = candidates
        # Without the bonus for definitions: beside a clear definition, what explains it further
        # would fall below the floor.
        floor = max((c.score - c.definition for c in candidates), default=0.0) - REACH
        while near := [c for c in left if c.score + self._continues(c) >= floor]:
            best = max(near, key=self._value)
            if self._take(best):
                self._take_list_around(best)
            left = [c for c in left if c is not best and not self._has(c)]
        # Where even the best was too long, one sentence that breaks the limit is still an answer.
        for shortest in () if self._taken else sorted(candidates, key=self._cost):
            self._words_left = self._cost(shortest)
            if self._take(shortest):
                break
        return list(self._taken.values())

    def _value(self, candidate: Quotable) -> float:
        """The score, and what the sentence adds to those already taken."""
        value = candidate.score + self._continues(candidate)
        if self._asked:
            missing = self._asked.difference(*(c.context for c in self._taken.values()))
            value += NEW_TERMS * len(missing & candidate.context) / len(self._asked)
        return value

    def _continues(self, candidate: Quotable) -> float:
        source, number = candidate.place
        before = self._taken.get((source, number - 1))
        # Prose after a list, or a list after prose, is a new thought.
        return NEXT * (before is not None and before.is_item == candidate.is_item)

    def _take(self, candidate: Quotable) -> bool:
        """Take a sentence with what it needs to be understood, if all of that may be quoted and
        fits."""
        needed = [c for c in [*self._needs(candidate), candidate] if c.place not in self._taken]
        words = self._cost(candidate)
        if words > self._words_left or any(wording.cites(c.text) for c in needed):
            return False
        self._words_left -= words
        self._taken |= {c.place: c for c in needed}
        return True

    def _cost(self, candidate: Quotable) -> int:
        """How many words it brings with it."""
        needed = [*self._needs(candidate), candidate]
        return sum(c.words for c in needed if c.place not in self._taken)

    def _needs(self, candidate: Quotable) -> Iterator[Quotable]:
        """What must stand before a sentence, outermost first.

        For a list item, the lines that introduce it; for a sentence that points back (“It
        also …”), the one before it.
        """
        source, number = candidate.place
        if candidate.goes_on:
            before = self._at[source, number - 1]
            yield from self._needs(before)
            yield before
        elif candidate.sentence.lead is not None:
            lead = self._at[source, candidate.sentence.lead]
            yield from self._needs(lead)
            yield lead
        elif wording.leans_back(candidate.text) and number > 0:
            # One step only: if that one points back as well, a reader can still follow, and a
            # chain of them would use up all words.
            before = self._at[source, number - 1]
            if not before.is_item and _is_quotable(before):
                yield before

    def _take_list_around(self, item: Quotable) -> None:
        """Take the rest of a list, as far as it fits, if the question asks for the list.

        Later items first, then earlier ones.
        """
        if not item.is_item or not self._asked_for_list(item):
            return
        source, number = item.place
        for step in (1, -1):
            other = self._at.get((source, number + step))
            while other is not None and other.sentence.lead == item.sentence.lead:
                if self._has(other) or not self._take(other):
                    break
                other = self._at.get((source, other.place[1] + step))

    def _asked_for_list(self, item: Quotable) -> bool:
        # “Which batteries are there?” has its terms in the lead or the heading, and “What is a
        # lithium-ion battery?” in the item itself.
        lead = item.context - item.terms
        heading = terms_of(item.source.section[-1]) if item.source.section else frozenset()
        return len(self._asked & (lead | heading)) >= len(self._asked & item.terms)

    def _has(self, candidate: Quotable) -> bool:
        return candidate.place in self._taken or any(
            candidate.says_the_same(taken) for taken in self._taken.values()
        )


def _is_quotable(candidate: Quotable) -> bool:
    text = candidate.text
    if not wording.is_quotable(text) or wording.is_caption(text) or wording.is_cut(text):
        return False
    # Of lines that end without a full stop, items and “Torque: how strongly it turns” say
    # something; crumbs do not.
    return candidate.is_item or wording.has_ended(text) or wording.is_labelled(text)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
