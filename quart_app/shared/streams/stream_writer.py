"""What brings the logs of this server's answers into their streams.

Followers at this server read the log in memory. Redis gets what waits of all answers in one
pipelined write, at most twenty times a second. What was not confirmed is written again: readers
pass over what they have.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from redis.exceptions import ResponseError

from quart_app.answers.kept_answer import RunningAnswer
from quart_app.shared.loop_time import now as loop_now
from quart_app.shared.redis_link import Gone, RedisLink
from quart_app.shared.stream_names import ALIVE, BEAT, StreamNames, alive
from quart_app.shared.streams.shared_answer import SharedAnswer

log = logging.getLogger("scholiast.redis")

PAUSE = 0.05
"""Seconds from one write to the next."""
WRITE_BYTES = 1_000_000
"""Of one write; what waits beyond goes into the next."""
MOST_BYTES, MOST_ENTRIES = 4_000_000, 50_000
"""Of one stream; an answer that grows beyond stays with its server."""
MOST_OPENED = 50
"""Streams that are opened anew between two writes."""

Open = Callable[[RunningAnswer], Awaitable[bool]]
"""Opens the stream of an answer anew; gives whether it could. Raises Gone."""
Command = tuple[tuple[Any, ...], Callable[[Any], None]]
"""A command, and what is done with its result."""


class StreamWriter:
    """Writes answers that were added until they are removed; `run` does the work."""

    def __init__(self, link: RedisLink, names: StreamNames, reopen: Open) -> None:
        self._link = link
        self._names = names
        self._reopen = reopen
        self._shared: dict[str, SharedAnswer] = {}
        self._due: dict[SharedAnswer, None] = {}
        self._removed: list[str] = []
        self._news = asyncio.Event()
        self._beaten = -BEAT
        link.on_return(self._renew_all)

    def add(self, answer: RunningAnswer) -> None:
        """Share an answer, whose stream was opened with its question if Redis was there."""
        shared = SharedAnswer(answer, self._names.of(answer.query_id), renewed=loop_now())
        self._shared[answer.query_id] = shared
        answer.log.on_news = partial(self._mark, shared)

    def end(self, query_id: str) -> None:
        """An answer has ended, and its session knows it: now its followers may, too."""
        if (shared := self._shared.get(query_id)) is not None:
            shared.may_end = True
            self._mark(shared)

    def renew(self, query_id: str) -> None:
        """Keep the stream of an answer for the whole window from now on."""
        if (shared := self._shared.get(query_id)) is not None:
            shared.is_expiry_due = True
            self._mark(shared)

    def remove(self, query_id: str) -> None:
        """Delete the stream of an answer that is not kept any more."""
        shared = self._shared.pop(query_id, None)
        if shared is not None:
            shared.answer.log.on_news = None
            self._due.pop(shared, None)
            self._removed.append(shared.stream)
            self._news.set()

    async def run(self) -> None:
        """Write what waits, again and again."""
        while True:
            began = loop_now()
            self._news.clear()
            with suppress(Gone):
                await self.write()
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await self._news.wait()
            await asyncio.sleep(max(0.0, began + PAUSE - loop_now()))

    async def write(self) -> None:
        """Write what waits, once. Raises Gone; then it still waits."""
        due = {each: None for each in self._due if each.answer.query_id in self._shared}
        self._due = {}
        removed, self._removed = self._removed, []
        try:
            await self._open_lost(due)
            await self._link.ask(partial(self._send, due, removed))
        except BaseException:
            self._due = due | self._due
            if self._link.problem is None:  # else they expire by themselves
                self._removed = removed + self._removed
            raise

    async def close(self) -> None:
        """Write the last of all answers, as far as Redis takes it, and show no more life."""
        with suppress(Gone):
            while self._due or self._removed:
                await self.write()
            await self._link.ask(partial(self._link.client.delete, alive(self._names.server)))

    def _mark(self, shared: SharedAnswer) -> None:
        self._due[shared] = None
        self._news.set()

    def _renew_all(self) -> None:
        """Redis is back, and may have lost what it had."""
        self._beaten = -BEAT
        for query_id in self._shared:
            self.renew(query_id)

    async def _open_lost(self, due: dict[SharedAnswer, None]) -> None:
        lost = [shared for shared in due if shared.is_lost]
        for shared in lost[:MOST_OPENED]:
            if await self._reopen(shared.answer):
                shared.begin_again()
            else:
                del due[shared]
                self._give_up(shared, "its question was asked again meanwhile")
        for shared in lost[MOST_OPENED:]:
            del due[shared]
            self._mark(shared)

    async def _send(self, due: dict[SharedAnswer, None], removed: list[str]) -> None:
        commands = [*self._beat(due), *self._additions(due)]
        if removed:
            commands.append((("DEL", *removed), _nothing))
        if not commands:
            return
        pipeline = self._link.client.pipeline(transaction=False)
        for arguments, _ in commands:
            pipeline.execute_command(*arguments)
        results = await pipeline.execute(raise_on_error=False)
        problem = None
        for (_, take), result in zip(commands, results, strict=True):
            if isinstance(result, Exception) and not _is_of_other_type(result):
                problem = result
            else:
                take(result)
        if problem is not None:
            raise problem

    def _beat(self, due: dict[SharedAnswer, None]) -> list[Command]:
        """A sign of life, if it is time, and then the streams whose expiry is to be put off."""
        now = loop_now()
        if now - self._beaten < BEAT:
            return []
        due |= dict.fromkeys(each for each in self._shared.values() if each.expires(now))
        return [(("SET", alive(self._names.server), 1, "EX", ALIVE), partial(self._was_heard, now))]

    def _was_heard(self, now: float, _: object) -> None:
        self._beaten = now

    def _additions(self, due: dict[SharedAnswer, None]) -> list[Command]:
        commands: list[Command] = []
        size, now = 0, loop_now()
        for shared in due:
            if size > WRITE_BYTES:
                self._mark(shared)
                continue
            addition = shared.next()
            if addition is not None:
                size += len(addition.data)
                to = (shared.stream, "NOMKSTREAM", "MAXLEN", "~", MOST_ENTRIES, "*", "d")
                take = partial(self._take, shared, addition.confirm)
                commands.append((("XADD", *to, addition.data), take))
            if shared.expires(now) or (addition is not None and addition.is_last):
                seconds = self._names.running_s if shared.is_running else self._names.ended_s
                take = partial(self._take, shared, partial(shared.was_renewed, now))
                commands.append((("EXPIRE", shared.stream, seconds), take))
        return commands

    def _take(self, shared: SharedAnswer, confirm: Callable[[], None], result: object) -> None:
        """What Redis said of an addition or a renewal: no stream is None or 0."""
        if isinstance(result, Exception):
            self._give_up(shared, "its name is taken in Redis by something else")
            return
        if not result:
            shared.is_lost = True
            self._mark(shared)
            return
        confirm()
        if shared.bytes > MOST_BYTES or shared.entries >= MOST_ENTRIES:
            self._give_up(shared, "it is too long")
        elif shared.waits:
            self._mark(shared)

    def _give_up(self, shared: SharedAnswer, reason: str) -> None:
        """Leave an answer to this server alone."""
        query_id = shared.answer.query_id
        if query_id in self._shared:
            log.warning("%s cannot be followed at other servers: %s", query_id, reason)
            self.remove(query_id)


def _is_of_other_type(error: Exception) -> bool:
    return isinstance(error, ResponseError) and str(error).startswith("WRONGTYPE")


def _nothing(_: object) -> None:
    """There is nothing to do with a result."""
