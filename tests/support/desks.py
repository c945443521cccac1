"""What a server needs to answer and to share its answers, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from chains.question import Question
from quart_app.answers.kept_answer import KeptAnswer
from quart_app.answers.session_tokens import SessionTokens
from quart_app.shared.redis_link import open_redis
from quart_app.shared.redis_names import RedisNames
from quart_app.shared.shared_sessions import SharedSessionStore
from quart_app.shared.stream_names import StreamNames
from quart_app.shared.streams.answer_copy import AnswerCopy
from quart_app.shared.streams.shared_answers import SharedAnswers, sharing
from tests.support.redis_server import RedisServer
from tests.support.scripted_tutor import ScriptedTutor
from tests.support.sharing import SECRET

SESSION = "session_1f0e"
QUESTION = Question("What is a gait?")
PATIENCE = 30.0


@dataclass
class Desk:
    """A server's answers, and the tutor that writes them."""

    answers: SharedAnswers
    sessions: SharedSessionStore
    tutor: ScriptedTutor

    async def ask(self, client_query_id: str | None = None) -> KeptAnswer:
        """Ask the question."""
        answer = await self.answers.start(QUESTION, SESSION, client_query_id)
        assert answer is not None
        return answer

    async def copy(self, answer: KeptAnswer) -> AnswerCopy:
        """What this server has of an answer of another."""
        copy = await self.answers.look_up(SESSION, answer.query_id)
        assert isinstance(copy, AnswerCopy)
        return copy


@asynccontextmanager
async def desk(redis: RedisServer, window: float = 60.0) -> AsyncIterator[Desk]:
    """One server's, in whose Redis it works."""
    async with open_redis(SecretStr(redis.url)) as link:
        names = RedisNames(SECRET)
        streams = StreamNames(names, window)
        sessions = SharedSessionStore(link, names, SessionTokens(SECRET, 60), 3600, streams)
        tutor = ScriptedTutor()
        answers = SharedAnswers(tutor, sessions, streams)
        async with sharing(answers):
            yield Desk(answers, sessions, tutor)


@asynccontextmanager
async def two(redis: RedisServer, window: float = 60.0) -> AsyncIterator[tuple[Desk, Desk]]:
    """Two that share a Redis."""
    async with desk(redis, window) as here, desk(redis, window) as there:
        yield here, there


async def until(is_so: Callable[[], object]) -> None:
    """Wait until it is so; there is no event that says it."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 -- there is no event
            await asyncio.sleep(0.01)
