"""Terms: the content words of a text, as they are compared between question and book.

English has common words and endings of its own here, made for questions. Those of other languages
come from stopwords-iso and Snowball; English words in a text of another script go by the English
ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from chains.language.languages import ENGLISH, LANGUAGES, OTHER, lowered, stem, stop_words
from chains.language.tokenization import words_in, words_of

_WITHIN_WORD = re.compile(r"['’-]")
_APOSTROPHE = re.compile(r"['’]")
_PLURAL = re.compile(r"(?<=[A-Z]{2})s$")
_SUFFIX = re.compile(r"(?<=\w{4})(?:ations?|ions?|ings?|ies|ers?|ors?|ed|es|s|y|e)$")
_SHORT_PLURAL = re.compile(r"(?<=[a-z]{3})(?<![isu])s$")
_COMMON = words_in(
    """
    a about above after again all also am an and any are as at be because been before being
    between both but by can could describe did do does doing done each example explain few
    for from give had has have having he her here him his how i if in into is it its itself
    just know let like list many may me mean meaning more most much must my no not now of off
    on once one only or other our out over own please same say she should show so some such
    tell than that the their them then there these they this those through to too under until
    up us use used uses using very was we were what when where which while who whom whose why
    will with work works would you your define definition difference different
    """
)
_CONTRACTED = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|wo|would|could|should|ca|must|need|ai)n['’]?t"
    r"|(?:what|that|there|here|he|she|who|how|where|when|why|let)['’]?s"
    r"|(?:i|you|we|they)['’](?:m|re|ve|ll|d)|i(?:m|ve)"
)
"""“isn't” and “whats”, also without the apostrophe, as readers type."""
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_HANGUL = re.compile(r"[가-힣]{3,}")
_ABBREVIATION = re.compile(r"\s*\((?P<short>[A-Z][A-Za-z]{1,6})\)")


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """What a book introduces as in “Zero Moment Point (ZMP)”, both as terms."""

    short: str
    whole: frozenset[str]


def terms_of(
    text: str, abbreviations: Sequence[Abbreviation] = (), language: str = ENGLISH
) -> frozenset[str]:
    """The content words of a text in lower case, without their endings.

    Where one of the `abbreviations` or what it stands for is among them, so is the other.
    `language` is the name of one of `chains.language.languages.LANGUAGES`.

    >>> sorted(terms_of("What are the batteries of a walking robot?"))
    ['batter', 'robot', 'walk']
    >>> sorted(terms_of("Was sind die Batterien?", language="german"))
    ['batteri']
    """
    found = frozenset(all_terms(text, language))
    for abbreviation in abbreviations:
        if abbreviation.short in found or abbreviation.whole <= found:
            found |= {abbreviation.short} | abbreviation.whole
    return found


def all_terms(text: str, language: str = ENGLISH) -> list[str]:
    """The content words of a text in their order, each as often as it occurs.

    >>> all_terms("数组是什么？数组的长度", "chinese")
    ['数', '组', '数组', '数', '组', '数组', '长度']
    """
    words = words_of(text)
    if language == ENGLISH:
        return [term for word in words for term in _english(word)]
    found: list[str] = []
    single = ""
    for word in words:
        terms = list(_of_language(word, language))
        found += terms
        # The dictionary that cuts Chinese lacks the compounds of a field, as “数组” (array), and
        # leaves their characters apart: here the pair counts too.
        is_single = terms == [word] and _IDEOGRAPH.fullmatch(word) is not None
        if single and is_single:
            found.append(single + word)
        single = word if is_single else ""
    return found


@lru_cache(maxsize=16384)
def _english(word: str) -> tuple[str, ...]:
    """The terms of a word; kept for those that a book is full of."""
    word = _PLURAL.sub("", word).casefold()
    if _CONTRACTED.fullmatch(word):
        return ()
    parts = dict.fromkeys((word, *_WITHIN_WORD.split(word)))
    return tuple(_bare(part) for part in parts if part and part not in _COMMON)


def _bare(word: str) -> str:
    """A word without its ending; “legs” are “leg”, too."""
    bare = _SUFFIX.sub("", word)
    return _SHORT_PLURAL.sub("", word) if bare == word else bare


def _of_language(word: str, language: str) -> Iterator[str]:
    if word.isascii() and language != OTHER and not LANGUAGES[language].is_latin:
        yield from _english(word)
        return
    for part in _parts(lowered(word, language)):
        if part in stop_words(language):
            continue
        if _HANGUL.fullmatch(part):
            # Its particles are written into a Korean word, so its pairs of syllables are compared.
            yield from (first + second for first, second in pairwise(part))
        else:
            yield stem(part, language)


def _parts(word: str) -> Iterator[str]:
    """What stands between apostrophes, and of that with hyphens the whole and its parts."""
    for part in _APOSTROPHE.split(word):
        pieces = part.split("-")
        yield from filter(None, dict.fromkeys((part, *pieces)))


def abbreviations_in(sentences: Iterable[str]) -> tuple[Abbreviation, ...]:
    """The abbreviations that the sentences introduce, in parentheses after what they stand for.

    >>> [found.short for found in abbreviations_in(["The Zero Moment Point (ZMP) is a point."])]
    ['zmp']
    """
    found: dict[Abbreviation, None] = {}
    for sentence in sentences:
        for match in _ABBREVIATION.finditer(sentence):
            short = _PLURAL.sub("", match["short"]).casefold()
            words = words_of(sentence[: match.start()].replace("-", " "))[-len(short) :]
            whole = terms_of(" ".join(words))
            if whole and "".join(word[0] for word in words).casefold() == short:
                found[Abbreviation(short, whole)] = None
    return tuple(found)
