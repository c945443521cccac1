"""A choice of parts: those of the sources that answer a question, within a number of words.

One is taken after another, by its score and by the words of the question that it adds to those
already taken. A near-copy of a sentence that is taken is passed over: maximal marginal relevance
(Carbonell & Goldstein, 1998), with shared words as the measure, since sentences of one chunk
have vectors alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chains.language import wording
from chains.models.quotes.evidence import Evidence
from chains.models.quotes.needs import Needs, is_quotable
from chains.models.quotes.quotable import Quotable
from chains.models.quotes.scoring import Scorer

NEW_TERMS, NEXT, EXPLAINS_ON, OTHER_SIDE = 0.2, 0.4, 0.3, 0.4
"""What a sentence gains by terms of the question that are not yet covered, by following a sentence
that is taken (it often goes on to the answer, and one paragraph reads better than pieces of three),
more so after a definition, since what else has the word that was asked for mentions it in passing,
and by the side of a comparison that nothing taken speaks of."""
DEFINED = 0.2
"""What of its score a sentence has by being a definition, where it is one for sure."""
LENGTH = 0.005
"""What each of its words costs: a long sentence leaves less room for others."""
REACH, APART, ELSEWHERE = 0.7, 0.3, 0.2
"""How far below the best sentence another may be and still be taken: beside one that is taken,
apart from it in the same source, and in a source that is not quoted yet. What is less near pads the
answer."""
SHORT, SLACK = 50, 0.5
"""Words up to which an answer is short, and how much less near what is added to it may be."""
LIST_MORE = 0.5
"""How many more words, of those that an answer may have, a list has that is asked for: half of the
steps are no answer."""
DIGEST = 2
"""How many times as many words a digest of several sources may have."""
SURE = 1.5
"""The score from which the best sentence is taken for the answer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The parts in the order they were taken, and whether they are sure to answer."""

    taken: tuple[Quotable, ...]
    is_sure: bool


def choose(evidence: Evidence, max_words: int) -> Choice:
    """Choose what is quoted; nothing where nothing can be.

    The parts have at most `max_words` words together, unless the shortest one has more.

    >>> import numpy as np
    >>> from chains.index.book import Sentence
    >>> from chains.models.quotes.evidence import EvidenceSource
    >>> texts = "A gait is a rhythm of steps.", "Honda built a robot in that year."
    >>> sentences = tuple(Sentence(0, len(text), text, None) for text in texts)
    >>> source = EvidenceSource(1, sentences, np.eye(2, dtype=np.float32), ("Gait",))
    >>> evidence = Evidence("What is a gait?", np.array([1, 0], dtype=np.float32), (source,))
    >>> [taken.text for taken in choose(evidence, max_words=10).taken]
    ['A gait is a rhythm of steps.']
    """
    scorer = Scorer(evidence)
    everything = [c for rank in range(len(evidence.sources)) for c in scorer.candidates(rank)]
    needs = Needs(everything)
    wanted = [c for c in everything if scorer.wants(c)]
    quotable = [c for c in wanted if is_quotable(c) and needs.of(c) is not None]
    quotable = [c for c in quotable if not needs.is_rendered(c)]
    known = [_plain(text) for text in (*evidence.selections, *evidence.said)]
    fresh = [c for c in quotable if not _is_known(needs.of(c), c, known)]
    # A reader who selected all that there is to quote gets it back rather than nothing.
    if evidence.wish == "digest":
        return _digest(fresh or quotable, DIGEST * max_words)
    return _Choosing(needs, scorer, max_words).make(fresh or quotable)


def _is_known(needed: list[Quotable] | None, candidate: Quotable, known: Sequence[str]) -> bool:
    """Whether a part, or a sentence that it points back to, is selected or was said before."""
    pointed_to = [] if candidate.part.lead is not None else needed or []
    return any(_plain(one.text) in text for one in (*pointed_to, candidate) for text in known)


def _digest(candidates: list[Quotable], max_words: int) -> Choice:
    """The best sentence of each source that says something by itself, as far as they fit."""
    best: dict[int, Quotable] = {}
    for candidate in sorted(candidates, key=lambda c: c.score, reverse=True):
        is_whole = candidate.part.kind == "sentence" and not (
            candidate.is_item or wording.leans_back(candidate.text)
        )
        if is_whole and not any(candidate.says_the_same(taken) for taken in best.values()):
            best.setdefault(candidate.place[0], candidate)
    taken: list[Quotable] = []
    for _, candidate in sorted(best.items()):
        if not taken or sum(c.words for c in taken) + candidate.words <= max_words:
            taken.append(candidate)
    return Choice(tuple(taken or candidates[:1]), is_sure=True)


class _Choosing:
    """The parts taken so far, and how many words are left."""

    def __init__(self, needs: Needs, scorer: Scorer, max_words: int) -> None:
        self._needs = needs
        self._asked = scorer.asked
        self._terms = scorer.terms
        self._asking = scorer.asking
        self._max_words = self._words_left = max_words
        self._taken: dict[tuple[int, int], Quotable] = {}

    def make(self, candidates: list[Quotable]) -> Choice:
        best = max(candidates, key=lambda c: c.score, default=None)
        if best is None:
            return Choice((), is_sure=False)
        is_sure = best.score >= SURE
        self._fill(candidates)
        # Where even the best was too long, one sentence that breaks the limit is still an answer.
        for shortest in () if self._taken else sorted(candidates, key=self._cost):
            self._words_left = self._cost(shortest)
            if self._take(shortest):
                break
        return Choice(tuple(self._taken.values()), is_sure)

    def _fill(self, candidates: list[Quotable]) -> None:
        left = candidates
        # Without the bonus for definitions: what explains a clear one further would be too far
        # below it.
        nearest = max(c.score - c.definition for c in candidates)
        while near := [c for c in left if self._adds(c, nearest)]:
            best = max(near, key=self._value)
            if self._take(best):
                self._take_list_around(best)
            left = [c for c in left if c is not best and not self._has(c)]

    def _adds(self, candidate: Quotable, nearest: float) -> bool:
        """Whether a part is near enough, and speaks of the question or stands beside what does.

        What stands beside a part that is taken reads on from it, and while the answer is short it
        may be even less near: a sentence that repeats the question is nearest to it and does not
        answer. Anything else has to be nearly as near as the best one, but for the first code or
        row where these are asked for.
        """
        if not self._taken:
            return candidate.score >= nearest - REACH
        source, place = candidate.place
        follows = (source, place - 1) in self._taken
        beside = follows or (source, place + 1) in self._taken
        if candidate.part.kind == "code":
            beside |= any(c.place in self._taken for c in self._needs.of(candidate) or ())
        missing = self._missing() if candidate.part.kind == "code" else self._asked
        if not (beside or candidate.context & missing):
            return False
        written = sum(taken.words for taken in self._taken.values())
        is_quoted = any(source == number for number, _ in self._taken)
        kinds = {"sentence", *(taken.part.kind for taken in self._taken.values())}
        reach = REACH + SLACK * (beside and written < SHORT)
        if not beside and candidate.part.kind in kinds:
            reach = APART if is_quoted else ELSEWHERE
        elif not follows and candidate.is_prose:
            reach = APART
        return candidate.score + self._gains(candidate) >= nearest - reach

    def _value(self, candidate: Quotable) -> float:
        """The score, and what the part adds to those already taken."""
        value = candidate.score + self._gains(candidate) - LENGTH * candidate.words
        if self._asked:
            value += NEW_TERMS * len(self._missing() & candidate.context) / len(self._asked)
        return value

    def _missing(self) -> frozenset[str]:
        return self._asked.difference(*(c.context for c in self._taken.values()))

    def _gains(self, candidate: Quotable) -> float:
        """What a part gains by those already taken: it goes on, or takes the other side."""
        gain = 0.0
        source, place = candidate.place
        before = self._taken.get((source, place - 1))
        # Prose after a list, a list after prose, and another term are new thoughts.
        is_new = candidate.part.opens_entry and not candidate.is_item
        if before is not None and before.is_item == candidate.is_item and not is_new:
            explained = any(taken.definition >= DEFINED for taken in self._taken.values())
            goes_on = candidate.part.kind == before.part.kind == "sentence"
            gain += goes_on * (NEXT + EXPLAINS_ON * explained)
        return gain + OTHER_SIDE * (self._taken != {} and self._is_other_side(candidate))

    def _is_other_side(self, candidate: Quotable) -> bool:
        open_sides = [
            side
            for side in self._asking.sides
            if not any(side <= taken.context for taken in self._taken.values())
        ]
        return any(side <= candidate.context for side in open_sides)

    def _take(self, candidate: Quotable) -> bool:
        """Take a part with what it needs to be understood, if that may be quoted and fits."""
        words = self._cost(candidate)
        if words > self._words_left:
            return False
        self._words_left -= words
        self._taken |= {c.place: c for c in self._brings(candidate)}
        return True

    def _cost(self, candidate: Quotable) -> int:
        """How many words it brings with it."""
        return sum(c.words for c in self._brings(candidate))

    def _brings(self, candidate: Quotable) -> Sequence[Quotable]:
        needed = [*(self._needs.of(candidate) or ()), candidate]
        return [c for c in needed if c.place not in self._taken]

    def _take_list_around(self, item: Quotable) -> None:
        """Take the rest of a list, as far as it fits, if what is asked for is the list.

        Later items first, then earlier ones; also those that are near-copies, since a list with
        holes is none.
        """
        if not item.is_item or not self._asked_for_list(item):
            return
        more = self._asking.listing * int(LIST_MORE * self._max_words)
        self._words_left += more
        items = self._needs.siblings(item)
        place = items.index(item)
        for way in (items[place + 1 :], items[:place][::-1]):
            for other in way:
                if other.place not in self._taken and not self._take(other):
                    break
        self._words_left -= more

    def _asked_for_list(self, item: Quotable) -> bool:
        # “Which batteries are there?” has its terms in the lead or the heading, and “What is a
        # lithium-ion battery?” in the item itself.
        lead = item.context - item.terms
        section = item.source.section
        heading = self._terms(section[-1]) if section else frozenset()
        return len(self._asked & (lead | heading)) >= len(self._asked & item.terms)

    def _has(self, candidate: Quotable) -> bool:
        # “Inverse kinematics …” is no copy of “Forward kinematics …” where both are asked for.
        return candidate.place in self._taken or any(
            candidate.says_the_same(taken)
            and not any((s <= candidate.terms) != (s <= taken.terms) for s in self._asking.sides)
            for taken in self._taken.values()
        )


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").split()).casefold()
