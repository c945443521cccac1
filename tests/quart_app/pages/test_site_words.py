"""What our own site says in each language."""

from __future__ import annotations

from quart_app.pages.site_words import _BY_CODE, ENGLISH


def test_every_language_says_all_that_the_site_says_and_fills_in_the_same() -> None:
    for code, words in _BY_CODE.items():
        for name in ENGLISH.__slots__:
            english, said = getattr(ENGLISH, name), getattr(words, name)
            assert said != english, (code, name)
            for place in ("{query}", "{count}", "{title}"):
                assert (place in said) == (place in english), (code, name)
