"""Detection: the language that a book is in.

Scripts that one language alone has, or nearly so, and common English words decide at once. For
all other texts the identifier py3langid (a naive Bayes classifier; Lui and Baldwin, 2012) is
loaded, which takes a second and 100 MB.
"""

from __future__ import annotations

from collections.abc import Iterable

import regex

from chains.language.languages import ENGLISH, OTHER, language_of_code, stop_words
from chains.language.tokenization import plain, words_of

ENOUGH = 20_000
"""Characters that are looked at, the same number of each text."""
TOO_FEW_ASCII, TOO_FEW = 100, 20
"""Letters of a text too short to tell by its words; one with accents or another script tells
more."""
MOST = 0.5
"""The share of the letters that a script must have to decide."""
SOME = 0.05
"""The share of kana from which a text with ideographs is Japanese."""
COMMON = 0.3
"""The share of words from which common English ones make a text English; elsewhere it is below
0.15, in English above 0.4."""
SURE = 0.5
"""The probability from which the identifier is believed."""

_LETTER = regex.compile(r"\p{L}")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_IDEOGRAPH = regex.compile(r"\p{Han}|[\p{Hiragana}\p{Katakana}]")
_SCRIPTS = {
    "thai": regex.compile(r"\p{Thai}"),
    "korean": regex.compile(r"\p{Hangul}"),
    "greek": regex.compile(r"\p{Greek}"),
    "hebrew": regex.compile(r"\p{Hebrew}"),
    "armenian": regex.compile(r"\p{Armenian}"),
    "gujarati": regex.compile(r"\p{Gujarati}"),
}


def language_of(texts: Iterable[str]) -> str:
    """The name of the language that most of the texts are in, as in `LANGUAGES`.

    English where they are too short to tell, or where nothing is likely enough.

    >>> language_of(["Arrays keep their elements in a row, one after the other."])
    'english'
    >>> language_of(["配列は同じ型の要素を連続したメモリに格納します。要素は番号で読みます。"])
    'japanese'
    """
    given = [text for text in texts if text]
    sample = plain("\n".join(text[: ENOUGH // len(given)] for text in given)) if given else ""
    letters = len(_LETTER.findall(sample))
    by_script = _by_script(sample, letters) if letters else None
    if by_script is None and letters < (TOO_FEW_ASCII if sample.isascii() else TOO_FEW):
        return ENGLISH
    return by_script or _by_words(sample)


def _by_script(sample: str, letters: int) -> str | None:
    if len(_IDEOGRAPH.findall(sample)) >= MOST * letters:
        return "japanese" if len(_KANA.findall(sample)) >= SOME * letters else "chinese"
    shares = {name: len(script.findall(sample)) for name, script in _SCRIPTS.items()}
    name = max(shares, key=lambda name: shares[name])
    return name if shares[name] >= MOST * letters else None


def _by_words(sample: str) -> str:
    words = [word.lower() for word in words_of(sample)]
    common = stop_words(ENGLISH)
    if sum(word in common for word in words) >= COMMON * len(words):
        return ENGLISH
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    code, probability = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).classify(
        sample
    )
    if probability >= SURE:
        return language_of_code(code)
    return ENGLISH if sample.isascii() else OTHER
