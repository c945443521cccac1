"""Languages: those that a book may be in, and what is known of the words of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock

from chains.language.asking import ASKING
from chains.language.tokenization import plain, words_in

ENGLISH = "english"
OTHER = "other"
"""Any language that is not in the list: its words count as they stand, all of them."""

_NAMED = """
    af afrikaans, ar arabic, az azerbaijani, bg bulgarian, bn bengali, ca catalan, cs czech,
    da danish, de german, el greek, en english, eo esperanto, es spanish, et estonian, eu basque,
    fa persian, fi finnish, fr french, ga irish, gl galician, gu gujarati, he hebrew, hi hindi,
    hr croatian, hu hungarian, hy armenian, id indonesian, it italian, ja japanese, kk kazakh,
    ko korean, lt lithuanian, lv latvian, mr marathi, ms malay, ne nepali, nl dutch, no norwegian,
    pl polish, pt portuguese, ro romanian, ru russian, sk slovak, sl slovene, sv swedish,
    sw swahili, tg tajik, th thai, tl tagalog, tr turkish, uk ukrainian, ur urdu, vi vietnamese,
    zh chinese, zu zulu, xx hinglish, und other
"""
_NOT_LATIN = words_in(
    """
    arabic armenian bengali bulgarian chinese greek gujarati hebrew hindi japanese kazakh korean
    marathi nepali persian russian tajik thai ukrainian urdu
    """
)
_RIGHT_TO_LEFT = words_in("arabic hebrew persian urdu")
_LETTERS = {
    "turkish": str.maketrans("Iİ", "ıi"),
    "azerbaijani": str.maketrans("Iİ", "ıi"),
    "romanian": str.maketrans("şţŞŢ", "șțȘȚ"),  # the cedilla was what old fonts had
}
_RELATED = {"nb": "no", "nn": "no", "bs": "hr", "fil": "tl"}
"""Codes of languages whose words are looked up in the list of another one."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its English name in lower case, and by its ISO 639-1 code."""

    name: str
    code: str

    @property
    def is_latin(self) -> bool:
        """Whether its letters are Latin."""
        return self.name not in _NOT_LATIN

    @property
    def is_right_to_left(self) -> bool:
        """Whether it is written from right to left."""
        return self.name in _RIGHT_TO_LEFT

    @property
    def has_stems(self) -> bool:
        """Whether the endings of its words are known."""
        return self.name == ENGLISH or self.name in _algorithms()


LANGUAGES: Mapping[str, Language] = {
    name: Language(name, code)
    for code, name in sorted((one.split() for one in _NAMED.split(",")), key=lambda one: one[1])
}
"""By name, in alphabetical order."""


def language_of_code(code: str) -> str:
    """The name of a language by its ISO 639-1 code, `OTHER` where it is not in the list.

    >>> language_of_code("nb"), language_of_code("ka")
    ('norwegian', 'other')
    """
    code = _RELATED.get(code, code)
    return next((one.name for one in LANGUAGES.values() if one.code == code), OTHER)


@cache
def stop_words(name: str) -> frozenset[str]:
    """The common words of a language, which say nothing about a subject, and those that questions
    are asked with; none where the lists of stopwords-iso lack the language.

    >>> "der" in stop_words("german"), len(stop_words("tajik"))
    (True, 0)
    """
    import stopwordsiso

    code = LANGUAGES[name].code
    if not stopwordsiso.has_lang(code):
        return frozenset()
    common = frozenset(lowered(plain(word), name) for word in stopwordsiso.stopwords(code))
    return common | ASKING.get(name, frozenset())


def lowered(word: str, name: str) -> str:
    """A word in lower case, as its language has it.

    >>> lowered("ISI", "turkish"), lowered("ISI", "english")
    ('ısı', 'isi')
    """
    return word.translate(_LETTERS[name]).lower() if name in _LETTERS else word.lower()


@lru_cache(maxsize=100_000)
def stem(word: str, name: str) -> str:
    """A word in lower case without its endings (Snowball; Porter, 2001), or as it is.

    >>> stem("felder", "german"), stem("数组", "chinese")
    ('feld', '数组')
    """
    stemmer = _stemmer(name)
    return stemmer(word) if stemmer else word


@cache
def _algorithms() -> frozenset[str]:
    import Stemmer

    return frozenset(Stemmer.algorithms())


@cache
def _stemmer(name: str) -> Callable[[str], str] | None:
    import Stemmer

    if name not in _algorithms():
        return None
    stemmer, alone = Stemmer.Stemmer(name), Lock()  # questions are answered in several threads

    def stemmed(word: str) -> str:
        with alone:
            return str(stemmer.stemWord(word))

    return stemmed
