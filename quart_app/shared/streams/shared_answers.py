"""Answers that any server can follow: this server's own, and copies of those of others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from typing_extensions import override

from chains.tutor import TutorChain
from quart_app.answers.kept_answer import KeptAnswer, RunningAnswer
from quart_app.answers.running import FIRST_READER_S, Answers
from quart_app.answers.watching import Watch
from quart_app.metrics.metrics import Metrics
from quart_app.shared.redis_link import Gone
from quart_app.shared.shared_sessions import SharedSessionStore
from quart_app.shared.stream_names import StreamNames
from quart_app.shared.streams.answer_copy import AnswerCopy
from quart_app.shared.streams.stream_reader import StreamReader
from quart_app.shared.streams.stream_writer import StreamWriter

log = logging.getLogger("scholiast.redis")

MOST_COPIES = 2000
"""Answers of other servers that are kept here."""
LAST_WRITES = 1.0
"""Seconds for the endings of answers to reach Redis when this server stops."""
AFTER_A_BUG = 1.0
"""Seconds until what failed is begun again."""


class SharedAnswers(Answers):
    """Answers whose logs stand in Redis, too, where the server of each reader follows them.

    While Redis is gone, this server's answers go on for those who follow them here. Only
    `sharing` makes it work.
    """

    def __init__(
        self,
        tutor: TutorChain,
        sessions: SharedSessionStore,
        names: StreamNames,
        *,
        at_work: int = 100,
        watch: Watch | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        link = sessions.link
        super().__init__(
            tutor, sessions, window=names.window, at_work=at_work, watch=watch, metrics=metrics
        )
        self._link = link
        self._shared_sessions = sessions
        self._writer = StreamWriter(link, names, self._reopen)
        self._reader = StreamReader(link, names, self._heed)
        self._copies: dict[str, AnswerCopy] = {}
        self._wishes: set[asyncio.Task[None]] = set()

    @property
    @override
    def are_shared(self) -> bool:
        return self._link.problem is None

    @override
    async def look_up(self, session_id: str, query_id: str) -> KeptAnswer | None:
        known = self._known(query_id)
        if known is not None or not self._makes_room():
            return known
        with suppress(Gone):
            copy = await self._reader.open(session_id, query_id)
            known = self._known(query_id)  # another reader may have been faster
            if copy is None or known is not None:
                return known
            self._copies[query_id] = self._kept[query_id] = copy
            self._forget_later(copy, self.window)
            with suppress(Gone):
                await self._reader.follow(copy)
                await self._reader.wish(copy)
            return copy
        return None

    @override
    def cancel(self, answer: KeptAnswer) -> None:
        if not isinstance(answer, AnswerCopy):
            super().cancel(answer)
        elif answer.log.ending is None:
            answer.is_cancelled = True
            wishing = asyncio.create_task(self._wish(answer))
            self._wishes.add(wishing)
            wishing.add_done_callback(self._wishes.discard)

    @override
    def forget(self, answer: KeptAnswer) -> None:
        if not isinstance(answer, AnswerCopy):
            super().forget(answer)
            return
        self._reader.leave(answer)
        self._drop(answer.query_id)
        answer.timer = None

    @override
    async def until_unwanted(self) -> None:
        while self.are_shared and (
            tasks := [answer.task for answer in self._kept.values() if answer.task is not None]
        ):
            await asyncio.wait(tasks, timeout=1.0)  # Redis may be gone by then

    @override
    async def close(self) -> None:
        for copy in list(self._copies.values()):
            copy.fail("the answer was interrupted")
            self._reader.leave(copy)
        self._copies.clear()
        await super().close()

    def run(self) -> set[asyncio.Task[None]]:
        """Begin to write and read streams."""
        works = self._writer.run, self._reader.read, self._reader.look
        return {asyncio.create_task(_forever(work)) for work in works}

    async def finish(self) -> None:
        """Bring what is left into the streams."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WRITES):
                await self._writer.close()

    @override
    def _begin(self, answer: RunningAnswer) -> RunningAnswer:
        self._writer.add(answer)
        return super()._begin(answer)

    @override
    def _let_go(self, answer: RunningAnswer) -> None:
        super()._let_go(answer)
        self._writer.end(answer.query_id)
        self._go_on(answer)  # who followed it elsewhere may have just gone

    @override
    def _drop(self, query_id: str) -> None:
        super()._drop(query_id)
        self._writer.remove(query_id)
        self._copies.pop(query_id, None)

    @override
    def _forget_later(self, answer: KeptAnswer, seconds: float) -> None:
        super()._forget_later(answer, seconds)
        self._writer.renew(answer.query_id)

    def _known(self, query_id: str) -> KeptAnswer | None:
        """An answer that is kept here, but for a copy that broke off: it may be read again."""
        known = self.find(query_id)
        if isinstance(known, AnswerCopy) and known.is_broken:
            self.forget(known)
            return None
        return known

    def _makes_room(self) -> bool:
        """Whether there is room for one more copy, if need be without one that nobody follows."""
        if len(self._copies) < MOST_COPIES:
            return True
        oldest = next((copy for copy in self._copies.values() if not copy.followers), None)
        if oldest is not None:
            self.forget(oldest)
        return oldest is not None

    async def _wish(self, copy: AnswerCopy) -> None:
        with suppress(Gone):  # then it is wished again with the next look
            await self._reader.wish(copy)

    async def _reopen(self, answer: RunningAnswer) -> bool:
        ids = answer.session_id, answer.query_id, answer.client_query_id
        return await self._shared_sessions.share_again(*ids)

    def _heed(self, wish: str, query_id: str) -> None:
        answer = self.find(query_id)
        if not isinstance(answer, RunningAnswer):
            return
        if wish == "cancel":
            self.cancel(answer)
        elif wish == "go on":
            self._writer.renew(query_id)  # which finds out whether its stream is there
            self._go_on(answer)

    def _go_on(self, answer: RunningAnswer) -> None:
        """Keep an answer that nobody follows here for the whole window from now on."""
        if not answer.followers:
            if answer.timer is not None:
                answer.timer.cancel()
            self._forget_later(answer, max(self.window, FIRST_READER_S))


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    """A bug in what serves all answers ends none of them."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("sharing answers failed")
        await asyncio.sleep(AFTER_A_BUG)


@asynccontextmanager
async def sharing(answers: SharedAnswers) -> AsyncIterator[None]:
    """Run what shares the answers for the length of the block, and then end them."""
    running = answers.run()
    try:
        yield
    finally:
        await answers.close()
        while running:
            for task in running:
                task.cancel()  # again where redis-py, while it connected, made an error of it
            _, running = await asyncio.wait(running, timeout=AFTER_A_BUG / 2)
        await answers.finish()
