"""A running answer as a log: its deltas by seq, how it ended, and whoever follows it.

The chain writes the log at its own pace and followers read it at theirs, from any seq. What
waits together comes out joined, so a slow reader gets bigger pieces, never a longer queue.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from typing import cast
from uuid import uuid4

from chains.errors import ScholiastError, ServiceUnavailable, StoreError
from chains.events import Delta, Event, Finish, Sources
from chains.question import Question
from chains.sources import Source
from chains.tutor import TutorChain

log = logging.getLogger("scholiast.answers")

FIRST_GUESS_MS = 2000
RECENT = 20
"""How many answers the next one's duration is estimated from."""


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


@dataclass(eq=False)
class RunningAnswer:
    """One question's answer while and after it is written."""

    query_id: str
    clock: Callable[[], float] = monotonic
    sources: Sources | None = None
    deltas: list[Delta] = field(default_factory=list)
    ending: Ended | Failed | None = None

    def __post_init__(self) -> None:
        self._accepted = self.clock()
        self._first_ms = 0
        self._digest = sha256()
        self._news = asyncio.Event()

    def add(self, event: Event) -> None:
        """Write the next event of the chain into the log."""
        match event:
            case Sources():
                self.sources = event
            case Delta():
                self._first_ms = self._first_ms or self._elapsed_ms()
                self._digest.update(event.content.encode())
                self.deltas.append(event)
            case Finish():
                total = self._elapsed_ms()
                digest = self._digest.hexdigest()
                self.ending = Ended(event, self._first_ms or total, total, digest)
        self._wake()

    def fail(self, error: Exception) -> None:
        """End the log with an error."""
        self.ending = Failed(error, error_id=uuid4().hex[:12])
        self._wake()

    async def follow(self, after: int = -1) -> AsyncGenerator[Sources | Piece | Ended | Failed]:
        """Sources, then the deltas after seq `after` joined as they wait, then the ending.

        The last Piece of an answer that ended well is complete, if need be an empty one.
        """
        while self.sources is None and self.ending is None:
            await self._news.wait()
        if self.sources is not None:
            yield self.sources
        while True:
            news, ending = self._news, self.ending
            complete = isinstance(ending, Ended)
            if len(self.deltas) > after + 1 or complete:
                waiting = self.deltas[after + 1 :]
                after = len(self.deltas) - 1
                yield _join(waiting, after, complete)
            if ending is not None:
                yield ending
                return
            if len(self.deltas) == after + 1 and self.ending is None:
                await news.wait()

    def _elapsed_ms(self) -> int:
        return round((self.clock() - self._accepted) * 1000)

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def _join(deltas: list[Delta], seq: int, is_complete: bool) -> Piece:
    content = "".join(delta.content for delta in deltas)
    return Piece(seq, content, tuple(s for delta in deltas for s in delta.sources), is_complete)


class Answers:
    """Starts answers and owns their tasks until they have ended."""

    def __init__(self, tutor: TutorChain) -> None:
        self._tutor = tutor
        self._tasks: dict[RunningAnswer, asyncio.Task[None]] = {}
        self._durations: deque[int] = deque([FIRST_GUESS_MS], maxlen=RECENT)

    @property
    def estimated_duration(self) -> int:
        """Milliseconds that an answer takes, by the median of recent ones."""
        return round(statistics.median(self._durations))

    def start(self, question: Question) -> RunningAnswer:
        """Begin to answer; the answer goes on whether or not anybody follows it."""
        answer = RunningAnswer(query_id=f"query_{uuid4().hex}")
        task = asyncio.create_task(self._write(answer, question), name=answer.query_id)
        self._tasks[answer] = task
        task.add_done_callback(lambda _: self._let_go(answer))
        return answer

    def cancel(self, answer: RunningAnswer) -> None:
        """Stop writing; an answer that has ended already stays as it is."""
        if task := self._tasks.get(answer):
            task.cancel()

    async def close(self) -> None:
        """Cancel what still runs and wait until it has let go of its services."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _write(self, answer: RunningAnswer, question: Question) -> None:
        events = cast("AsyncGenerator[Event]", self._tutor.astream(question))
        try:
            async with aclosing(events):
                async for event in events:
                    answer.add(event)
        except Exception as error:  # noqa: BLE001 (the edge of an answer: a bug ends it, too)
            answer.fail(error)
        self._log(answer)

    def _let_go(self, answer: RunningAnswer) -> None:
        del self._tasks[answer]
        if answer.ending is None:  # cancelled, perhaps before its first step
            answer.fail(ServiceUnavailable("server", "the answer was interrupted"))
            self._log(answer)

    def _log(self, answer: RunningAnswer) -> None:
        match answer.ending:
            case Ended():
                self._durations.append(answer.ending.response_time_ms)
                log.info("%s %s", answer.query_id, _figures(answer.ending))
            case Failed(ServiceUnavailable() | StoreError() as error):
                log.warning("%s failed: %s", answer.query_id, error)
            case Failed(ScholiastError() as error):
                log.info("%s not answered: %s", answer.query_id, type(error).__name__)
            case Failed(error, error_id):
                log.error("%s failed, id %s", answer.query_id, error_id, exc_info=error)


def _figures(ended: Ended) -> str:
    finish = ended.finish
    return (
        f"{finish.status} first={ended.first_chunk_ms}ms total={ended.response_time_ms}ms "
        f"tokens={finish.total_tokens} sources={finish.sources_used}"
    )
