"""What the quoting model may quote from: the sources of an answer as sentences with vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chains.index.book import Sentence


@dataclass(frozen=True, eq=False, slots=True)
class EvidenceSource:
    """One source: `index` is the n of its ``[n]``, `section` its heading path.

    `vectors` are those of its sentences, float32 of shape (len(sentences), size). `selected`
    tells that the reader has highlighted something in it.
    """

    index: int
    sentences: tuple[Sentence, ...]
    vectors: NDArray[np.float32]
    section: tuple[str, ...]
    selected: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """A question and its sources, best first.

    `vector` is the embedding of question and selections together, float32 of shape (size,).
    `selections` are the texts that the reader has highlighted, `said` the answers of which they
    ask for more.
    """

    question: str
    vector: NDArray[np.float32]
    sources: tuple[EvidenceSource, ...]
    selections: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
