"""Which answers are watched, and when what was seen of them is written: never on their way."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import blake2b
from pathlib import Path
from time import monotonic

from chains.prompts.prompt import Prompt
from chains.question import Question
from chains.tutor import ANSWER
from quart_app.protocol.server_messages import timestamp
from quart_app.trace import trace_folder
from quart_app.trace.recorder import Origin, Recorder

log = logging.getLogger("scholiast.trace")

LINGER = 0.5
"""Seconds that an answer's ending may take to its reader before the trace is written."""


def open_tracer(data: Path, prompts: Mapping[str, Prompt], *, is_on: bool) -> Tracer | None:
    """What watches answers, where that `is_on`; drops old traces of the `data` folder either way.

    `prompts` are those of the chain. Call `Tracer.close` after the last answer has ended.
    """
    folder = data / trace_folder.FOLDER
    try:
        trace_folder.sweep(folder)
    except OSError as error:
        log.warning("old traces were not dropped: %s", error)
    return Tracer(folder, prompts) if is_on else None


class Tracer:
    """Begins a Recorder for each answer and writes its trace into `folder` when it is over.

    A trace is written as soon as a reader has the ending, or `linger` seconds after it where none
    came for it. Frames that are sent later still, to a reader who resumes, are added to the file.
    """

    def __init__(
        self,
        folder: Path,
        prompts: Mapping[str, Prompt],
        *,
        linger: float = LINGER,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._folder = folder
        self._prompts = prompts
        self._linger = linger
        self._clock = clock
        self._key = secrets.token_bytes(16)
        self._waiting: dict[Recorder, asyncio.TimerHandle] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    def begin(
        self, query_id: str, question: Question, *, client_query_id: str | None, session_id: str
    ) -> Recorder:
        """A recorder for the answer to a question that was just accepted."""
        name = question.prompt or ANSWER
        prompt = self._prompts.get(name)
        origin = Origin(
            query_id=query_id,
            client_query_id=client_query_id,
            session=blake2b(session_id.encode(), key=self._key, digest_size=6).hexdigest(),
            accepted=timestamp(),
            prompt=name,
            version=None if prompt is None else prompt.version,
        )
        return Recorder(origin, question, self._write_later, self._clock)

    def _write_later(self, recorder: Recorder, at_once: bool) -> None:
        """Write what a recorder holds: `at_once`, or after what may still come."""
        waiting = self._waiting.get(recorder)
        if waiting is not None and not at_once:
            return
        if waiting is not None:
            waiting.cancel()
        loop = asyncio.get_running_loop()
        seconds = 0.0 if at_once else self._linger
        self._waiting[recorder] = loop.call_later(seconds, self._write_soon, recorder)

    async def close(self) -> None:
        """Write what waits, and wait until all is written."""
        for recorder, waiting in list(self._waiting.items()):
            waiting.cancel()
            self._write_soon(recorder)
        await asyncio.gather(*self._writing)

    def _write_soon(self, recorder: Recorder) -> None:
        del self._waiting[recorder]
        query_id = recorder.origin.query_id
        if recorder.is_taken:
            write = partial(trace_folder.extend, self._folder, query_id, recorder.take_frames())
        else:
            write = partial(trace_folder.keep, self._folder, recorder.take())
        task = asyncio.create_task(self._write(write), name=f"trace {query_id}")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, write: Callable[[], None]) -> None:
        """One after the other, so that what is added later finds its file."""
        try:
            async with self._turn:
                await asyncio.to_thread(write)
        except OSError as error:
            log.warning("a trace was not kept: %s", error)
