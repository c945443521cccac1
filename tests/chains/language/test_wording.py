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
