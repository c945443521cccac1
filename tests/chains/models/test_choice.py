"""Which sentences are chosen where words and places decide, over vectors made by hand."""

from __future__ import annotations

import numpy as np

from chains.index.book import Sentence
from chains.models.quotes.choice import choose
from chains.models.quotes.evidence import Evidence, EvidenceSource
from chains.models.quotes.quotation import quote

QUESTION = np.array([1, 0], np.float32)
BLOCK = "```sh\n{}\n```"


def source(index: int, *lines: tuple[str, float], code: tuple[str, ...] = ()) -> EvidenceSource:
    """A source of sentences, each with its cosine to the question, and blocks of code behind."""
    sentences, start = [], 0
    for text, _ in lines:
        sentences.append(Sentence(start, start + len(text), text))
        start += len(text) + 1
    vectors = np.array([[cosine, np.sqrt(1 - cosine**2)] for _, cosine in lines], np.float32)
    content = "\n\n".join(["\n".join(text for text, _ in lines), *map(BLOCK.format, code)])
    return EvidenceSource(index, tuple(sentences), vectors, ("Gait",), content=content)


def taken(question: str, max_words: int, *sources: EvidenceSource) -> list[str]:
    evidence = Evidence(question, QUESTION, sources)
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


def test_a_sentence_of_another_source_is_added_where_it_is_about_as_near() -> None:
    best, near = "A gait of a robot has phases.", "Robots change a gait on stairs."
    for cosine, expected in ((0.9, [best, near]), (0.5, [best])):
        sources = source(1, (best, 0.9)), source(2, (near, cosine))
        assert taken("Which gait has a robot?", 40, *sources) == expected


def test_a_sentence_apart_from_those_quoted_is_added_where_it_is_about_as_near() -> None:
    best, apart = "A gait of a robot has phases.", "A robot may change its gait on wet stairs."
    between = ("Is it so?", 0.1), ("Was it so?", 0.1)
    for cosine, expected in ((0.8, [best, apart]), (0.5, [best])):
        lines = (best, 0.9), *between, (apart, cosine)
        assert taken("Which gait has a robot?", 40, source(1, *lines)) == expected


def test_code_that_is_asked_for_comes_from_another_source_if_none_is_quoted() -> None:
    best, leads = "A gait is saved by a command.", "Here is how it is done by all of us here."
    other = source(2, (leads, 0.3), code=("gait save walk",))
    assert taken("Which command saves a gait?", 60, source(1, (best, 0.9)), other) == [
        best,
        leads,
        BLOCK.format("gait save walk"),
    ]


def test_a_second_block_of_code_has_to_add_words_of_the_question() -> None:
    best = "A gait is saved by this command."
    own = source(1, (best, 0.9), code=("gait save walk",))
    for more, is_taken in (("gait save run", False), ("gait stairs", True)):
        other = source(2, ("A gait needs a command.", 1.0), code=(more,))
        chosen = taken("Which command saves a gait for stairs?", 80, own, other)
        assert BLOCK.format("gait save walk") in chosen
        assert (BLOCK.format(more) in chosen) is is_taken


def test_a_pointer_above_code_is_not_quoted_with_it() -> None:
    own = source(1, ("See the documentation for more.", 0.9), code=("gait save walk",))
    assert taken("Which command saves a gait?", 60, own) == [BLOCK.format("gait save walk")]


def test_who_said_what_is_quoted_and_a_pronoun_for_it_are_not_answers_by_themselves() -> None:
    said = source(1, ("A gait is a dance of a robot.", 0.8), ("— Ada on the gait, 1843", 0.9))
    assert taken("What is the gait of a robot?", 40, said) == ["A gait is a dance of a robot."]
    that = source(1, ("Is it one?", 0.1), ("That would be the gait of a robot.", 0.9))
    assert "That would be the gait of a robot." not in taken("What is a gait?", 40, that)


def test_a_sentence_that_begins_with_what_another_one_names_stands_behind_that() -> None:
    before = "Some robots walk on stairs."
    for begins in ("In this case,", "For this,", "That year,"):
        sentence = f"{begins} the gait of a robot changes."
        lines = source(1, (before, 0.1), (sentence, 0.9))
        assert taken("When does a gait change?", 40, lines) == [before, sentence]


def test_of_two_sides_alike_in_words_both_are_taken() -> None:
    one = "A static gait keeps the center of mass above the feet of a robot."
    other = "A dynamic gait keeps the center of mass before the feet of a robot."
    lines = source(1, (one, 0.9), (other, 0.9))
    assert taken("Compare a static and a dynamic gait.", 40, lines) == [one, other]
    assert taken("Where has a gait the center of mass?", 40, lines) == [one]
    # The better one comes second in the book, and so it does in the answer.
    lines = source(1, (one, 0.8), (other, 0.9))
    compared = Evidence("Compare a static and a dynamic gait.", QUESTION, (lines,))
    assert list(quote(compared, 40)) == [f"{one} [1]", f" {other} [1]"]
    asked = Evidence("Is a dynamic gait kept before the feet, or a static one?", QUESTION, (lines,))
    assert next(quote(asked, 40)) == f"{other} [1]"


def test_the_sentence_before_the_best_one_is_added_only_where_it_is_about_as_near() -> None:
    before, best = "A robot changes a gait on stairs.", "A gait of a robot has phases."
    for cosine, expected in ((0.9, [best, before]), (0.5, [best])):
        lines = source(1, (before, cosine), (best, 0.95))
        assert taken("Which gait has a robot?", 40, lines) == expected


def test_code_comes_with_the_sentence_that_introduces_it_by_a_line_of_its_own() -> None:
    best, line = "A gait is saved by a command of its own.", "For example:"
    lines = (best, 0.9), (line, 0.1)
    chosen = taken("How do I save a gait?", 60, source(1, *lines, code=("walk --keep",)))
    assert chosen == [best, line, BLOCK.format("walk --keep")]
