"""A book is measured by its own headings and sentences, and by questions of other subjects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chains.answering.gate.calibration import (
    FEWEST,
    HEADINGS,
    SENTENCES,
    Asked,
    Measured,
    places_of,
    questions_of,
    scale_of,
    vocabulary_of,
)
from chains.answering.gate.foreign import foreign_questions
from chains.answering.gate.measures import asked_terms, gate_terms, held_by, measure, relevance
from chains.index.book import Chunk, Sentence
from chains.index.scope import Scale, Scope

LETTERS = "abcdefghij"
SUBJECTS = [f"{one}{other}ron" for one in LETTERS for other in LETTERS]
"""Words of a field that is made up."""
TEXT = "Nowadays every robot carries the {0} right beside {1} for balance, and {2} below."


def chunk_of(number: int) -> Chunk:
    """The chunk of a subject, with a sentence on it and the next two."""
    names = [SUBJECTS[(number + step) % len(SUBJECTS)] for step in range(3)]
    text = TEXT.format(*names)
    return Chunk("a.md", ("Robots", f"The {names[0]}"), 0, 0, 9, text, (Sentence(0, 9, text),))


CHUNKS = [chunk_of(number) for number in range(len(SUBJECTS))]


def measured(vectors: NDArray[np.float32]) -> Measured:
    places = places_of(gate_terms(chunk.embedded_text, "english") for chunk in CHUNKS)
    return Measured(CHUNKS, vectors, places, vocabulary_of(len(CHUNKS), places), "english")


def asked() -> Asked:
    found = questions_of(CHUNKS, "english")
    assert found is not None
    return found


def scales(own: float, foreign: float, spread: float = 0.0) -> Scale:
    """That of a book with which its own questions have one cosine, and foreign ones another, each
    with a `spread`."""
    questions = asked()
    number = len(questions.headings) + len(questions.sentences)
    cosines = np.array([own] * number + [foreign] * len(questions.foreign), np.float32)
    cosines += np.random.default_rng(0).normal(0, spread, len(cosines)).astype(np.float32)
    return scale_by(cosines)


def scale_by(cosines: NDArray[np.float32]) -> Scale:
    directions = np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1)
    return scale_of(
        asked(), directions, measured(np.tile(np.array([1, 0], np.float32), (len(CHUNKS), 1)))
    )


def test_questions_are_headings_and_parts_of_sentences_spread_over_the_book() -> None:
    questions = asked()
    assert len(questions.headings) == HEADINGS
    assert (questions.headings[0], questions.headings[-1]) == ("The aaron", "The jjron")
    assert len(questions.sentences) == SENTENCES
    assert questions.sentences[0] == "carries the aaron right beside abron for balance, and acron"
    assert questions.foreign == tuple(foreign_questions("english"))


def test_a_short_book_is_not_measured() -> None:
    assert questions_of(CHUNKS[: FEWEST - 1], "english") is None
    assert questions_of(CHUNKS[:FEWEST], "english") is not None


def test_sentences_without_blanks_are_cut_by_their_letters() -> None:
    text = "零力矩点是地面反作用力的合力矩没有水平分量的点。"
    chunks = [
        Chunk("a.md", (f"第{number}节",), 0, 0, 9, text, (Sentence(0, 9, text),))
        for number in range(FEWEST)
    ]
    found = questions_of(chunks, "chinese")
    assert found is not None
    assert set(found.sentences) == {text[6:18]}


def test_where_nearness_tells_them_apart_it_is_trusted_and_the_curve_says_so() -> None:
    scale = scales(own=0.6, foreign=0.15)
    assert scale.trust == 1
    [even] = [point for point in scale.curve if point.threshold == 0.5]
    assert (even.own, even.foreign) == (1, 0)
    assert [point.own for point in scale.curve] == sorted(
        (point.own for point in scale.curve), reverse=True
    )


def test_where_nearness_says_nothing_the_words_decide() -> None:
    scale = scales(own=0.55, foreign=0.58, spread=0.08)
    assert scale.trust < 0.2
    scope = Scope(measured(np.zeros((0, 2), np.float32)).vocabulary, scale)

    def passes(text: str) -> bool:
        held = [held_by(CHUNKS[0], "english")]
        terms = asked_terms(text, "english")
        measures = measure(terms, 0.58, held, scope.vocabulary, "english")
        return relevance(measures, scope) >= 0.5

    assert passes("What is the aaron beside?")
    assert not passes("What is the capital of France?")
    assert not passes("How do I cook rice?")


def test_subjects_that_the_book_covers_do_not_distort_its_scale() -> None:
    questions = asked()
    number = len(questions.headings) + len(questions.sentences)
    foreign = [0.15] * len(questions.foreign)
    foreign[: len(foreign) // 4] = [0.6] * (len(foreign) // 4)
    scale = scale_by(np.array([*[0.6] * number, *foreign], np.float32))
    assert scale.foreign == scales(own=0.6, foreign=0.15).foreign
