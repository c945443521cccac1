"""Questions on many subjects, by language, which no one book answers."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files

from chains.language.languages import ENGLISH
from chains.language.terms import terms_of

OFTEN = 2
"""In how many of these questions a word of everyday life stands."""


@cache
def _by_language() -> dict[str, list[str]]:
    found: dict[str, list[str]] = tomllib.loads(
        files(__package__).joinpath("foreign.toml").read_text(encoding="utf-8")
    )
    return found


def foreign_questions(language: str) -> list[str]:
    """Those in a language; in English where there are none in it."""
    by_language = _by_language()
    return by_language.get(language, by_language[ENGLISH])


@cache
def everyday_terms(language: str) -> frozenset[str]:
    """Terms that stand in questions whatever their subject.

    >>> "long" in everyday_terms("english"), "bee" in everyday_terms("english")
    (True, False)
    """
    held = Counter(
        term
        for question in _by_language().get(language, [])
        for term in terms_of(question, language=language)
    )
    return frozenset(term for term, count in held.items() if count >= OFTEN)
