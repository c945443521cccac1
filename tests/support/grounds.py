"""Stand-ins of the passages of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import cast

import numpy as np

from chains.index.book import Chunk, Sentence
from chains.index.passages import Passage
from chains.index.scope import Scope

GAIT = (
    "A gait is a rhythm of steps.",
    "Its stance phase takes 60 % of a cycle of 1.1 s.",
    "Kato built the robot Wabot in Tokyo.",
    "A robot does not walk without sensors.",
    "Running is faster than walking.",
)
SCOPE = Scope()
EMPTY: Mapping[int, int] = MappingProxyType({})
ENERGY = ("A battery stores energy.", "Horn built a robot in Boston.")


def passages(*sources: tuple[str, ...], scope: Scope = SCOPE) -> list[Passage]:
    """Stand-ins of retrieved chunks of a book, as far as a proof looks at them."""
    return [
        cast(
            "Passage",
            SimpleNamespace(
                chunk=SimpleNamespace(
                    sentences=[SimpleNamespace(text=text, lead=None) for text in texts],
                    section=("Walking",),
                ),
                book=SimpleNamespace(scope=scope),
                sentences=np.zeros((len(texts), 2), dtype=np.float32),
            ),
        )
        for texts in sources
    ]


def cut_chunk(content: str, *texts: str, leads: Mapping[int, int] = EMPTY) -> Passage:
    """A stand-in of a chunk whose sentences are these; `leads` gives to the numbers of list items
    that of the sentence which introduces them."""
    sentences = tuple(
        Sentence(content.index(text), content.index(text) + len(text), text, leads.get(number))
        for number, text in enumerate(texts)
    )
    chunk = Chunk("a.md", ("Walking",), 0, 0, len(content), content, sentences)
    vectors = np.zeros((len(texts), 2), dtype=np.float32)
    book = SimpleNamespace(scope=SCOPE)
    return cast("Passage", SimpleNamespace(chunk=chunk, book=book, sentences=vectors))
