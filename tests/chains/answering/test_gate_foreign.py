"""Questions that no one book answers, in every language that a book may be in."""

from __future__ import annotations

import pytest

from chains.answering.gate.foreign import everyday_terms, foreign_questions
from chains.language.languages import LANGUAGES, OTHER
from chains.language.terms import terms_of


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {OTHER}))
def test_every_language_has_foreign_questions_of_its_own(language: str) -> None:
    questions = foreign_questions(language)
    assert len(set(questions)) >= 10
    assert language == "english" or questions != foreign_questions("english")


def test_words_that_stand_in_questions_of_any_subject_are_everyday_words() -> None:
    assert {"page", "chapt", "long"} <= everyday_terms("english")
    assert "earthquak" not in everyday_terms("english")


@pytest.mark.parametrize("language", ["english", "german", "french", "spanish", "portuguese"])
def test_words_for_the_form_of_an_answer_are_everyday_words(language: str) -> None:
    asked = {
        "english": "What are the pros and cons? Which kinds? Whats the easiest way to get rid of"
        " something? Is it already used everywhere nowadays?",
        "german": "Was sind die Vorteile und Nachteile? Welche Arten?",
        "french": "Quels sont les avantages et les inconvénients ?",
        "spanish": "¿Cuáles son las ventajas y desventajas?",
        "portuguese": "Quais são as vantagens e desvantagens?",
    }
    assert terms_of(asked[language], language=language) <= everyday_terms(language)
