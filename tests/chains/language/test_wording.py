"""The form of sentences: what is a caption, and what has lost a part."""

from __future__ import annotations

import pytest

from chains.language import wording


@pytest.mark.parametrize(
    "sentence",
    [
        "Figure: Sociologists study groups.",
        "Figure 2.1 Members of a crowd. Photo: A. Person",
        "Fig. 3: The support polygon.",
        "Table 4. Ratios of gears.",
        "(Credit: A. Person/Some Archive)",
        "A crowd gathers in the square. (Photo by A. Person)",
        "The old library, courtesy of the university.",
    ],
)
def test_captions_and_credits_are_known(sentence: str) -> None:
    assert wording.is_caption(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Figures of speech are common in it.",
        "The figure shows a robot in mid-step.",
        "Tables have legs (most of them four).",
        "Credit is money that is lent.",
        "Images are made of pixels.",
        "A source (see the next chapter) is cited.",
    ],
)
def test_sentences_about_figures_and_credit_are_no_captions(sentence: str) -> None:
    assert not wording.is_caption(sentence)


@pytest.mark.parametrize(
    ("sentence", "cut"),
    [
        ("Groups shape behavior (see ).", True),
        ("Groups shape behavior ( ) in many ways.", True),
        ("The act is defined in para.", True),
        ("640–568 B.C.E.) said so.", True),
        ("The function `free()` takes ().", False),
        ("Two beliefs: 1) there is one god, 2) prayer.", False),
        ("It is one of several (or many).", False),
    ],
)
def test_a_sentence_that_has_lost_a_part_is_known(sentence: str, cut: bool) -> None:
    assert wording.is_cut(sentence) == cut


@pytest.mark.parametrize(
    ("sentence", "leans"),
    [
        ("The second method does not, because it is lazy.", True),
        ("The second method doesn’t, because it is lazy.", True),
        ("The second method does not, however, wait.", False),
        ("The second method does not wait.", False),
        ("People do the same.", True),
        ("People do the same thing every day.", True),
        ("Kajita and colleagues applied it to walking.", True),
        ("Lifted with 3 m/s² it needs 6 N.", True),
        ("Lifted with care, a cup stays whole.", False),
        ("A controller that divides by that leverage fails.", True),
        ("A grip is a kind of that which holds.", False),
        ("Robots are built for those who need help.", False),
    ],
)
def test_a_sentence_that_lacks_a_noun_further_on_leans_on_the_one_before(
    sentence: str, leans: bool
) -> None:
    assert wording.leans_back(sentence) == leans


@pytest.mark.parametrize(
    ("sentence", "points"),
    [
        ("Let’s talk about performance.", True),
        ("Let us now look at the gaits of a robot.", True),
        ("Note a few details here.", True),
        ("Let’s look at it in short: a gait repeats.", False),
        ("Let the motor cool.", False),
    ],
)
def test_a_sentence_that_only_says_what_comes_next_points_away(sentence: str, points: bool) -> None:
    assert wording.points_away(sentence) == points
