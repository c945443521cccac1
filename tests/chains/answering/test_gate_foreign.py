"""Questions that no one book answers, in every language that a book may be in."""

from __future__ import annotations

import pytest

from chains.answering.gate.foreign import everyday_terms, foreign_questions
from chains.language.languages import LANGUAGES, OTHER


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {OTHER}))
def test_every_language_has_foreign_questions_of_its_own(language: str) -> None:
    questions = foreign_questions(language)
    assert len(set(questions)) >= 10
    assert language == "english" or questions != foreign_questions("english")


def test_words_that_stand_in_questions_of_any_subject_are_everyday_words() -> None:
    assert {"page", "chapt", "long"} <= everyday_terms("english")
    assert "earthquak" not in everyday_terms("english")
