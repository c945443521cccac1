"""Questions on many subjects, by language, which no one book answers."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import Any

from chains.language.languages import ENGLISH
from chains.language.terms import terms_of

OFTEN = 2
"""In how many of these questions a word of everyday life stands."""


@cache
def _by_language() -> dict[str, list[str]]:
    return {name: found for name, found in _read().items() if isinstance(found, list)}


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("foreign.toml").read_text(encoding="utf-8"))


def foreign_questions(language: str) -> list[str]:
    """Those in a language; in English where there are none in it."""
    by_language = _by_language()
    return by_language.get(language, by_language[ENGLISH])


@cache
def everyday_terms(language: str) -> frozenset[str]:
    """Terms that stand in questions whatever their subject: those of several of these questions,
    and those that say in what form something is asked for.

    >>> everyday = everyday_terms("english")
    >>> "long" in everyday, "drawback" in everyday, "bee" in everyday
    (True, True, False)
    """
    held = Counter(
        term
        for question in _by_language().get(language, [])
        for term in terms_of(question, language=language)
    )
    asking = terms_of(_read()["asking"].get(language, ""), language=language)
    return asking | {term for term, count in held.items() if count >= OFTEN}
