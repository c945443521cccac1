"""Intents: what a reader says that is no question about the book's subject.

“An example?” is about the last answer, “summarize” about the page, and “hi” about neither. The
phrases of each language are in `phrases.toml`. A message counts only as a whole: what names a
subject (“Why does the ZMP matter?”) is a question, whatever else is in it.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

Kind = Literal[
    "question", "again", "simpler", "more", "example", "why", "quiz",
    "summary", "about", "next", "hello", "thanks", "who", "help",
]  # fmt: skip
ABOUT_ANSWER = frozenset({"again", "simpler", "more", "example", "why", "quiz"})
ABOUT_PAGE = frozenset({"summary", "about", "next"})
TALK = frozenset({"hello", "thanks", "who", "help"})
PHRASES = Path(__file__).with_name("phrases.toml")
DEFAULT = "english"
LONGEST = 100
"""Characters of a message that may be one of the phrases."""
LONGEST_WITH_PAGE = 300
"""Characters of a question that may name the page being read."""
WITHOUT_BLANKS = frozenset({"chinese", "japanese"})
"""Languages that do not part their words."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a message is about. `names_page` says that it names the page being read; `rest` is the
    message without that, and without marks."""

    kind: Kind
    language: str = DEFAULT
    names_page: bool = False
    rest: str = ""

    @property
    def is_talk(self) -> bool:
        """Whether it asks nothing of the book."""
        return self.kind in TALK

    @property
    def is_about_answer(self) -> bool:
        """Whether it goes on about the last answer, or, where there is none, the page."""
        return self.kind in ABOUT_ANSWER

    @property
    def is_about_page(self) -> bool:
        """Whether the page being read is meant."""
        return self.names_page or self.kind in ABOUT_PAGE


@dataclass(frozen=True, slots=True)
class _Table:
    kinds: Mapping[Kind, re.Pattern[str]]
    polite: re.Pattern[str]
    page: re.Pattern[str]


def intent_of(text: str, language: str = DEFAULT) -> Intent:
    """What a message is about; `language` is that of the book, whose phrases are tried first.

    >>> intent_of("Can you give me an example, please?").kind
    'example'
    >>> intent_of("What does this page say about torque?")
    Intent(kind='question', language='english', names_page=True, rest='what does say about torque')
    >>> intent_of("Why does a robot fall?").kind
    'question'
    """
    plain = _plain(text[: LONGEST_WITH_PAGE + 1])
    if not plain or len(text) > LONGEST_WITH_PAGE:
        return Intent("question", language)
    tables = _tables()
    own = [language] if language in tables else []
    named = None
    for name in (*own, *(name for name in tables if name not in own)):
        table = tables[name]
        rest = " ".join(table.page.sub(" ", plain, count=1).split())
        names_page = rest != plain
        if len(plain) <= LONGEST and (kind := _kind(plain, rest, table)):
            return Intent(kind, name, names_page, rest)
        if names_page and named is None:
            kind = "question" if _without(table.polite, rest) else "about"  # “this page”
            named = Intent(kind, name, names_page=True, rest=rest)
    return named or Intent("question", language)


def reply(name: str, language: str) -> str | None:
    """A sentence of ours in a language, English where it has no table; None where it has none of
    that name."""
    phrases = _phrases()
    replies = phrases[language if language in phrases else DEFAULT]["replies"]
    return cast("Mapping[str, str]", replies).get(name)


def _kind(plain: str, rest: str, table: _Table) -> Kind | None:
    for said in dict.fromkeys((plain, _without(table.polite, plain), rest)):
        for kind, pattern in table.kinds.items():
            if said and pattern.fullmatch(said):
                return kind
    # “Explain this page, please”
    short = _without(table.polite, rest) if rest != plain else ""
    return next(
        (k for k, pattern in table.kinds.items() if short and pattern.fullmatch(short)), None
    )


def _without(polite: re.Pattern[str], text: str) -> str:
    """The text without polite words at its ends, unless it has no others."""
    while (shorter := polite.sub("", text, count=1).strip()) != text and shorter:
        text = shorter
    return text


def _plain(text: str) -> str:
    """In small letters, without marks; an apostrophe stays, as in “what's”."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    kept = (c if c == "'" or unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    return " ".join("".join(kept).split())


@cache
def _phrases() -> Mapping[str, Mapping[str, object]]:
    """What is written for each language, English first."""
    return tomllib.loads(PHRASES.read_text(encoding="utf-8"))


@cache
def _tables() -> Mapping[str, _Table]:
    """The table of each language, English first; its patterns take 0.3 s to compile."""
    return {language: _table(language, values) for language, values in _phrases().items()}


def _table(language: str, values: Mapping[str, object]) -> _Table:
    given = {name: value for name, value in values.items() if isinstance(value, str)}
    page, polite = given.pop("page"), given.pop("polite")
    blank = "" if language in WITHOUT_BLANKS else r"(?:\s|$)"
    before = "" if language in WITHOUT_BLANKS else r"(?:^|\s)"
    return _Table(
        kinds=dict(_compiled(given, page)),
        polite=re.compile(f"^(?:{polite}){blank}|{before}(?:{polite})$"),
        page=re.compile(f"{before}(?:{page})" + (blank and r"(?=\s|$)")),
    )


def _compiled(given: Mapping[str, str], page: str) -> Iterator[tuple[Kind, re.Pattern[str]]]:
    for kind, pattern in given.items():
        yield cast("Kind", kind), re.compile(pattern.replace("{page}", f"(?:{page})"))
