"""How the gate is set for a book: by its own headings and sentences, and by foreign questions.

All of it is done on arrays, so an ingestion needs no index that can be searched yet.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chains.answering.gate.foreign import foreign_questions
from chains.answering.gate.measures import Measures, asked_terms, held_by, measure, relevance
from chains.index.book import Chunk
from chains.index.scope import CurvePoint, Scale, Scope, Vocabulary

HEADINGS, SENTENCES = 100, 100
"""How many of each are asked as questions, spread over the book."""
FEWEST = 20
"""With fewer headings and sentences, a book is too short to be measured."""
PASSAGES = 6
"""How many chunks a question is judged by."""
SKIPPED, TAKEN = 3, 10
"""Of a sentence, so many words are left out at its beginning, and so many asked."""
KEPT = 0.05
"""The share of headings that may lie below `Scale.least`."""
THRESHOLDS = 21
"""How many points a curve has."""


Places = Mapping[str, "array[int]"]
"""Of each term the numbers of the chunks that have it, in four bytes each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions that a book is measured by."""

    headings: tuple[str, ...]
    sentences: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def texts(self) -> list[str]:
        """All of them, in that order."""
        return [*self.headings, *self.sentences, *self.foreign]


@dataclass(frozen=True, slots=True)
class Measured:
    """A book as it is measured: its chunks, and their unit vectors as float32 of shape
    (chunks, size); `places` are where its terms are, as `places_of` has them."""

    chunks: Sequence[Chunk]
    vectors: NDArray[np.float32]
    places: Places
    vocabulary: Vocabulary
    language: str


def places_of(terms: Iterable[frozenset[str]]) -> Places:
    """Where the terms of a book are, from the `gate_terms` of each chunk. Those of all chunks at
    once would take fifty times the room."""
    places: dict[str, array[int]] = defaultdict(lambda: array("I"))
    for place, held in enumerate(terms):
        for term in held:
            places[term].append(place)
    return dict(places)


def vocabulary_of(chunks: int, places: Places) -> Vocabulary:
    """The vocabulary of a book of so many chunks."""
    return Vocabulary(chunks, {term: len(held) for term, held in places.items()})


def questions_of(chunks: Sequence[Chunk], language: str) -> Asked | None:
    """What a book of these chunks is measured by; None where it is too short for that."""
    headings = list(dict.fromkeys(chunk.section[-1] for chunk in chunks if chunk.section))
    sentences = [part for chunk in chunks for one in chunk.sentences if (part := _part(one.text))]
    if min(len(headings), len(sentences)) < FEWEST:
        return None
    return Asked(
        tuple(_spread(headings, HEADINGS)),
        tuple(_spread(sentences, SENTENCES)),
        tuple(foreign_questions(language)),
    )


def scale_of(
    asked: Asked,
    questions: NDArray[np.float32],
    book: Measured,
) -> Scale:
    """Measure a book; `questions` are the unit vectors of `asked.texts`, float32 of shape
    (as many, size)."""
    search = _Search(book)
    measured = [
        search.measure(text, vector) for text, vector in zip(asked.texts, questions, strict=True)
    ]
    own, foreign = measured[: -len(asked.foreign)], measured[-len(asked.foreign) :]
    headings = np.array([one.near for one in own[: len(asked.headings)]])
    others = np.array([one.near for one in foreign])
    scale = Scale(foreign=float(np.median(others)), own=float(np.median(headings)))
    apart = float((headings[:, None] > others[None, :]).mean())  # the area under the ROC curve
    scale = replace(
        scale,
        trust=max(0.0, 2 * apart - 1) ** 2,
        least=min(scale.least, scale.nearness(float(np.quantile(headings, KEPT)))),
    )
    return replace(scale, curve=_curve(own, foreign, Scope(book.vocabulary, scale)))


def _curve(
    own: Sequence[Measures], foreign: Sequence[Measures], scope: Scope
) -> tuple[CurvePoint, ...]:
    ours = np.array([relevance(one, scope) for one in own])
    others = np.array([relevance(one, scope) for one in foreign])
    return tuple(
        CurvePoint(
            round(float(threshold), 3),
            round(float((ours >= threshold).mean()), 3),
            round(float((others >= threshold).mean()), 3),
        )
        for threshold in np.linspace(0, 1, THRESHOLDS)
    )


class _Search:
    """Finds the chunks that a question is judged by, much as a search of the index does."""

    def __init__(self, book: Measured) -> None:
        self._book = book

    def measure(self, text: str, vector: NDArray[np.float32]) -> Measures:
        """What the gate measures of a question."""
        book = self._book
        asked = asked_terms(text, book.language)
        cosines = book.vectors @ vector
        words = np.zeros(len(book.chunks), dtype=np.float32)
        for term in asked.keys() & book.places.keys():
            words[np.asarray(book.places[term])] += asked[term] * book.vocabulary.weight(term)
        score = cosines / max(float(cosines.max()), 1e-6) + words / max(float(words.max()), 1e-6)
        best = np.argsort(-score)[:PASSAGES]
        held = [held_by(book.chunks[place], book.language) for place in best]
        nearest = float(cosines[best].max())
        return measure(asked, nearest, held, book.vocabulary, book.language)


def _spread(of: Sequence[str], most: int) -> list[str]:
    """At most so many, spread evenly."""
    return [of[place] for place in np.unique(np.linspace(0, len(of) - 1, most).astype(int))]


def _part(sentence: str) -> str:
    """A part of a sentence that asks for its subject; "" for a short one.

    Without blanks between words, as in Chinese, it is the second of four quarters and the third.
    """
    words = sentence.split()
    if len(words) >= 2 * SKIPPED:
        return " ".join(words[SKIPPED : SKIPPED + TAKEN])
    quarter = len(sentence) // 4
    return sentence[quarter : 3 * quarter] if len(words) == 1 and quarter >= 3 else ""
