"""Words: where a text is cut into them, in any script, and how two spellings of one are compared.

Where words have blanks between them, these cut. Chinese, Japanese, Thai, Lao, Khmer and Burmese
have none, so ICU cuts by its dictionaries.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

WORD = regex.compile(r"[\w\p{Join_Control}]+(?:['’-]\w[\w\p{Join_Control}]*)*")
_UNCUT = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}ー々〆\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+"
)
"""A run of letters of scripts in which words have no blanks between them."""
_UNSEEN = regex.compile(r"[\p{Cf}ـ\u064b-\u0652\u0670\u0591-\u05c7--\u200b]", regex.V1)
"""Characters for the layout, and vowel marks of Arabic and Hebrew, which most texts leave out."""


def plain(text: str) -> str:
    """A text as it is compared: composed (NFKC), and without what is not seen.

    >>> plain("e\\u0301tat"), plain("ｆｕｌｌ　ｗｉｄｔｈ"), plain("soft\\u00adhyphen")
    ('état', 'full width', 'softhyphen')
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    # It takes the vowel am of Thai and Lao apart, which dictionaries have as one.
    text = text.replace("\u0e4d\u0e32", "\u0e33").replace("\u0ecd\u0eb2", "\u0eb3")
    return _UNSEEN.sub("", text).replace("\u200b", " ")


def words_of(text: str) -> list[str]:
    """The words of a text in their order, as they stand in its `plain` form.

    >>> words_of("Python的list是动态数组。"), words_of("A zero-based index")
    (['Python', '的', 'list', '是', '动态', '数', '组'], ['A', 'zero-based', 'index'])
    """
    text = plain(text)
    words = WORD.findall(text)
    if not is_uncut(text):
        return words
    return [part for word in words for part in _cut(word)]


def words_in(text: str) -> frozenset[str]:
    """The words of a list of them, with blanks or line breaks between them."""
    return frozenset(text.split())


def is_uncut(text: str) -> bool:
    """Whether a text has letters of a script in which words have no blanks between them."""
    return not text.isascii() and _UNCUT.search(text) is not None


def _cut(word: str) -> Iterator[str]:
    end = 0
    for run in _UNCUT.finditer(word):
        yield from _trimmed(word[end : run.start()])
        yield from _words_by_icu(run[0])
        end = run.end()
    yield from _trimmed(word[end:])


def _trimmed(part: str) -> Iterator[str]:
    if part := part.strip("'’-"):
        yield part


def _words_by_icu(text: str) -> Iterator[str]:
    from icu4py.breakers import WordBreaker

    yield from WordBreaker(text, "en")
