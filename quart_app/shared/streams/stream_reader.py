"""What brings the streams of other servers' answers into copies here, and this server its mail.

One task reads them all, by one call that waits at Redis; followers follow the copies in memory,
however many they are. Another looks whether the servers that write them live.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Literal, cast

from redis.exceptions import ResponseError

from quart_app.shared.loop_time import now as loop_now
from quart_app.shared.redis_link import Gone, RedisLink
from quart_app.shared.stream_names import MAILBOX, StreamNames, alive, dead, mailbox
from quart_app.shared.streams.answer_copy import LOST, START, AnswerCopy, Entries

MOST_AT_ONCE = 100
"""Entries of a stream that one call reads."""
BLOCK = 0.4
"""Seconds that a call waits for news at Redis."""
PAUSE = 0.02
"""Seconds from one reading to the next."""
LOOK = 0.5
"""Seconds between two looks at servers, and before reading again where it failed."""
MOST_MAIL = 1000
"""Messages in a mailbox."""
READABLE = (b"stream", b"none")
"""Types of keys that may be followed."""

Wish = Literal["go on", "cancel", "wake"]
"""What one server asks of another about an answer, or of itself."""


Read = list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]
"""Of several streams, by name, what came; each entry with its id."""


class StreamReader:
    """Reads streams into copies; `heed` gets what others wish of this server's answers."""

    def __init__(
        self, link: RedisLink, names: StreamNames, heed: Callable[[str, str], None]
    ) -> None:
        self._link = link
        self._names = names
        self._heed = heed
        self._following: dict[bytes, AnswerCopy] = {}
        self._every = min(names.window / 3, 10.0) - LOOK
        link.on_return(self._from_the_start)

    async def open(self, session_id: str, query_id: str) -> AnswerCopy | None:
        """A copy of what there is of an answer; None if it has no stream. Raises Gone.

        It ends with an error where the server that wrote it was found dead before.
        """
        stream = self._names.of(query_id)
        copy = AnswerCopy(query_id, session_id, None, stream=stream)
        while entries := await self._link.ask(partial(self._after, copy)):
            copy.take(entries)
            if len(entries) < MOST_AT_ONCE:
                break
        if not copy.server:
            return None
        if copy.log.ending is None and await self._is_known_dead(copy.server):
            copy.fail(LOST)
        return copy

    async def follow(self, copy: AnswerCopy) -> None:
        """Keep a copy up to date until its answer has ended. Raises Gone."""
        if copy.log.ending is None:
            self._following[copy.stream.encode()] = copy
            await self._link.ask(partial(self._post, [(self._names.server, "wake", "")]))

    def leave(self, copy: AnswerCopy) -> None:
        """Read no more of an answer."""
        self._following.pop(copy.stream.encode(), None)

    async def wish(self, copy: AnswerCopy) -> None:
        """Ask the server that writes an answer to go on, or to cancel it. Raises Gone."""
        copy.asked_for = loop_now()
        await self._link.ask(partial(self._post, [_wish_of(copy)]))

    async def read(self) -> None:
        """Read news, again and again."""
        while True:
            began = loop_now()
            try:
                await self._read_once()
            except Gone as gone:
                if isinstance(gone.__cause__, ResponseError):
                    await self._leave_unreadable()
                await asyncio.sleep(LOOK)
            await asyncio.sleep(max(0.0, began + PAUSE - loop_now()))

    async def look(self) -> None:
        """Look whether the answers that are followed are still written, again and again."""
        while True:
            await asyncio.sleep(LOOK)
            copies = list(self._following.values())
            if not copies:
                continue
            try:
                living = await self._link.ask(partial(self._living, copies))
            except Gone:
                living = [None] * len(copies)
            for copy, is_alive in zip(copies, living, strict=True):
                copy.look(is_alive=is_alive)
                self._leave_ended(copy)
            if servers := {copy.server for copy in copies if copy.is_broken}:
                with suppress(Gone):
                    await self._link.ask(partial(self._note_dead, servers))

    def _from_the_start(self) -> None:
        """Redis is back: what it lost was written again, from the first entry on."""
        for copy in self._following.values():
            copy.read = START

    async def _read_once(self) -> None:
        box = mailbox(self._names.server).encode()
        places = {box: START} | {name: copy.read for name, copy in self._following.items()}
        wait = partial(self._xread, places, round(BLOCK * 1000))
        for name, entries in await self._link.wait(wait, BLOCK):
            if name == box:
                await self._heed_all(entries)
            elif (copy := self._following.get(name)) is not None:
                copy.take(entries)
                self._leave_ended(copy)

    async def _heed_all(self, mail: Entries) -> None:
        """Do what others wish, and remove it: a place in the mailbox would not do where Redis was
        given another clock. Raises Gone; then the same comes again, which does no harm."""
        for _, fields in mail:
            for wish, query_id in fields.items():
                self._heed(wish.decode(errors="replace"), query_id.decode(errors="replace"))
        box, numbers = mailbox(self._names.server), [number for number, _ in mail]
        await self._link.ask(partial(self._link.client.xdel, box, *numbers))

    async def _leave_unreadable(self) -> None:
        """Give up what is no stream, of which one would keep all others from being read."""
        box = mailbox(self._names.server).encode()
        with suppress(Gone):
            kinds = await self._link.ask(partial(self._kinds, [box, *self._following]))
            for name in (name for name, kind in kinds.items() if kind not in READABLE):
                if (copy := self._following.pop(name, None)) is not None:
                    copy.fail("its stream cannot be read")
                else:
                    await self._link.ask(partial(self._link.client.delete, name))

    async def _kinds(self, names: list[bytes]) -> dict[bytes, bytes]:
        pipeline = self._link.client.pipeline(transaction=False)
        for name in names:
            pipeline.type(name)
        return dict(zip(names, await pipeline.execute(), strict=True))

    def _leave_ended(self, copy: AnswerCopy) -> None:
        if copy.log.ending is not None:
            self.leave(copy)

    async def _after(self, copy: AnswerCopy) -> list[tuple[bytes, dict[bytes, bytes]]]:
        read = await self._xread({copy.stream.encode(): copy.read})
        return read[0][1] if read else []

    async def _xread(self, places: dict[bytes, bytes], block: int | None = None) -> Read:
        read = await self._link.client.xread(cast("Any", places), MOST_AT_ONCE, block)
        return cast("Read", read)

    async def _living(self, copies: list[AnswerCopy]) -> list[bool | None]:
        """Whether the stream and the server of each are there; their servers hear of it."""
        now = loop_now()
        servers = list({copy.server for copy in copies})
        pipeline = self._link.client.pipeline(transaction=False)
        for server in servers:
            pipeline.exists(alive(server))
        for copy in copies:
            pipeline.xrevrange(copy.stream, count=1)
        found = await pipeline.execute()
        living = {server for server, is_there in zip(servers, found, strict=False) if is_there}
        last = found[len(servers) :]
        for copy, entries in zip(copies, last, strict=True):
            copy.keep_place(entries)
        there = list(zip(copies, map(bool, last), strict=True))
        due = [
            copy
            for copy, is_there in there
            if copy.is_cancelled or not is_there or now - copy.asked_for >= self._every
        ]
        for copy in due:
            copy.asked_for = now
        if due:
            await self._post([_wish_of(copy) for copy in due])
        return [is_there and copy.server in living for copy, is_there in there]

    async def _is_known_dead(self, server: str) -> bool:
        """Whether somebody waited in vain for a sign of its life, and there is none since."""
        pipeline = self._link.client.pipeline(transaction=False)
        for key in (dead(server), alive(server)):
            pipeline.exists(key)
        return await self._link.ask(pipeline.execute) == [1, 0]

    async def _note_dead(self, servers: set[str]) -> None:
        """Nobody has to wait for these again; a sign of life makes it void."""
        pipeline = self._link.client.pipeline(transaction=False)
        for server in servers:
            pipeline.set(dead(server), 1, ex=self._names.running_s)
        await pipeline.execute()

    async def _post(self, mail: list[tuple[str, Wish, str]]) -> None:
        pipeline = self._link.client.pipeline(transaction=False)
        for server, wish, query_id in mail:
            box = mailbox(server)
            pipeline.xadd(box, {wish: query_id}, maxlen=MOST_MAIL)
            pipeline.expire(box, MAILBOX)
        await pipeline.execute()


def _wish_of(copy: AnswerCopy) -> tuple[str, Wish, str]:
    return copy.server, "cancel" if copy.is_cancelled else "go on", copy.query_id
