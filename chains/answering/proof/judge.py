"""Decides what supports the sentences of one answer, off the event loop."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from chains.answering.proof.decision import Verdict, decide, word_for_word
from chains.answering.proof.grounds import Grounds
from chains.answering.proof.streamed import Ended
from chains.index.passages import Passage

log = logging.getLogger("scholiast.proof")

PATIENCE = 0.05
"""Seconds that the text behind a sentence waits at most for its citation."""
MOST_AT_WORK = 4
"""Sentences, of all answers, that wait for a thread or are decided in one; others are decided by
their words, here."""
_BESIDE = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1), "proof")
"""A core is left to the answers that stream: more threads would take turns with them."""

Embed = Callable[[str], Sequence[float]]


@dataclass(eq=False)
class Reading:
    """A sentence that is being decided: by its words first, then by its vector."""

    ended: Ended
    by_words: Verdict | None = None
    verdict: Verdict | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        """Until it is decided, or the reader has waited long enough."""
        if self.done.is_set():
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self.done.wait()
        except TimeoutError:
            pass


class Readers:
    """The threads in which sentences are decided, shared by all answers: there are few."""

    def __init__(self, most: int = MOST_AT_WORK) -> None:
        self._most = most
        self._tasks: set[asyncio.Future[None]] = set()

    def start(self, work: Callable[[], None], done: Callable[[], None]) -> bool:
        """Do the work in a thread and call `done` behind it, unless too many are at work."""
        if len(self._tasks) >= self._most:
            return False
        task = asyncio.get_running_loop().run_in_executor(_BESIDE, work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

        def end(task: asyncio.Future[None]) -> None:
            if not task.cancelled() and task.exception() is not None:
                log.error("a sentence could not be judged", exc_info=task.exception())
            done()

        task.add_done_callback(end)
        return True


class Judge:
    """What supports the sentences of one answer from these passages.

    `embed` gives the vector of a sentence; without it, and where it takes too long, the words
    decide alone.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        language: str,
        embed: Embed | None,
        readers: Readers,
    ) -> None:
        self._passages = passages
        self.language = language
        self._embed = embed
        self._readers = readers
        self._reading: Reading | None = None

    @cached_property
    def grounds(self) -> Grounds:
        """The sentences of the passages."""
        return Grounds(self._passages, self.language)

    def begin(self, ended: Ended) -> Reading:
        """Decide it in a thread, perhaps before it is sure that the sentence is over."""
        if self._reading is not None and self._reading.ended.text == ended.text:
            return self._reading
        reading = self._reading = Reading(ended)
        if found := word_for_word(ended.text, self.grounds):
            reading.verdict = found
            reading.done.set()
        elif not self._readers.start(lambda: self._read(reading), reading.done.set):
            reading.done.set()
        return reading

    def verdict(self, reading: Reading) -> Verdict:
        """What is known by now, at least by its words."""
        found = reading.verdict or reading.by_words
        return found or decide(reading.ended.text, self.grounds)

    def _read(self, reading: Reading) -> None:
        text = reading.ended.text
        reading.by_words = decide(text, self.grounds)
        if self._embed is not None and not reading.by_words.is_certain:
            vector = np.asarray(self._embed(text), dtype=np.float32)
            reading.verdict = decide(text, self.grounds, vector)
