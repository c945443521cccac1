"""Readers' sessions, at all servers that share a Redis: any of them goes on with a conversation.

Which questions were asked under which id each server knows for itself, as it has their answers.
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

KEY, LIST = "scholiast:session:", "scholiast:sessions"
MOST_UNSAVED = 1000
"""Sessions with turns that Redis does not have yet."""

BEGIN = """
-- KEYS: the session's queries by time, its turns, all sessions by last use. ARGV: the query, the
-- lifetime in seconds, the most queries, the most sessions. Gives whether it is new, and its turns.
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local is_new = 1 - redis.call('EXISTS', KEYS[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -2 - ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[2])
redis.call('ZADD', KEYS[3], now, KEYS[1])
redis.call('EXPIRE', KEYS[3], ARGV[2])
while redis.call('ZCARD', KEYS[3]) > tonumber(ARGV[4]) + 1 do
    local oldest = redis.call('ZPOPMIN', KEYS[3])[1]
    redis.call('DEL', oldest, oldest .. ':turns')
end
return {is_new, redis.call('LRANGE', KEYS[2], 0, -1)}
"""

RELEASE = """
-- Takes the query ARGV[1] back, and the session if it began with it.
redis.call('ZREM', KEYS[1], ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('DEL', KEYS[2])
    redis.call('ZREM', KEYS[3], KEYS[1])
end
"""

ADD = """
-- Adds the turn ARGV[1] to a session that has not ended; each begins with its characters.
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('RPUSH', KEYS[2], ARGV[1])
local turns, characters = redis.call('LRANGE', KEYS[2], 0, -1), 0
for _, turn in ipairs(turns) do characters = characters + string.match(turn, '^%d+') end
local first = 1
while #turns - first >= tonumber(ARGV[3]) or characters > tonumber(ARGV[4]) do
    characters = characters - string.match(turns[first], '^%d+')
    first = first + 1
    redis.call('LPOP', KEYS[2])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
"""


class SharedSessionStore(SessionStore):
    """Sessions in Redis, and in memory what this server knows of them.

    While Redis is gone, that is what counts. Turns that it did not get are kept until it is back,
    and if it has lost its data, it gets what this server knows of a session when it is used.
    """

    def __init__(
        self,
        link: RedisLink,
        names: RedisNames,
        tokens: SessionTokens,
        lifetime: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(tokens, lifetime, clock)
        self._link = link
        self._names = names
        self._seconds = lifetime
        self._unsaved: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._saving = asyncio.Lock()
        self._releasing: set[asyncio.Task[None]] = set()

    @override
    async def begin(self, session_id: str, query_id: str, client_query_id: str | None) -> Begun:
        begun = await super().begin(session_id, query_id, client_query_id)
        if begun.query_id != query_id:
            return begun
        try:
            return await self._begin_shared(session_id, begun)
        except Gone:
            return begun
        except BaseException:  # the reader has gone meanwhile
            releasing = asyncio.create_task(self.release(session_id, query_id))
            self._releasing.add(releasing)
            releasing.add_done_callback(self._releasing.discard)
            raise

    @override
    async def release(self, session_id: str, query_id: str) -> None:
        await super().release(session_id, query_id)
        with suppress(Gone):
            await self._link.run(RELEASE, self._keys(session_id), [query_id])

    @override
    async def add_turn(self, session_id: str, turn: Turn) -> None:
        await super().add_turn(session_id, turn)
        kept = remembered(turn)
        if kept is None:
            return
        try:
            await self._save(session_id, kept)
        except Gone:
            self._unsaved.setdefault(session_id, deque(maxlen=MOST_TURNS)).append(kept)
            while len(self._unsaved) > MOST_UNSAVED:
                self._unsaved.popitem(last=False)

    async def _begin_shared(self, session_id: str, begun: Begun) -> Begun:
        await self._save_unsaved(session_id)
        bounds = [self._seconds, MOST_QUERIES, MOST_SESSIONS]
        is_new, turns = await self._link.run(
            BEGIN, self._keys(session_id), [begun.query_id, *bounds]
        )
        if is_new and not begun.is_new_session:  # Redis has lost it
            for turn in begun.history:
                await self._save(session_id, turn)
            return begun
        return Begun(begun.query_id, _turns(turns), bool(is_new))

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
        await self._link.run(ADD, self._keys(session_id), [written, *bounds])

    def _keys(self, session_id: str) -> list[str]:
        name = self._names.of(KEY, session_id)
        return [name, f"{name}:turns", LIST]


def _turns(written: Sequence[bytes]) -> tuple[Turn, ...]:
    """Those that this version can read; another may have written them."""
    decode = msgspec.json.Decoder(Turn).decode
    turns: list[Turn] = []
    for turn in written:
        with suppress(msgspec.MsgspecError):
            turns.append(decode(turn.partition(b":")[2]))
    return tuple(turns)
