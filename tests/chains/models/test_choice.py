"""Which sentences are chosen where words and places decide, over vectors made by hand."""

from __future__ import annotations

import numpy as np

from chains.index.book import Sentence
from chains.models.quotes.choice import choose
from chains.models.quotes.evidence import Evidence, EvidenceSource


def source(index: int, *lines: tuple[str, float]) -> EvidenceSource:
    """A source of sentences, each with its cosine to the question."""
    sentences, start = [], 0
    for text, _ in lines:
        sentences.append(Sentence(start, start + len(text), text))
        start += len(text) + 1
    vectors = np.array([[cosine, np.sqrt(1 - cosine**2)] for _, cosine in lines], np.float32)
    return EvidenceSource(index, tuple(sentences), vectors, ("Gait",))


def taken(question: str, max_words: int, *sources: EvidenceSource) -> list[str]:
    evidence = Evidence(question, np.array([1, 0], np.float32), sources)
    return [part.text for part in choose(evidence, max_words).taken]


def test_of_two_sentences_as_good_the_shorter_one_is_taken() -> None:
    short = "A gait keeps the robot upright."
    long = "A gait, as was found out in many years of work on machines, keeps the robot upright."
    for lines in ((short, long), (long, short)):
        chosen = taken("Why has a robot a gait?", 20, source(1, *((line, 0.8) for line in lines)))
        assert chosen[0] == short


def test_what_goes_on_from_the_best_sentence_comes_before_what_another_source_has() -> None:
    best, following = "A gait has phases.", "In stance the foot of this gait bears."
    other = "Phases of a gait were first measured by others."
    sources = source(1, (best, 1.0), (following, 0.45)), source(2, (other, 0.85))
    assert taken("Which phases has a gait?", 13, *sources) == [best, following]


def test_a_sentence_that_may_fill_the_gap_comes_first() -> None:
    repeats = "On stairs, robots with loads have a gait of their own."
    fills = "The static gait keeps the center of mass above the feet."
    lines = source(1, (repeats, 0.6), (fills, 0.8))
    assert taken("On stairs, robots with loads have a ____ gait.", 12, lines) == [fills]
    assert taken("On stairs, do robots with loads have a gait?", 12, lines) == [repeats]


def test_a_pronoun_that_the_same_sentence_explains_needs_no_sentence_before_it() -> None:
    question = "Which two gaits are there?"
    names = "Those are the two gaits of a robot: walking and running."
    assert taken(question, 20, source(1, ("Which ones?", 0.9), (names, 0.8))) == [names]
    lacks = "Those are the two gaits of a robot."
    assert lacks not in taken(question, 20, source(1, ("Which ones?", 0.9), (lacks, 0.8)))
