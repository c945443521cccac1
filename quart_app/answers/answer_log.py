"""An answer as a log: its sources, its deltas by seq, how it ended, and who waits for more.

The chain writes the log at its own pace and followers read it at theirs, from any seq. What
waits together comes out joined, so a slow reader gets bigger pieces, never a longer queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from uuid import uuid4

from chains.answering.draft import finish
from chains.events import (
    Basis,
    Delta,
    Event,
    Finish,
    FinishedSentence,
    Source,
    Sources,
    Status,
    Thinking,
)


@dataclass(frozen=True, slots=True)
class Ended:
    """The ending of an answer that came through; times in milliseconds from its question."""

    finish: Finish
    first_chunk_ms: int
    response_time_ms: int
    content_sha256: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The ending of an answer that did not; `error` is a ScholiastError or a bug."""

    error: Exception
    error_id: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Deltas of an answer joined into one; `seq` is the last one's."""

    seq: int
    content: str
    sources: tuple[Source, ...]
    is_complete: bool
    sentences: tuple[FinishedSentence, ...] = ()


Entry = Sources | Thinking | Piece | Ended | Failed
"""What `AnswerLog.follow` yields."""


@dataclass(eq=False)
class AnswerLog:
    """What was written of one answer so far."""

    clock: Callable[[], float] = monotonic
    sources: Sources | None = None
    thinking: Thinking | None = None
    deltas: list[Delta] = field(default_factory=list)
    ending: Ended | Failed | None = None
    on_news: Callable[[], None] | None = None
    """Called whenever something was written."""

    def __post_init__(self) -> None:
        self._accepted = self.clock()
        self._first_ms: int | None = None
        self._digest = sha256()
        self._news = asyncio.Event()

    @property
    def text(self) -> str:
        """The answer as far as it is written."""
        return "".join(delta.content for delta in self.deltas)

    @property
    def last_seq(self) -> int:
        """The number of the last delta; −1 if there is none."""
        return len(self.deltas) - 1

    @property
    def content_sha256(self) -> str:
        """Of the answer as far as it is written, as hex digits."""
        return self._digest.hexdigest()

    def add(self, event: Event) -> None:
        """Write the next event of the chain."""
        match event:
            case Sources():
                self.sources = event
            case Thinking():
                self.thinking = event
            case Delta():
                if self._first_ms is None:
                    self._first_ms = self._elapsed_ms()
                self._digest.update(event.content.encode())
                self.deltas.append(event)
            case Finish():
                total = self._elapsed_ms()
                first = total if self._first_ms is None else self._first_ms
                self.ending = Ended(event, first, total, self.content_sha256)
        self._wake()

    def finish(self, status: Status, basis: Basis) -> None:
        """End the log before its chain does; `basis` counts where no sources were found yet."""
        if self.sources is None:
            self.add(Sources((), basis))
        basis = self.sources.basis if self.sources else basis
        cited = sum(len(delta.sources) for delta in self.deltas)
        sentences = [sentence for delta in self.deltas for sentence in delta.sentences]
        self.add(finish(basis, status, self.text, cited, sentences))

    def fail(self, error: Exception) -> None:
        """End the log with an error."""
        self.end(Failed(error, error_id=uuid4().hex[:12]))

    def end(self, ending: Ended | Failed) -> None:
        """End the log as it has ended elsewhere."""
        self.ending = ending
        self._wake()

    async def follow(self, after: int = -1) -> AsyncGenerator[Entry]:
        """The deltas after seq `after`, joined as they wait, then the ending.

        What comes after it may still have to be written. From the beginning (−1) the sources come
        first, then, while there is no text, that the model thinks. The last Piece of an answer that
        ended well is complete, if need be an empty one.
        """
        while self.sources is None and self.ending is None:
            await self._news.wait()
        if self.sources is not None and after < 0:
            yield self.sources
        is_new = True
        while True:
            news, ending = self._news, self.ending
            if is_new and self.thinking and not self.deltas and ending is None:
                is_new = False
                yield self.thinking
                continue
            complete = isinstance(ending, Ended)
            if self.last_seq > after or complete:
                waiting = self.deltas[after + 1 :]
                after = self.last_seq
                yield _join(waiting, after, complete)
            if ending is not None:
                yield ending
                return
            if self.last_seq <= after and self.ending is None:
                await news.wait()

    def _elapsed_ms(self) -> int:
        return round((self.clock() - self._accepted) * 1000)

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
        if self.on_news is not None:
            self.on_news()


def _join(deltas: list[Delta], seq: int, is_complete: bool) -> Piece:
    return Piece(
        seq,
        "".join(delta.content for delta in deltas),
        tuple(source for delta in deltas for source in delta.sources),
        is_complete,
        tuple(sentence for delta in deltas for sentence in delta.sentences),
    )
