"""What must be the same in a sentence and in what supports it: numbers, names, negation, and which
way a comparison goes.

Negation and comparison are known by the words of some languages; in others nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from itertools import groupby

from chains.answering.proof.sides import (
    Sides,
    choices_of,
    exchanged,
    has_other_subject,
    sides_of,
    subjects_of,
    takes_the_other,
    turned,
    without_comparatives,
)
from chains.language.tokenization import words_in

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d]\w*(?:['’]\w+)*|[^\w\s]")
_NUMERALS = "zero one two three four five six seven eight nine ten eleven twelve"
_VALUES = {word: str(value) for value, word in enumerate(_NUMERALS.split(" ")) if value > 1}
_ENUMERATING = words_in("and or both either twofold threefold double triple pair twice")
_UNITS = words_in("% percent mm cm m km mg g kg ms s hz khz mhz ghz w kw v kv kb mb gb tb wh")
_NEGATIONS = words_in(
    """
    not no never none nothing nobody neither nor cannot without hardly rarely isn't aren't wasn't
    weren't don't doesn't didn't can't couldn't won't wouldn't shouldn't hasn't haven't hadn't
    mustn't nicht kein keine keinen keiner keinem nie niemals ohne ne pas jamais aucun aucune sans
    nunca jamás ningún ninguna sin non mai senza não sem niet geen nooit zonder не нет без
    """
)
_LACKING = words_in(
    """
    lack lacks lacking fail fails failed prevent prevents prevented avoid avoids disallow disallows
    refuse refuses reject rejects forbid forbids ignore ignores
    """
)
_DENYING = _LACKING | words_in(
    """
    unlike instead rather impossible unable unlikely unnecessary invalid absent except few little
    cannot stop stops error
    """
)
_OTHERWISE = (["only"], ["matter"], ["just"], ["-"])  # “not only”, “a non-native speaker”
_CLAUSE_ENDS = frozenset(",;:.!?()—–") | words_in(
    "but although while whereas and or aside apart except unless until because"
)
_BEGINNERS = frozenset('.!?:“"')
_SCOPE = 3
"""How many content words after a negation it is about."""


@dataclass(frozen=True, eq=False, slots=True)
class Exact:
    """The exact things of a text.

    `words` are in lower case; `small` are those that were written so. `numbers` maps each number
    to the unit behind it; `counted` are those written as words. `names` are the words with a
    capital, and `runs` those that stand side by side; `opening` is the first word, which has a
    capital anyway. `negated` are the terms that each negation is about, `denied` those of words as
    “lacks”; `sides` may not be exchanged, `choices` are what is preferred to what, and `subjects`
    what its clauses are about.
    """

    terms: frozenset[str]
    words: frozenset[str]
    small: frozenset[str]
    numbers: dict[str, str]
    counted: frozenset[str]
    names: frozenset[str]
    runs: tuple[str, ...]
    opening: str
    negated: tuple[frozenset[str], ...]
    denied: tuple[frozenset[str], ...]
    sides: tuple[Sides, ...]
    choices: tuple[Sides, ...]
    subjects: tuple[frozenset[str], ...]


def exact_things(text: str, terms_of: Callable[[str], tuple[str, ...]]) -> Exact:
    """Read a text. `terms_of` gives the terms of a word, none for a stop word."""
    tokens = _TOKEN.findall(text)
    words = [token.casefold().replace("’", "'") for token in tokens]
    found = [terms_of(word) if word[0].isalnum() else () for word in words]
    numbers: dict[str, str] = {}
    names: set[str] = set()
    opening, begins = "", True
    for at, (token, word) in enumerate(zip(tokens, words, strict=True)):
        following = "".join(words[at + 1 : at + 2])
        value = _value(word)
        if value:
            numbers[value] = following if following in _UNITS else ""
        if token[0].isupper() and not value:
            acronym = len(token) > 1 and token[1:].upper() == token[1:]
            if begins and not acronym:
                opening = opening or word
            elif len(word) > 1 and not (acronym and _stands_for(word, words[:at])):
                names.add(word.removesuffix("'s"))
        begins = word in _BEGINNERS or (begins and not token[0].isalnum())
    return Exact(
        frozenset(term for terms in found for term in terms),
        frozenset(words),
        frozenset(token for token in tokens if token[0].islower()),
        numbers,
        frozenset(filter(None, map(_VALUES.get, words))) - frozenset(words),
        frozenset(names),
        tuple(_runs(tokens)),
        opening,
        tuple(_negated(words, found, _NEGATIONS)),
        tuple(_negated(words, found, _LACKING)),
        sides_of(words, found),
        choices_of(words, found),
        subjects_of(words, found),
    )


def _stands_for(acronym: str, before: list[str]) -> bool:
    """Whether an acronym is that of the words right before it: “degrees of freedom (DOF)”."""
    initials = "".join(word[0] for word in before if word[0].isalnum())
    return initials.endswith(acronym.removesuffix("s"))


def _runs(tokens: list[str]) -> Iterator[str]:
    """The words with a capital that stand side by side, as the names of one person do."""
    for is_capital, run in groupby(tokens, key=lambda token: token[0].isupper()):
        if is_capital:
            words = (token.casefold().replace("’", "'").removesuffix("'s") for token in run)
            yield f" {' '.join(words)} "


def _value(word: str) -> str:
    if word[0].isdigit():
        plain = word.replace(",", "")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return _VALUES.get(word, "")


def _negated(
    words: list[str], terms: list[tuple[str, ...]], negations: frozenset[str]
) -> list[frozenset[str]]:
    found = []
    for at, word in enumerate(words):
        following = words[at + 1 : at + 2]
        is_answer = at == 0 and following == [","]  # “No, it walks.”
        if word not in negations or is_answer or following in _OTHERWISE:
            continue
        scope: list[str] = []
        for later, of_later in zip(words[at + 1 :], terms[at + 1 :], strict=True):
            if (later in _CLAUSE_ENDS and scope) or len(scope) >= _SCOPE:
                break
            scope += of_later
        if not scope:  # “if not”, “they do not”: what stands before
            scope = [term for of_before in terms[max(0, at - 4) : at] for term in of_before][-2:]
        if scope:
            found.append(frozenset(scope))
    return found


def conflict(claim: Exact, proof: Exact, context: Exact, known: Container[str] = ()) -> str:
    """What speaks against `claim` where `proof` supports it otherwise: “number”, “name”,
    “subject”, “negation” or “direction”; an empty text where nothing does.

    `context` is what stands around the proof, which may take a name from there where it names
    nobody else. `known` are names, also where they open a sentence.
    """
    for number, unit in claim.numbers.items():
        if number not in proof.numbers:
            if number in claim.counted and proof.words & _ENUMERATING:
                continue  # “two kinds”: “forward and inverse”
            return "number"
        if unit and proof.numbers[number] and unit != proof.numbers[number]:
            return "number"
    if _other_name(claim, proof, context, known):
        return "name"
    if has_other_subject(claim.subjects, proof.subjects, claim.terms, proof.terms, context.terms):
        return "subject"
    if _denies(claim, proof) or _negates(claim, proof) or _negates(proof, claim):
        return "negation"
    is_exchanged = exchanged(claim.sides, proof.sides)
    mine, theirs = claim.words, proof.words
    if is_exchanged is False:  # “B is slower than A” says the same as “A is faster than B”
        mine, theirs = without_comparatives(mine), without_comparatives(theirs)
    if not (claim.negated or claim.choices) and takes_the_other(claim.terms, proof.choices):
        return "direction"
    return "direction" if is_exchanged or turned(mine, theirs) else ""


def _other_name(claim: Exact, proof: Exact, context: Exact, known: Container[str]) -> bool:
    mine = claim.names | {word for word in (claim.opening,) if word in known}
    theirs = proof.names | {word for word in (proof.opening,) if word in known}
    missing = {
        name for name in mine if not (_has(proof, name) or _is_of(name, claim, proof, theirs))
    }
    if not missing:
        return False
    is_around = all(_has(context, name) for name in missing)
    return not is_around or any(not _has(claim, name) for name in theirs)


def _is_of(word: str, claim: Exact, proof: Exact, theirs: frozenset[str]) -> bool:
    """Whether the proof has a shorter form of the name that a word belongs to: “Durkheim” for
    “Émile Durkheim”, but neither “David Durkheim” nor “David”."""
    own = [run for run in claim.runs if f" {word} " in run]
    named = [run for run in proof.runs if not theirs.isdisjoint(run.split())]
    return any(run in name for name in own for run in named)


def _has(text: Exact, name: str) -> bool:
    return name in text.words or name.rstrip("s") in text.words or f"{name}s" in text.words


def _denies(claim: Exact, proof: Exact) -> bool:
    """Whether a claim has a negation, and its proof no word that denies."""
    return bool(claim.negated) and not (proof.negated or _DENYING.intersection(proof.words))


def _negates(one: Exact, other: Exact) -> bool:
    """Whether one text negates what the other one says. Each negation is met by one of its own."""
    instead = (one.other for one in other.choices if one.kind == "instead")
    unmet = [*other.negated, *other.denied, *instead]
    for scope in sorted(one.negated, key=len):
        said = scope & other.terms
        if 2 * len(said) <= len(scope):
            continue
        met = max(unmet, key=lambda theirs: len(scope & theirs), default=frozenset())
        if not scope & met:
            return True
        unmet.remove(met)
    return False
