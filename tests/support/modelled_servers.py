"""The model of conversations at two servers that share a Redis.

Time stands still for it, too: what is to expire there expires when the test lets time pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import rule
from pydantic import SecretStr
from redis import Redis
from typing_extensions import override

from quart_app.answers.answer_queue import AnswerQueue
from quart_app.answers.limit_store import LimitStore
from quart_app.answers.session_tokens import SessionTokens
from quart_app.settings import WebSettings
from quart_app.shared.redis_link import MOST_CALLS, RedisLink, open_redis
from quart_app.shared.redis_names import RedisNames
from quart_app.shared.shared_sessions import SharedSessionStore
from quart_app.shared.stream_names import StreamNames, mailbox
from quart_app.shared.streams.shared_answers import SharedAnswers, sharing
from quart_app.sharing import limits_of
from tests.support.modelled_conversations import Conversations
from tests.support.modelled_readers import Asked, Reader
from tests.support.redis_server import RedisServer
from tests.support.sharing import SECRET
from tests.support.stopped_time import AT_WORK, TURNS, PatientTutor, StoppedServer

EMPTIED = b""
"""Of a stream whose entries are removed when they were read."""
FAR = 10**8
"""Seconds that no key is ever given by a server."""
HOLD = """
local held = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
    local left = redis.call('TTL', key)
    if left >= 0 and left < tonumber(ARGV[1]) then
        held[#held + 1] = {key, left}
        redis.call('EXPIRE', key, 2 * ARGV[1])
    end
end
return held
"""
STEP = 2
"""Seconds that pass at once: servers show twice as often that they live."""
WINDOW, IDLE, LIFETIME = 12, 40, 90
LONGER = 2 * WINDOW + 2
"""Seconds after which an answer is gone for sure that was followed at another server: that one asks
its server to keep it as long as it keeps its copy."""


@dataclass
class SharingServer(StoppedServer):
    """One of them, with its `link` to their Redis; they have one `tutor`."""

    link: RedisLink = field(kw_only=True)

    @override
    def __post_init__(self) -> None:
        clock, lifetime = asyncio.get_running_loop().time, self.settings.session_lifetime
        names = RedisNames(SECRET)
        self.names = StreamNames(names, self.settings.resume_window)
        tokens = SessionTokens(SECRET, lifetime, clock)
        self.sessions = SharedSessionStore(self.link, names, tokens, lifetime, self.names, clock)
        self.answers: SharedAnswers = SharedAnswers(self.tutor, self.sessions, self.names)
        self.answers.queue = AnswerQueue(AT_WORK)
        self.limits = limits_of(self.settings, LimitStore())

    def reads(self) -> dict[bytes, bytes] | None:
        """The streams that it reads, each with the last entry that it has; None while something is
        on its way to Redis or from it."""
        writer, reader = self.answers._writer, self.answers._reader
        if self.link._places._value < MOST_CALLS or writer._due or writer._removed:
            return None
        read = {name: copy.read for name, copy in reader._following.items()}
        return read | {mailbox(self.names.server).encode(): EMPTIED}


class StoppedRedis:
    """Expiry by the clock of a test, as that of Redis goes on."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._hold = redis.register_script(HOLD)
        self._ends: dict[bytes, int] = {}

    def hold(self, now: int) -> None:
        """Let no key expire by itself from now on."""
        for key, left in self._hold(args=[FAR]):
            self._ends[key] = now + left

    def is_read(self, reads: Sequence[dict[bytes, bytes]]) -> bool:
        """Whether nothing stands in streams that was not read there."""
        pairs = [pair for read in reads for pair in read.items()]
        pipeline = self._redis.pipeline(transaction=False)
        for stream, _ in pairs:
            pipeline.xrevrange(stream, count=1)
        newest = zip(pipeline.execute(), pairs, strict=True)
        return all(not found or found[0][0] == last for found, (_, last) in newest)

    def expire(self, now: int) -> None:
        """Delete what has come to its end."""
        for key in [key for key, end in self._ends.items() if end <= now]:
            self._redis.delete(key)
            del self._ends[key]


class ConversationsOfTwo(Conversations):
    """The machine at two servers."""

    redis: ClassVar[RedisServer]

    @override
    async def _open_servers(self) -> Sequence[StoppedServer]:
        self.looking = Redis(port=self.redis.port)  # bytes
        self.looking.flushall()
        self.stopped_redis = StoppedRedis(self.looking)
        self.stack = AsyncExitStack()
        settings = WebSettings.model_construct(
            limit_questions=(),
            limit_messages=None,
            resume_window=WINDOW,
            idle_timeout=IDLE,
            session_lifetime=LIFETIME,
        )
        tutor, servers = PatientTutor(), list[SharingServer]()
        for _ in range(2):
            link = await self.stack.enter_async_context(open_redis(SecretStr(self.redis.url)))
            servers.append(SharingServer(settings, tutor, link=link))
            await self.stack.enter_async_context(sharing(servers[-1].answers))
        self.sharing_servers = servers
        return servers

    @override
    async def _close_servers(self) -> None:
        await self.stack.aclose()
        self.looking.close()

    @override
    async def _settle(self) -> None:
        calm = 0
        while calm < 2:  # what was read may lead to what is to be written
            for _ in range(TURNS // 2):
                await asyncio.sleep(0)
            reads = [server.reads() for server in self.sharing_servers]
            known = [read for read in reads if read is not None]
            is_calm = len(known) == len(reads) and self.stopped_redis.is_read(known)
            calm = calm + 1 if is_calm else 0
        self.stopped_redis.hold(int(self.now))

    @rule(seconds=st.sampled_from([1, 1, 2, 3, 6, 11, 12, 13, 41, 91]))
    def pass_time(self, seconds: int) -> None:
        self.run(self._pass(seconds))

    @override
    async def _pass(self, seconds: float) -> None:
        """At least so many seconds, and until it is sure of each answer whether it is kept."""
        until = self.now + seconds
        while self.now < until or any(map(self._may_be_kept, self.all)):
            self.loop.now += STEP
            self.stopped_redis.expire(int(self.now))
            await self._settle()
            for asked in self._running():
                if self._may_be_kept(asked) and self.server.tutor.runs[asked.text].is_over:
                    self._end(asked, "cancelled")
                    asked.has_sources = True
            await self._look()

    def _may_be_kept(self, asked: Asked) -> bool:
        """Whether it is kept as long as its server hears that another one has a copy."""
        if self._followers(asked) or self._is_kept(asked):
            return False
        return self.now <= max(asked.left_at, asked.looked_up_at) + LONGER

    @override
    def _end(self, asked: Asked, ending: str) -> None:
        """Only an answer that goes into its session's history is a use of it."""
        is_remembered = asked.has_sources and bool(asked.deltas)
        if asked.ending is None and not is_remembered:
            asked.ending = ending
        super()._end(asked, ending)

    @override
    def _bound(self, reader: Reader, wanted: Asked, missing: int) -> int:
        """Elsewhere nobody is refused who has more of an answer than was read of its stream."""
        is_elsewhere = wanted.server is not reader.client.server and wanted.ending is None
        return super()._bound(reader, wanted, max(0, missing) if is_elsewhere else missing)

    @override
    def _check(self, asked: Asked) -> None:
        if not self._may_be_kept(asked):
            super()._check(asked)
