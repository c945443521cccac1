"""What the sources of an answer offer as proofs: their sentences, with words and vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from chains.answering.proof.exact import Exact, exact_things
from chains.index.passages import Passage
from chains.language import explaining
from chains.language.terms import all_terms

_MARKUP = re.compile(r"[*_`~\\]|</?su[bp]>|!?\[(?=[^\]]*\]\()|\]\([^()\s]*\)")
_BLANKS = re.compile(r"\s+")


_CODE = re.compile(r"(?<!`)`([^\W\d]\w+(?: [^\W\d]\w+)?)(?:!|\(\))?`(?!`)")
"""A name in code, or a command of two words."""


@lru_cache(maxsize=50_000)
def terms_of_word(word: str, language: str) -> tuple[str, ...]:
    """The terms of a word, without its endings; none of a common word."""
    return tuple(all_terms(word, language))


def plain(text: str) -> str:
    """A text without the marks of Markdown, in one line.

    >>> plain("It **walks** as in [Gait](gait.md),\\n`step` by step.")
    'It walks as in Gait, step by step.'
    >>> plain("At most 2<sup>n</sup>.")
    'At most 2n.'
    """
    return _BLANKS.sub(" ", _MARKUP.sub("", text)).strip()


def things_of(text: str, language: str) -> Exact:
    """The terms and exact things of a text with or without Markdown; short code is a name."""
    found = exact_things(plain(text), partial(terms_of_word, language=language))
    code = {word.casefold() for names in _CODE.findall(text) for word in names.split()}
    return replace(found, names=found.names | code) if code else found


@lru_cache(maxsize=5_000)
def _things_of_source(text: str, language: str) -> Exact:
    """The same of a text of the book: readers of one chapter ask about the same sentences."""
    return things_of(text, language)


@dataclass(frozen=True, eq=False)
class Ground:
    """A sentence of a source: `source` is the n of its ``[n]``, `place` its number within it.

    `around` is the text that it stands in: the headings above it, and the sentences before it.
    """

    source: int
    place: int
    text: str
    around: str
    language: str

    @cached_property
    def exact(self) -> Exact:
        """The exact things of the sentence."""
        return _things_of_source(self.text, self.language)

    @cached_property
    def context(self) -> Exact:
        """Those of what stands around it."""
        return _things_of_source(self.around, self.language)


class Grounds:
    """The sentences of all sources of one answer, those of the best source first.

    `vectors` are theirs, float32 of shape (len(sentences), size).
    """

    def __init__(self, passages: Sequence[Passage], language: str) -> None:
        self.language = language
        self.sentences: list[Ground] = []
        rows: list[NDArray[np.float32]] = []
        for index, passage in enumerate(passages, 1):
            own = [sentence.text for sentence in passage.chunk.sentences]
            heading = ". ".join(passage.chunk.section)
            for place, text in enumerate(own):
                around = f"{heading}. {' '.join(own[max(0, place - 2) : place])}"
                self.sentences.append(Ground(index, place, text, around, language))
            rows.extend(passage.sentences)
        self.vectors = np.asarray(rows, dtype=np.float32)
        self.whole: dict[str, list[Ground]] = {}
        term = ""
        for sentence in self.sentences:
            shown = plain(sentence.text)
            self.whole.setdefault(shown.casefold(), []).append(sentence)
            if term and sentence.place:
                # “**Torque:** how strongly …” stands in the book, with the term in its own line.
                self.whole.setdefault(f"{term}: {shown}".casefold(), []).append(sentence)
            term = explaining.bare_term(shown) if explaining.is_term(shown) else ""

    def weight(self, term: str) -> float:
        """How much a word says: less where many sentences have it."""
        held = self._frequencies.get(term, 0)
        return float(np.log1p(len(self.sentences) / (held + 1.0)))

    @cached_property
    def names(self) -> frozenset[str]:
        """The words that never stand in lower case, in lower case."""
        exacts = [sentence.exact for sentence in self.sentences]
        openings = {exact.opening for exact in exacts if exact.opening}
        # “It” opens a sentence and names nobody, also where no other sentence has it.
        capitalized = {word for word in openings if terms_of_word(word, self.language)}
        capitalized.update(*(exact.names for exact in exacts))
        return frozenset(capitalized - {word for exact in exacts for word in exact.small})

    @cached_property
    def _frequencies(self) -> dict[str, int]:
        held: dict[str, int] = {}
        for sentence in self.sentences:
            for term in sentence.exact.terms:
                held[term] = held.get(term, 0) + 1
        return held
