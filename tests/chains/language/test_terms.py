"""Terms: which words of a text carry what it is about, and when two are the same."""

from __future__ import annotations

import pytest

from chains.language.terms import abbreviations_in, terms_of

ZMP = "The Zero Moment Point (ZMP) is a point on the ground."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a battery", "Batteries"),
        ("walking robots", "the robot walks"),
        ("two IMUs", "an IMU"),
        ("What is a gait?", "Explain the definition of gait!"),
    ],
)
def test_forms_of_a_word_are_one_term(one: str, other: str) -> None:
    assert terms_of(one) - {"two"} == terms_of(other) != frozenset()


def test_a_word_with_a_hyphen_is_found_whole_and_by_its_parts() -> None:
    assert terms_of("lithium-ion") == {"lithium-ion", "lithium", "ion"}


def test_an_abbreviation_and_what_it_stands_for_are_found_by_each_other() -> None:
    known = abbreviations_in([ZMP])
    assert terms_of("Why ZMP?", known) == terms_of("zero moment point", known)
    assert terms_of("Why ZMP?", known) == {"zmp", "zero", "moment", "point"}
    assert terms_of("a moment", known) == {"moment"}


@pytest.mark.parametrize(
    "sentence", ["Honda (Japan) built it.", "It weighs 54 kg (ASIMO).", "(ZMP) is a point."]
)
def test_not_all_that_stands_in_parentheses_is_an_abbreviation(sentence: str) -> None:
    assert abbreviations_in([sentence]) == ()


def test_words_of_a_script_without_blanks_are_told_apart_in_a_book_of_any_language() -> None:
    assert terms_of("零力矩点") == {"零", "力矩", "点"}
    assert "drehmoment" in terms_of("Was ist ein Drehmoment?")


@pytest.mark.parametrize(
    "text", ["isn't it", "whats that", "doesnt", "I can’t", "we'll do", "Ive", "who's", "lets"]
)
def test_contracted_words_say_nothing_by_themselves(text: str) -> None:
    assert terms_of(text) == frozenset()


def test_a_short_noun_and_its_plural_are_one_term() -> None:
    assert terms_of("legs, logs and bits") == terms_of("leg, log and bit")
    assert terms_of("a dot, a gas, an axis and less") == {"dot", "gas", "axis", "less"}
