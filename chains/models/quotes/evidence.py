"""Evidence: what the quoting model may quote from, as sentences with their vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from chains.index.book import Sentence
from chains.language.languages import ENGLISH

EVIDENCE = "evidence"
"""Where the last HumanMessage carries its Evidence: a key of its `additional_kwargs`."""


Wish = Literal["answer", "digest", "example"]


@dataclass(frozen=True, eq=False, slots=True)
class EvidenceSource:
    """One source: `index` is the n of its ``[n]``, `section` its heading path.

    `vectors` are those of its sentences, float32 of shape (len(sentences), size). `selected`
    says whether one of the question's selections was made in it. `content` is the chunk as it was
    written, in which the sentences have their places: code and tables are read from it. `cosine`
    says how near the whole chunk is to the question, `opens` whether its section begins with it.
    """

    index: int
    sentences: tuple[Sentence, ...]
    vectors: NDArray[np.float32]
    section: tuple[str, ...]
    selected: bool = False
    content: str = ""
    cosine: float = 0.0
    opens: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """A question and its sources, best first.

    `vector` is the embedding of question and selections together, float32 of shape (size,).
    `selections` are their texts, and `said` the earlier answers where the reader asks for more:
    neither is quoted again while there is anything else. `before` is the question that a follow-up
    goes on from, where that is not in `question`. `wish` is what the reader asks for beside
    an answer: a “digest” with something of each source, or an “example”. A `quiz` is given back
    instead of a quotation. `language` is that of the book. `held_back` says that sources were left
    out which solve an exercise.
    """

    question: str
    vector: NDArray[np.float32]
    sources: tuple[EvidenceSource, ...]
    selections: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    before: str = ""
    wish: Wish = "answer"
    quiz: str = ""
    language: str = ENGLISH
    held_back: bool = False
