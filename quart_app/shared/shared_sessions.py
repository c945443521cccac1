"""Readers' sessions, at all servers that share a Redis: any of them goes on with a conversation.

Where answers are shared, too, a question's id is claimed in the same step that opens the stream of
its answer, so that an id that is known leads to an answer that can be followed. Where they are not,
each server knows for itself which questions were asked, as it has their answers.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic

import msgspec
from typing_extensions import override

from chains.question import Turn
from quart_app.answers.session_store import (
    MOST_CHARACTERS,
    MOST_QUERIES,
    MOST_SESSIONS,
    MOST_TURNS,
    Begun,
    SessionStore,
    remembered,
)
from quart_app.answers.session_tokens import SessionTokens
from quart_app.shared.redis_link import Gone, RedisLink
from quart_app.shared.redis_names import RedisNames
from quart_app.shared.session_scripts import ADD, BEGIN, FIND, RELEASE
from quart_app.shared.stream_names import ANSWER, StreamNames

KEY, LIST = "scholiast:session:", "scholiast:sessions:"
LONGEST_WRITTEN = 100_000
"""Bytes of a turn as it is written; one of ours has at most half of that."""
MOST_UNSAVED = 1000
"""Sessions with turns that Redis does not have yet."""


class SharedSessionStore(SessionStore):
    """Sessions in Redis, and in memory what this server knows of them.

    With `streams`, answers are shared there, too. While Redis is gone, what this server knows is
    what counts. Turns that Redis did not get are kept until it is back, and if it has lost its
    data, it gets what this server knows of a session when it is used.
    """

    def __init__(
        self,
        link: RedisLink,
        names: RedisNames,
        tokens: SessionTokens,
        lifetime: int,
        streams: StreamNames | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(tokens, lifetime, clock)
        self.link = link
        self._names = names
        self.streams = streams
        self._seconds = lifetime
        self._unsaved: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._saving = asyncio.Lock()
        self._releasing: set[asyncio.Task[None]] = set()

    @override
    async def begin(self, session_id: str, query_id: str, client_query_id: str | None) -> Begun:
        begun = await super().begin(session_id, query_id, client_query_id)
        if begun.query_id != query_id:
            await self._find_shared(session_id, begun.query_id)  # the session is used
            return begun
        try:
            shared = await self._begin_shared(session_id, begun, client_query_id)
        except Gone:
            return begun
        except BaseException:  # the reader has gone meanwhile
            releasing = asyncio.create_task(self.release(session_id, query_id))
            self._releasing.add(releasing)
            releasing.add_done_callback(self._releasing.discard)
            raise
        if shared.query_id != query_id:  # another server was asked before
            await super().release(session_id, query_id)
        return shared

    async def share_again(
        self, session_id: str, query_id: str, client_query_id: str | None
    ) -> bool:
        """Open the stream of an answer that Redis has lost, or never had. Raises Gone.

        False where another answer has the client's id by now: there is no stream then.
        """
        state = self._find(session_id)
        known = Begun(query_id, tuple(state.turns) if state else (), is_new_session=False)
        shared = await self._begin_shared(session_id, known, client_query_id)
        return shared.query_id == query_id

    @override
    async def release(self, session_id: str, query_id: str) -> None:
        await super().release(session_id, query_id)
        with suppress(Gone):
            await self.link.run(RELEASE, self._keys(session_id, query_id), [query_id])

    @override
    async def find(
        self, session_id: str, query_id: str | None = None, client_query_id: str | None = None
    ) -> str | None:
        known = await super().find(session_id, query_id, client_query_id)
        found = await self._find_shared(session_id, query_id, client_query_id)
        return known or found

    @override
    async def add_turn(self, session_id: str, turn: Turn) -> None:
        kept = remembered(turn)
        if kept is None:
            return
        await super().add_turn(session_id, turn)
        try:
            await self._save(session_id, kept)
        except Gone:
            self._unsaved.setdefault(session_id, deque(maxlen=MOST_TURNS)).append(kept)
            while len(self._unsaved) > MOST_UNSAVED:
                self._unsaved.popitem(last=False)

    async def _begin_shared(
        self, session_id: str, begun: Begun, client_query_id: str | None
    ) -> Begun:
        await self._save_unsaved(session_id)
        bounds = [self._seconds, MOST_QUERIES, MOST_SESSIONS]
        stream = (self.streams.server, self.streams.running_s) if self.streams else ("", 0)
        query_id, is_new, turns = await self.link.run(
            BEGIN,
            self._keys(session_id, begun.query_id),
            [begun.query_id, *bounds, client_query_id or "", *stream, MOST_TURNS],
        )
        if is_new and not begun.is_new_session:  # Redis has lost it
            for turn in begun.history:
                await self._save(session_id, turn)
            return begun
        return Begun(_id(query_id), _turns(turns), bool(is_new))

    async def _find_shared(
        self, session_id: str, query_id: str | None = None, client_query_id: str | None = None
    ) -> str | None:
        """As `find`, in Redis alone: the session is used there, too, whatever is known here."""
        if self.streams is None:
            return None
        ids: list[str | int] = [query_id or "", client_query_id or "", self._seconds]
        try:
            found = await self.link.run(FIND, self._keys(session_id), ids)
            return None if found is None else _id(found)
        except Gone:
            return None

    async def _save_unsaved(self, session_id: str) -> None:
        """Bring Redis the turns that it did not get, one question after the other. Raises Gone."""
        if session_id not in self._unsaved:
            return
        async with self._saving:  # two questions would save and remove the same turns
            while unsaved := self._unsaved.get(session_id):
                await self._save(session_id, unsaved[0])
                unsaved.popleft()
            self._unsaved.pop(session_id, None)

    async def _save(self, session_id: str, turn: Turn) -> None:
        characters = len(turn.asked) + len(turn.answer)
        written = f"{characters}:{msgspec.json.encode(turn).decode()}"
        bounds = [self._seconds, MOST_TURNS, MOST_CHARACTERS]
        await self.link.run(ADD, self._keys(session_id), [written, *bounds])

    def _keys(self, session_id: str, query_id: str | None = None) -> list[str]:
        """With a query, the stream of its answer is the last."""
        name = self._names.of(KEY, session_id)
        keys = [name, f"{name}:turns", f"{name}:names", self._names.of(LIST, "")]
        if query_id is not None:
            keys.append(self._names.of(ANSWER, query_id))
        return keys


def _id(written: bytes) -> str:
    """An id of a query. Raises Gone where it is none of ours."""
    try:
        return written.decode("ascii")
    except UnicodeDecodeError:
        raise Gone from None


def _turns(written: Sequence[bytes]) -> tuple[Turn, ...]:
    """The latest that this version can read, as long as a session's may be together; another
    version, or somebody else, may have written them."""
    decode = msgspec.json.Decoder(Turn).decode
    turns: list[Turn] = []
    left = MOST_CHARACTERS
    for turn in reversed(written):
        if len(turn) > LONGEST_WRITTEN:
            continue
        with suppress(msgspec.MsgspecError):
            read = decode(turn.partition(b":")[2])
            left -= len(read.asked) + len(read.answer)
            if left < 0:
                break
            turns.append(read)
    return tuple(reversed(turns))
