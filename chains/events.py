"""What a TutorChain yields while it answers: sources, then text, then how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Source:
    """A chunk that an answer may cite, as a reader sees it.

    `index` counts from 1, best first; it is the n of ``[n]``. `chunk_id` is in wire form.
    `section` is the heading path, `title` its last heading, `chapter` the page's title. `url`
    is the page with the heading's anchor. `quote` is rendered text of the chunk, word for word.
    """

    index: int
    chunk_id: str
    file: str
    chapter: str
    section: str
    title: str
    url: str
    quote: str


def chunk_uuid(chunk_id: str) -> str:
    """The UUID of a chunk id in wire form.

    >>> chunk_uuid("chunk_0123456789abcdef0123456789abcdef")
    '01234567-89ab-cdef-0123-456789abcdef'
    """
    return str(UUID(chunk_id.removeprefix("chunk_")))


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """The prompt file that was used: its name and the digest of its content."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer is made of: prompt, model, version of the index, and the texts of its
    sources, as the model gets them."""

    prompt: PromptVersion
    model: str
    index_version: str
    contents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources that the answer may cite, best first; the first event of every answer."""

    sources: tuple[Source, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model thinks before its first word; comes once, or not at all."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What supports a sentence of an answer: the number of a source, and the very `sentence` of
    the book that stands there, word for word as a reader sees it."""

    source: int
    sentence: str


@dataclass(frozen=True, slots=True)
class FinishedSentence:
    """A sentence of an answer that claims something, and what supports it.

    `start` and `end` are code points into the answer's text, without the citations behind the
    sentence. `support` is from 0 to 1: how well the best proof supports it. Without `proofs` the
    book does not.
    """

    start: int
    end: int
    support: float
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer's Markdown, the sources that it is the first to cite, and the
    sentences that it finishes."""

    content: str
    sources: tuple[Source, ...] = ()
    sentences: tuple[FinishedSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Grounding:
    """How many of the answer's `sentences` are `supported` by its sources."""

    sentences: int
    supported: int


Status = Literal["completed", "cancelled", "truncated", "filtered", "empty"]
"""How an answer ended that did not fail. `cancelled` was its reader's wish, `truncated` a limit on
its length; `filtered` means that the model or its endpoint refused to write it, or the rest of it,
and `empty` that nothing readable was written."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The last event. `total_tokens` counts prompt and answer; `tokens_estimated` says that the
    model reported none and characters were counted instead."""

    status: Status
    total_tokens: int
    tokens_estimated: bool
    sources_used: int
    grounding: Grounding
    prompt: PromptVersion
    model: str
    index_version: str


Event = Sources | Thinking | Delta | Finish


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, as `TutorChain.ainvoke` returns it."""

    text: str
    sources: tuple[Source, ...]
    finish: Finish
