"""What a question asks for: code, a value, two sides, what fills a gap, one of its options.

Written for English, and harmless in other languages: a pattern that matches nothing adds nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from chains.language import explaining
from chains.language.terms import terms_of
from chains.language.tokenization import words_of

_CODE = re.compile(
    r"\b(?:code|examples?|commands?|syntax|snippets?|scripts?|signature|config(?:uration)? file)\b"
    r"|\bhow (?:do|can|could|would|should) (?:i|you|we|one)\b|\bhow to\b",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"\bhow (?:many|much|long|far|fast|heavy|big|tall|high|old|large|often)\b"
    r"|^\W*(?:when|who|where|which)\b"
    r"|\b(?:what|which) (?:is the |was the |are the )?(?:year|date|number|value|mass|weight|height"
    r"|length|size|speed|rate|ratio|range|percentage|share|price|cost|default|limit|maximum"
    r"|minimum|unit|port|version|type)s?\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"\b(?:what|which) are\b(?! the (?:difference|meaning))"
    r"|\b(?:list|name|enumerate) (?:the|all|some)\b"
    r"|\b(?:what|which|how many) (?:\w+ ){0,3}?(?:types|kinds|sorts|forms|steps|stages|phases"
    r"|parts|methods|ways|categories|classes|components|elements|options|modes|levels|reasons"
    r"|rules|principles)\b"
    r"|\bsteps (?:to|for|of|in)\b|\bstep by step\b|\bin (?:what|which) order\b"
    r"|\b(?:what|which) (?:(?!(?:is|was|do|does|did|has|can|will|the|an?|this)\b)[\w-]+ ){0,3}?"
    r"(?!does\b)[\w-]{3,}(?<!s)s\b(?! (?:is|was)\b)"
    r"|\bwhat (?:can|could|should|must) (?:i|you|we|one)\b",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+and\s+(?:(?:what|who)\s+(?:is|are|was|were)\s+)?", re.IGNORECASE)
_FENCED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_NAME = re.compile(
    r"\b(?:command|function|method|macro|keyword|variable|flag|option|setting|parameter|attribute"
    r"|operator|tool|program|package|library|module|class|trait|file|folder|director(?:y|ies)|key"
    r"|type|field|tag|property)s?\b",
    re.IGNORECASE,
)
_GAP = re.compile(r"_{2,}|\.{4,}|…+(?=\W*$)")
_OPTION = re.compile(
    r"(?:^|[\s(])(?:[a-e]|[A-E]|[1-5])[.)]\s+(.+?)(?=\s+\(?(?:[a-e]|[A-E]|[1-5])[.)]\s|\s{0,9}\Z)",
    re.DOTALL,
)
_SIDES = (
    re.compile(r"\bbetween (?P<one>.{1,200}?) and (?P<other>.{1,200})", re.IGNORECASE),
    re.compile(
        r"\bcompare (?P<one>.{1,200}?) (?:and|with|to|against) (?P<other>.{1,200})", re.IGNORECASE
    ),
    re.compile(
        r"\bhow (?:do|does|is|are) (?P<one>.{1,200}?) (?:differ(?:ent)? from|compare (?:with|to))"
        r" (?P<other>.{1,200})",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<one>[^,.?]{1,80}?) (?:vs\.?|versus|compared (?:with|to)) (?P<other>.{1,200})",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bhow (?:do|does|are) (?P<one>.{1,200}?) and (?P<other>.{1,200}?) (?:differ|compare)",
        re.IGNORECASE,
    ),
)
LOOKED_AT = 2000
"""Characters of a question that are looked at: what a reader pastes may be long."""
NEAR_GAP = 5
"""Words on each side of a gap that count twice."""
LONGEST_SIDE = 8
"""Words of one side of a comparison."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a question asks for.

    `defined` are the content words of what it wants explained: of all of it, and of each of two
    things. `listing` is for several things, as in “which kinds are there?”. `near_gap` are the
    content words around its gap, and `behind_gap` the word right behind it. `options` are the
    content words of each option that it offers, and `sides` those that only the one or the other
    of two things compared has.
    """

    defined: tuple[frozenset[str], ...]
    name: bool
    code: bool
    value: bool
    listing: bool
    near_gap: frozenset[str]
    behind_gap: frozenset[str]
    options: tuple[frozenset[str], ...]
    sides: tuple[frozenset[str], ...]


def read_question(question: str) -> Asking:
    """What the question asks for.

    >>> sorted(map(sorted, read_question("How does a gait differ from a stride?").sides))
    [['gait'], ['strid']]
    """
    question = question[:LOOKED_AT]
    return Asking(
        defined=_defined(question),
        name=_NAME.search(_FENCED.sub("", question)) is not None,
        code=_CODE.search(question) is not None,
        value=_VALUE.search(question) is not None,
        listing=_LIST.search(_FENCED.sub("", question)) is not None,
        near_gap=_near_gap(question),
        behind_gap=_behind_gap(question),
        options=_options(question),
        sides=_sides(question),
    )


def fills_gap(sentence: str, asking: Asking, asked: frozenset[str]) -> bool:
    """Whether a sentence may hold what fills the gap: a content word that is not `asked` stands
    right before the word that is behind the gap.

    >>> asking = read_question("Which gait fits? The ____ gait has a phase of flight.")
    >>> fills_gap("In a running gait both feet leave the ground.", asking, frozenset())
    True
    >>> fills_gap("A gait has phases.", asking, frozenset())
    False
    """
    if not asking.behind_gap:
        return False
    terms = map(terms_of, words_of(sentence))
    return any(
        one and not one & asked and asking.behind_gap & after for one, after in pairwise(terms)
    )


def _defined(question: str) -> tuple[frozenset[str], ...]:
    if not explaining.asks_for_definition(question):
        return ()
    subject = explaining.defined_subject(question) or question
    parts = (subject, *_AND.split(subject)) if _AND.search(subject) else (subject,)
    return tuple(filter(None, (terms_of(part) for part in parts)))


def _near_gap(question: str) -> frozenset[str]:
    gap = _GAP.search(question)
    if gap is None:
        return frozenset()
    before = question[: gap.start()].split()[-NEAR_GAP:]
    return terms_of(" ".join([*before, *question[gap.end() :].split()[:NEAR_GAP]]))


def _behind_gap(question: str) -> frozenset[str]:
    gap = _GAP.search(question)
    return terms_of(" ".join(words_of(question[gap.end() :])[:1])) if gap else frozenset()


def _options(question: str) -> tuple[frozenset[str], ...]:
    found = _OPTION.findall(question)
    return tuple(map(terms_of, found)) if len(found) > 1 else ()


def _sides(question: str) -> tuple[frozenset[str], ...]:
    for pattern in _SIDES:
        if found := pattern.search(question):
            one = terms_of(" ".join(found["one"].split()[-LONGEST_SIDE:]))
            other = terms_of(" ".join(found["other"].split()[:LONGEST_SIDE]))
            if one - other and other - one:
                return one - other, other - one
    return ()
