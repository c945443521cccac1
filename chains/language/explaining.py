"""Explaining: questions that want a thing explained, and the sentences and terms that explain.

Written for English, and harmless in other languages, as `chains.language.wording` is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chains.language.terms import Abbreviation, terms_of
from chains.language.tokenization import words_of
from chains.language.wording import has_ended

_DEFINITION_QUESTION = re.compile(
    r"(?:what|who)\s*(?:is|are|was|were|['’]s|do|does)\b|define\b|definition\b|meaning\b"
    r"|what .* mean\b|(?:explain|describe)\s+(?:what|the)?\b",
    re.IGNORECASE,
)
_BESIDE_THE_SUBJECT = re.compile(
    r"(?<!\s)\s+(?:and\s+(?:why|how|when|where|which|what\s+(?!is|are|was|were))\b|in\s+[^?]{1,40}\?*\s*\Z|,).*",
    re.IGNORECASE | re.DOTALL,
)
LOOKED_AT = 500
"""Characters of a question that may name what it wants explained."""
_COMPARED = re.compile(r"\bdifferences?\b", re.IGNORECASE)
_DEFINING = re.compile(
    r"^(?P<subject>.{2,90}?)\s+(?:(?P<verb>is|are|was|were|refers? to|represents?|means?|denotes?"
    r"|describes?|consists? of|defines?|states?|can be defined as)\s+)(?!not\b)"
    r"(?P<kind>an? |the |any |one of |when |how |what |where )?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^\**(?P<subject>[^:.?!*=–—]{2,60}?)(?:\**:\**|\** [-–—])\s+\S")
_TERM_WORDS, _TERM_WORDS_ENDED = 8, 3
"""Words of a term at most, and of one with a full stop behind it."""


def asks_for_definition(question: str) -> bool:
    """Whether a question is one like “What is …?”."""
    return _DEFINITION_QUESTION.match(question.strip()) is not None


def defined_subject(question: str) -> str:
    """What a question wants explained; empty for other questions.

    >>> defined_subject("What is a mutex in C++?"), defined_subject("Why do robots fall?")
    ('a mutex', '')
    """
    question = question.strip()[:LOOKED_AT]
    found = _DEFINITION_QUESTION.match(question)
    if found is None or _COMPARED.search(question):
        return ""
    return _BESIDE_THE_SUBJECT.sub("", question[found.end() :]).strip(" ?")


def defines(
    sentence: str, asked: frozenset[str], abbreviations: Sequence[Abbreviation] = ()
) -> float:
    """How surely a sentence says what it is that is asked for: 1 where that is its subject and
    “is a”, “means” or the like follows, less where the subject has more words or a bare “is”
    follows, 0 where the sentence is about something else."""
    found = _DEFINING.match(sentence)
    sureness = 1.0 if found and (found["kind"] or len(found["verb"]) > len("were")) else 0.6
    found = found or _LABEL.match(sentence)
    subject = terms_of(found["subject"], abbreviations) if found else frozenset()
    return sureness * len(asked) / len(subject) if asked and asked <= subject else 0.0


def is_labelled(sentence: str) -> bool:
    """Whether a sentence names first what it explains, as in “Torque: how strongly it turns”."""
    return _LABEL.match(sentence) is not None


def is_term(text: str) -> bool:
    """Whether a line in bold may be a term that what follows explains, and is no sentence.

    >>> is_term("Center of mass"), is_term("Center of mass."), is_term("Never touch a motor.")
    (True, True, False)
    """
    most = _TERM_WORDS_ENDED if has_ended(text) else _TERM_WORDS
    return 0 < len(words_of(text)) <= most and not text.endswith(("?", "!"))


def bare_term(text: str) -> str:
    """A term without its end mark."""
    return text.strip().rstrip(".:： ")
