"""Running answers: who writes them, who follows them, and how long they are kept.

One task writes each answer's log (`answer_log.py`), when it is its turn (`answer_queue.py`). Losing
its reader does not stop it: it goes on for the resume window and is kept as long after its last
reader has left.
"""

from __future__ import annotations

import asyncio
import statistics
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import cast
from uuid import uuid4

from langchain_core.runnables import RunnableConfig

from chains.errors import ServiceUnavailable
from chains.events import Event, Sources
from chains.question import Question
from chains.tutor import TutorChain
from quart_app.answers.answer_log import Ended
from quart_app.answers.answer_queue import AnswerQueue
from quart_app.answers.counting import count
from quart_app.answers.kept_answer import KeptAnswer, RunningAnswer
from quart_app.answers.log_line import report
from quart_app.answers.session_store import SessionStore, turn_of
from quart_app.answers.watching import Watch
from quart_app.metrics.metrics import Metrics

FIRST_GUESS_MS, RECENT = 2000, 20
"""How many answers the next one's duration is estimated from, and what it is taken for first."""
MOST_KEPT = 2000
"""Answers in memory that have ended and may still be resumed."""
FORGOTTEN = ("empty", "filtered")
"""Endings of answers that no later question gets to know: an endpoint that refused one would refuse
it again with each question that follows."""
FIRST_READER_S = 5.0
"""How long an answer waits for its first reader where the resume window is shorter."""


class Answers:
    """Starts answers, owns their tasks until they have ended, and keeps them for the window.

    `window` is in seconds; with 0 an answer ends with its reader. At most `at_work` are written at
    a time.
    """

    def __init__(
        self,
        tutor: TutorChain,
        sessions: SessionStore,
        *,
        window: float,
        at_work: int = 100,
        watch: Watch | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.tutor = tutor
        self.metrics = metrics or Metrics()
        self.window = window
        self._sessions = sessions
        self._watch = watch
        self.queue = AnswerQueue(at_work, paced=True)
        self._kept: dict[str, KeptAnswer] = {}
        self._ended: deque[str] = deque()
        self._durations: deque[int] = deque([FIRST_GUESS_MS], maxlen=RECENT)

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def estimated_duration(self) -> int:
        """Milliseconds that an answer takes, by the median of recent ones."""
        return round(statistics.median(self._durations))

    async def start(
        self,
        question: Question,
        session_id: str,
        client_query_id: str | None = None,
        admit: Callable[[bool], Awaitable[None]] | None = None,
        key: str | None = None,
    ) -> KeptAnswer | None:
        """Begin to answer; the answer goes on with or without a reader.

        What was asked by the same `client_query_id` in this session is not asked again: then
        that answer is returned, or None if it is not kept any more. `admit` is called for a
        question that was not asked before, with whether its session is new; what it raises is
        raised, and the question leaves no trace. So it is with Busy, where too many wait. Of
        those with the same `key`, by default the session, one waits for the other.
        """
        query_id = f"query_{uuid4().hex}"
        begun = await self._sessions.begin(session_id, query_id, client_query_id)
        if begun.query_id != query_id:
            return await self.look_up(session_id, begun.query_id)
        try:
            with self.queue.coming():
                if admit is not None:
                    await admit(begun.is_new_session)
        except BaseException:  # also where the reader has gone meanwhile
            await self._sessions.release(session_id, query_id)
            raise
        question = replace(question, history=begun.history)
        ticket = self.queue.enter(key or session_id)
        ids = query_id, session_id, client_query_id
        return self._begin(RunningAnswer(*ids, question=question, ticket=ticket))

    def _begin(self, answer: RunningAnswer) -> RunningAnswer:
        if self._watch is not None:
            answer.watcher = self._watch.begin(
                answer.query_id,
                answer.question,
                client_query_id=answer.client_query_id,
                session_id=answer.session_id,
            )
        answer.task = asyncio.create_task(self._write(answer), name=answer.query_id)
        answer.task.add_done_callback(lambda _: self._let_go(answer))
        self._kept[answer.query_id] = answer
        self._forget_later(answer, max(self.window, FIRST_READER_S))
        return answer

    @property
    def are_shared(self) -> bool:
        """Whether other servers can find them now."""
        return False

    def find(self, query_id: str) -> KeptAnswer | None:
        """An answer that is running or still kept here."""
        return self._kept.get(query_id)

    async def look_up(self, session_id: str, query_id: str) -> KeptAnswer | None:  # noqa: ARG002
        """The answer to a query of a session, wherever it is written; None if it is not kept."""
        return self.find(query_id)

    @contextmanager
    def following(self, answer: KeptAnswer) -> Iterator[None]:
        """Count as a reader of the answer for the length of the block."""
        answer.followers += 1
        if answer.timer is not None:
            answer.timer.cancel()
        try:
            yield
        finally:
            answer.followers -= 1
            if not answer.followers:
                self._forget_later(answer, self.window)

    def cancel(self, answer: KeptAnswer) -> None:
        """Stop writing and keep what there is; an answer that has ended stays as it is."""
        if answer.log.ending is None and answer.task is not None:
            answer.is_cancelled = True
            answer.task.cancel()

    def forget(self, answer: KeptAnswer) -> None:
        """Cancel and drop an answer that no reader will resume."""
        self.cancel(answer)
        self._drop(answer.query_id)
        answer.timer = None  # which holds the answer: no cycle for the garbage collector

    def end_waiting(self) -> None:
        """Interrupt the answers whose turn has not come: this server stops before."""
        for answer in self._kept.values():
            if answer.ahead is not None and answer.task is not None:
                answer.task.cancel()

    async def until_unwanted(self) -> None:
        """Wait for the answers that readers may follow without a socket here: there are none."""

    async def close(self) -> None:
        """Interrupt what still runs, and wait until it has let go of its services."""
        self.queue.close()
        kept, self._kept = list(self._kept.values()), {}
        tasks = [answer.task for answer in kept if answer.task is not None]
        for answer in kept:
            if answer.timer is not None:
                answer.timer.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # for what is called when they are done

    async def _write(self, answer: RunningAnswer) -> None:
        callbacks = [*answer.watcher.callbacks] if answer.watcher else None
        config: RunnableConfig = {"callbacks": callbacks}
        events = cast("AsyncGenerator[Event]", self.tutor.astream(answer.question, config))
        try:
            await answer.ticket.turn()
            async with aclosing(events):
                async for event in events:
                    answer.log.add(event)
        except asyncio.CancelledError:
            self._interrupt(answer)
            raise
        except Exception as error:  # noqa: BLE001 (the edge of an answer: a bug ends it, too)
            answer.log.fail(error)
        finally:
            ending = answer.log.ending
            if isinstance(ending, Ended) and ending.finish.status not in FORGOTTEN:
                await self._remember(answer)

    async def _remember(self, answer: RunningAnswer) -> None:
        """Put an answer into its session, unless it is talk: “thanks” is nothing to go on about."""
        log = answer.log
        given = log.sources.sources if log.sources else ()
        if given:
            cited = (source for delta in log.deltas for source in delta.sources)
            turn = turn_of(answer.question, log.text, (*cited, *given))
            await self._sessions.add_turn(answer.session_id, turn)

    def _interrupt(self, answer: RunningAnswer) -> None:
        """Write the ending of an answer whose task was cancelled, by its reader or by a stop."""
        if answer.log.ending is not None:
            return
        if answer.is_cancelled:
            begun = answer.log.sources or Sources((), self.tutor.basis(answer.question))
            answer.log.finish("cancelled", begun.basis)
        else:
            answer.log.fail(ServiceUnavailable("server", "the answer was interrupted"))

    def _let_go(self, answer: RunningAnswer) -> None:
        self._interrupt(answer)  # if its task did not get as far as its first step
        if isinstance(answer.log.ending, Ended) and answer.ticket.seconds:  # else it only waited
            self._durations.append(round(1000 * answer.ticket.seconds))
        report(answer.query_id, answer.log.ending)
        count(self.metrics, answer.log.ending)
        answer.ticket.leave()
        answer.task = None  # which holds the answer, too, where it was cancelled
        if answer.watcher is not None and answer.log.ending is not None:
            answer.watcher.end(answer.log)
        self._ended.append(answer.query_id)
        while len(self._ended) > MOST_KEPT:
            self._drop(self._ended.popleft())

    def _drop(self, query_id: str) -> None:
        """Keep an answer no longer."""
        answer = self._kept.pop(query_id, None)
        if answer is not None and answer.timer is not None:
            answer.timer.cancel()  # it holds the answer, too

    def _forget_later(self, answer: KeptAnswer, seconds: float) -> None:
        if answer.query_id not in self._kept:
            return
        if seconds <= 0:
            self.forget(answer)
            return
        answer.timer = asyncio.get_running_loop().call_later(seconds, self.forget, answer)
