"""What the sources of an answer offer as proofs: their sentences, with words and vectors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from chains.answering.proof.exact import Exact, exact_things
from chains.index.book import Chunk
from chains.index.passages import Passage
from chains.index.scope import Vocabulary
from chains.language import explaining
from chains.language.terms import all_terms

_MARKUP = re.compile(r"[*_`~\\]|</?su[bp]>|!?\[(?=[^\]]*\]\()|\]\([^()\s]*\)")
_BLANKS = re.compile(r"\s+")
_BLOCK = re.compile(r"^ *(`{3,}|~{3,}).*\n([\s\S]*?)(?:^ *\1|\Z)", re.MULTILINE)
_LEADS = (":", "：")
LONGEST_BELOW = 1000
"""Characters of code or a list that are taken for what its lead-in says."""

_CODE = re.compile(r"(?<!`)`([^\W\d][\w.-]+(?: [\w./-]+)*)(?:!|\(\))?`(?!`)")
"""A name in code, or a command with its options."""
_NAME = re.compile(r"[^\W\d]\w+")


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
    words = _NAME.findall(plain(" ".join(_CODE.findall(text))))
    code = {word.casefold() for word in words}
    return replace(found, names=found.names | code) if code else found


@lru_cache(maxsize=5_000)
def _things_of_source(text: str, language: str) -> Exact:
    """The same of a text of the book: readers of one chapter ask about the same sentences."""
    return things_of(text, language)


@dataclass(frozen=True, eq=False)
class Ground:
    """A sentence of a source: `source` is the n of its ``[n]``, `place` its number within it.

    `around` is the text that it stands in: the headings above it, what introduces its list, and
    the sentences before it. `below` is what it introduces itself: code, or the items of a list.
    """

    source: int
    place: int
    text: str
    around: str
    language: str
    below: str = ""

    @cached_property
    def exact(self) -> Exact:
        """The exact things of the sentence; words and numbers of what it introduces count too."""
        own = _things_of_source(self.text, self.language)
        if not self.below:
            return own
        below = _things_of_source(self.below, self.language)
        numbers = below.numbers | own.numbers
        return replace(own, words=own.words | below.words, numbers=numbers)

    @cached_property
    def context(self) -> Exact:
        """Those of what stands around it, with the terms of what it introduces."""
        around = _things_of_source(self.around, self.language)
        below = _things_of_source(self.below, self.language).terms if self.below else frozenset()
        return replace(around, terms=around.terms | below) if below else around


def _with_context(chunk: Chunk) -> Iterator[tuple[str, str]]:
    """Each sentence of a chunk, and the text around it."""
    own = [sentence.text for sentence in chunk.sentences]
    heading = ". ".join(chunk.section)
    for place, sentence in enumerate(chunk.sentences):
        before = own[max(0, place - 2) : place]
        if sentence.lead is not None and sentence.lead < place - 2:
            before = [own[sentence.lead], *before]
        yield sentence.text, f"{heading}. {' '.join(before)}"


def _introduced(chunk: Chunk, place: int) -> str:
    """The items of the list that a sentence of a chunk introduces, or the code before the next."""
    items = [sentence.text for sentence in chunk.sentences if sentence.lead == place]
    if items:
        return " ".join(items)[:LONGEST_BELOW]
    ends = [sentence.start for sentence in chunk.sentences[place + 1 : place + 2]]
    between = chunk.content[chunk.sentences[place].end : min([*ends, len(chunk.content)])]
    return "\n".join(found[2] for found in _BLOCK.finditer(between))[:LONGEST_BELOW]


class Grounds:
    """The sentences of all sources of one answer, those of the best source first.

    `vectors` are theirs, float32 of shape (len(sentences), size).
    """

    def __init__(self, passages: Sequence[Passage], language: str) -> None:
        self.language = language
        self._vocabulary = passages[0].book.scope.vocabulary if passages else Vocabulary()
        self.sentences: list[Ground] = []
        rows: list[NDArray[np.float32]] = []
        for index, passage in enumerate(passages, 1):
            for place, (text, around) in enumerate(_with_context(passage.chunk)):
                below = _introduced(passage.chunk, place) if text.endswith(_LEADS) else ""
                self.sentences.append(Ground(index, place, text, around, language, below))
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

    def everywhere(self, words: Iterable[str]) -> frozenset[str]:
        """Those of the words that nearly all of the book is about, as “Rust” in one on Rust."""
        has = self._vocabulary.has_nearly_everywhere
        found = ((word, terms_of_word(word, self.language)) for word in words)
        return frozenset(word for word, terms in found if terms and all(map(has, terms)))

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
