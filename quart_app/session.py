"""One reader's socket: receive, route by type, follow the answer. Knows nothing of Quart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from quart_app.answers import Answers, RunningAnswer
from quart_app.inbound import Refused, parse, question
from quart_app.outbound import refusal, response
from quart_app.protocol import (
    ClientMessage,
    Ping,
    Pong,
    PongData,
    QuestionData,
    QuestionMessage,
    ServerMessage,
    Welcome,
    WelcomeData,
    encode,
    timestamp,
)

log = logging.getLogger("scholiast.session")

MOST_INVALID = 10
"""Refused messages in a row after which the socket is closed."""


class Close(Exception):
    """The socket is to be closed with `code` and `reason`."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {reason}")


class Session:
    """Talks chat-v1 over `receive` and `send`, each of one text frame.

    `receive` must raise CancelledError when the client has gone.
    """

    def __init__(
        self,
        receive: Callable[[], Awaitable[str]],
        send: Callable[[str], Awaitable[None]],
        answers: Answers,
        draining: asyncio.Event,
    ) -> None:
        self._receive = receive
        self._send = send
        self._answers = answers
        self._draining = draining
        self._tasks = asyncio.TaskGroup()
        self._answer: RunningAnswer | None = None
        self._following: asyncio.Task[None] | None = None
        self._session_id = ""

    async def run(self, welcome: WelcomeData) -> None:
        """Serve the socket until the client goes; raises Close where the server ends it."""
        self._session_id = welcome.session_id
        try:
            async with self._tasks:
                self._tasks.create_task(self._leave())
                await self._tell(Welcome(welcome))
                await self._read()
        except ExceptionGroup as group:
            raise _closing(group) from None
        finally:
            if self._answer is not None:
                self._answers.cancel(self._answer)

    async def _read(self) -> None:
        """Never stops reading while an answer runs: frames that nobody reads pile up unbounded."""
        invalid = 0
        while invalid < MOST_INVALID:
            frame = await self._receive()
            try:
                await self._route(parse(frame))
                invalid = 0
            except Refused as refused:
                invalid += refused.code == "INVALID_MESSAGE"
                await self._tell(refusal(refused))
        raise Close(4000, "Too many invalid messages.")

    async def _route(self, message: ClientMessage) -> None:
        match message:
            case Ping(data):
                await self._tell(Pong(PongData(timestamp(), data.nonce)))
            case QuestionMessage(data):
                self._ask(data)

    def _ask(self, data: QuestionData) -> None:
        try:
            if self._draining.is_set():
                raise Refused("SERVICE_UNAVAILABLE", "The server restarts.", retry_after=1)
            if self._following is not None and not self._following.done():
                message = "One question at a time: the last one is still being answered."
                raise Refused("RATE_LIMIT_EXCEEDED", message, reason="concurrent", retry_after=1)
            self._answer = self._answers.start(question(data))
        except Refused as refused:
            refused.client_query_id = data.client_query_id
            raise
        following = self._follow(self._answer, data.client_query_id)
        self._following = self._tasks.create_task(following)

    async def _follow(self, answer: RunningAnswer, client_query_id: str | None) -> None:
        estimate = self._answers.estimated_duration
        async with aclosing(answer.follow()) as entries:
            async for entry in entries:
                message = response(answer, entry, self._session_id, client_query_id, estimate)
                await self._tell(message)

    async def _tell(self, message: ServerMessage) -> None:
        await self._send(encode(message))

    async def _leave(self) -> None:
        """When the server drains, finish the answer and go."""
        await self._draining.wait()
        if self._following is not None:
            await asyncio.wait([self._following])
        raise Close(1012, "The server restarts.")


def _closing(group: ExceptionGroup) -> Close:
    """The Close that ended the session; anything else is a bug and goes to the log."""
    _, bugs = group.split(Close)
    if bugs is not None:
        log.error("a session failed", exc_info=bugs)
        return Close(1011, "Something went wrong on the server.")
    return next(error for error in group.exceptions if isinstance(error, Close))
