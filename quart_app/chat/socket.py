"""One reader's socket: receive, route by type, know when to go. Knows nothing of Quart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from quart_app.answers.limits import Limits
from quart_app.answers.running import Answers, RunningAnswer
from quart_app.answers.session_store import SessionStore
from quart_app.chat.following import Following
from quart_app.chat.inbound import Refused, check_session_id, parse, question
from quart_app.chat.outbound import refusal
from quart_app.chat.outbox import Close, Outbox
from quart_app.protocol.client_messages import (
    Cancel,
    CancelData,
    ClientMessage,
    Ping,
    QuestionData,
    QuestionMessage,
    Resume,
    ResumeData,
)
from quart_app.protocol.server_messages import (
    Pong,
    PongData,
    Resumed,
    ResumedData,
    Welcome,
    WelcomeData,
    timestamp,
)

log = logging.getLogger("scholiast.chat")

MOST_INVALID = 10
"""Invalid messages in a row after which the socket is closed."""
RESTART = (1012, "The server restarts.")


class ChatSocket:
    """Talks chat-v1 over `receive` and `send`, each of one text frame.

    `receive` must raise CancelledError when the client has gone. `address` is the client's, as
    limits count it; `idle_timeout` is in seconds.
    """

    def __init__(
        self,
        receive: Callable[[], Awaitable[str]],
        send: Callable[[str], Awaitable[None]],
        *,
        address: str,
        answers: Answers,
        sessions: SessionStore,
        limits: Limits,
        idle_timeout: float,
    ) -> None:
        self._receive = receive
        self._address = address
        self._answers = answers
        self._sessions = sessions
        self._limits = limits
        self._idle_timeout = idle_timeout
        self._tasks = asyncio.TaskGroup()
        self._outbox = Outbox(send, self._tasks)
        self._following = Following(answers, sessions, self._outbox, self._tasks, self._rest)
        self._scope = asyncio.timeout(None)
        self._is_reading = False
        self._own_id = ""
        self._leaving: Close | None = None
        self._messages = 0
        self._invalid = 0

    async def run(self, welcome: WelcomeData) -> None:
        """Serve the socket until the client goes; raises Close where the server ends it."""
        self._own_id = welcome.session_id
        try:
            async with self._tasks:
                await self._outbox.send(Welcome(welcome))
                del welcome  # else it would be kept as long as the socket
                await self._read_until_end()
        except ExceptionGroup as group:
            raise _closing(group) from None

    def leave(self) -> None:
        """The server drains: finish the answer and go."""
        self._leave(Close(*RESTART))

    # Reading

    async def _read_until_end(self) -> None:
        try:
            async with self._scope:
                self._is_reading = True
                self._rest()
                while True:
                    frame = await self._receive()
                    # A flood must not keep others from their turn.
                    await asyncio.sleep(0)
                    await self._take(frame)
        except TimeoutError:
            if not self._scope.expired():
                raise
        finally:
            self._is_reading = False
        await self._outbox.flush()
        raise self._leaving or Close(4201, "Nothing was asked for too long.")

    async def _take(self, frame: str) -> None:
        """Reading never stops while an answer runs: frames that nobody reads would pile up."""
        if self._leaving is not None and self._leaving.code != RESTART[0]:
            return  # only the answer that still runs keeps this socket
        try:
            await self._route(self._parse(frame))
            self._invalid = 0
        except Refused as refused:
            self._outbox.reply(refusal(refused))
            if refused.reason == "messages":
                self._leave(Close(4200, "All messages of this connection are used."))
            if refused.code == "INVALID_MESSAGE":
                self._invalid += 1
                if self._invalid >= MOST_INVALID:
                    self._leave(Close(4000, "Too many invalid messages."))

    def _parse(self, frame: str) -> ClientMessage:
        """Counts what it reads, pings apart; what is no message counts, too."""
        is_ping = False
        try:
            message = parse(frame)
            is_ping = isinstance(message, Ping)
        finally:
            if not is_ping:
                self._count()
        return message

    def _count(self) -> None:
        self._messages += 1
        self._rest()
        if self._limits.messages is not None and self._messages > self._limits.messages:
            raise Refused(
                "RATE_LIMIT_EXCEEDED",
                f"A connection takes {self._limits.messages} messages; open another one.",
                reason="messages",
                retry_after=1,
            )

    async def _route(self, message: ClientMessage) -> None:
        match message:
            case Ping(data):
                self._outbox.reply(Pong(PongData(timestamp(), data.nonce)))
            case QuestionMessage(data):
                try:
                    await self._ask(data)
                except Refused as refused:
                    refused.client_query_id = data.client_query_id
                    raise
            case Cancel(data):
                self._cancel(data)
            case Resume(data):
                await self._resume(data)

    # What a client may want

    async def _ask(self, data: QuestionData) -> None:
        asked = question(data)
        if asked.prompt is not None and asked.prompt not in self._answers.tutor.prompts:
            raise Refused("INVALID_MESSAGE", "There is no such prompt to choose here.", "prompt")
        session_id = self._own_id
        if data.session_id is not None and self._sessions.opens(
            data.session_id, data.session_token
        ):
            session_id = data.session_id
        if data.client_query_id is not None:
            known = await self._sessions.find(session_id, client_query_id=data.client_query_id)
            if known is not None:
                self._follow_again(self._answers.find(known))
                return
        self._require_free()
        if self._leaving is not None:
            raise Refused("SERVICE_UNAVAILABLE", self._leaving.reason, retry_after=1)
        await self._require_allowance(session_id)
        answer = await self._answers.start(asked, session_id, data.client_query_id)
        self._follow_again(answer)

    def _follow_again(self, answer: RunningAnswer | None) -> None:
        """Follow an answer from its beginning, unless that is what happens already."""
        if answer is None:
            message = (
                "This was asked before, and its answer is not kept any more. "
                "Ask again with another client_query_id."
            )
            raise Refused("INVALID_MESSAGE", message, "client_query_id")
        if answer is self._following.current:
            return
        self._require_free()
        self._following.begin(answer)

    def _cancel(self, data: CancelData) -> None:
        if data.query_id is None and data.client_query_id is None:
            raise Refused("INVALID_MESSAGE", "Which answer? Name its query_id.", "query_id")
        answer = self._following.current
        if answer is not None and (
            data.query_id == answer.query_id
            if data.query_id is not None
            else data.client_query_id == answer.client_query_id
        ):
            self._answers.cancel(answer)

    async def _resume(self, data: ResumeData) -> None:
        if data.query_id is None and data.client_query_id is None:
            raise Refused("INVALID_MESSAGE", "Which answer? Name its query_id.", "query_id")
        check_session_id(data.session_id)
        known = None
        if self._sessions.opens(data.session_id, data.session_token):
            ids = data.query_id, data.client_query_id
            known = await self._sessions.find(data.session_id, *ids)
        answer = None if known is None else self._answers.find(known)
        if answer is None:
            self._outbox.reply(
                Resumed(
                    ResumedData(
                        recovered=False,
                        last_seq=data.last_seq,
                        query_id=data.query_id,
                        client_query_id=data.client_query_id,
                        reason="unknown" if known is None else "expired",
                    )
                )
            )
            return
        if data.last_seq > answer.log.last_seq:
            message = f"The answer has no delta {data.last_seq} yet."
            raise Refused("INVALID_MESSAGE", message, "last_seq")
        self._require_free()
        resumed = ResumedData(
            recovered=True,
            last_seq=data.last_seq,
            query_id=answer.query_id,
            client_query_id=answer.client_query_id,
        )
        self._following.begin(answer, data.last_seq, Resumed(resumed))

    def _require_free(self) -> None:
        if self._following.current is not None:
            message = "One question at a time: the last one is still being answered."
            raise Refused("RATE_LIMIT_EXCEEDED", message, reason="concurrent", retry_after=1)

    async def _require_allowance(self, session_id: str) -> None:
        is_new = not await self._sessions.has_begun(session_id)
        exceeded = await self._limits.take_question(
            self._address, session_id, is_new_session=is_new
        )
        if exceeded is not None:
            raise Refused(
                "RATE_LIMIT_EXCEEDED",
                f"Too many {exceeded.what} within one {exceeded.reason}; ask again later.",
                reason=exceeded.reason,
                retry_after=exceeded.retry_after,
            )

    # Leaving

    def _leave(self, close: Close) -> None:
        """Close as soon as no answer is on its way."""
        self._leaving = self._leaving or close
        self._rest()

    def _rest(self) -> None:
        """Set when the socket is to be closed as things are now."""
        when: float | None
        if not self._is_reading:
            return
        if self._following.current is not None:
            when = None
        elif self._leaving is not None:
            when = 0.0
        else:
            when = asyncio.get_running_loop().time() + self._idle_timeout
        if not self._scope.expired():  # else it is being closed
            self._scope.reschedule(when)


def _closing(group: ExceptionGroup) -> Close:
    """The Close that ended the socket; anything else is a bug and goes to the log."""
    _, bugs = group.split(Close)
    if bugs is not None:
        log.error("a socket failed", exc_info=bugs)
        return Close(1011, "Something went wrong on the server.")
    return next(error for error in group.exceptions if isinstance(error, Close))
