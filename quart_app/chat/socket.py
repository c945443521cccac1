"""One reader's socket: receive, route by type, know when to go. Knows nothing of Quart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from chains.book_names import BookNames
from quart_app.answers.limits import Limits
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.chat.following import Following
from quart_app.chat.inbound import Refused, parse
from quart_app.chat.outbound import refusal
from quart_app.chat.outbox import Close, Outbox
from quart_app.chat.reader import Reader
from quart_app.protocol.client_messages import (
    Cancel,
    ClientMessage,
    GetStarters,
    Ping,
    QuestionMessage,
    Resume,
)
from quart_app.protocol.server_messages import (
    Pong,
    PongData,
    Welcome,
    WelcomeData,
    timestamp,
)

log = logging.getLogger("scholiast.chat")

MOST_INVALID = 10
"""Invalid messages in a row after which the socket is closed."""
RESTART = (1012, "The server is restarting.")


class ChatSocket:
    """Talks chat-v1 over `receive` and `send`, each of one text frame.

    `receive` must raise CancelledError when the client has gone. `address` is the client's, as
    limits count it; `idle_timeout` is in seconds; `root_path` is where it reaches this server.
    Questions that name none of the `books` are about `book`.
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
        root_path: str = "",
        books: BookNames = BookNames(),  # noqa: B008 (frozen)
        book: str = "",
    ) -> None:
        self._receive = receive
        self._limits = limits
        self._idle_timeout = idle_timeout
        self._tasks = asyncio.TaskGroup()
        self._outbox = Outbox(send, self._tasks)
        self._following = Following(
            answers, sessions, self._outbox, self._tasks, self._rest, root_path, books
        )
        self._reader = Reader(
            address,
            answers=answers,
            sessions=sessions,
            limits=limits,
            following=self._following,
            outbox=self._outbox,
            books=books,
            book=book,
        )
        self._scope = asyncio.timeout(None)
        self._is_reading = False
        self._leaving: Close | None = None
        self._messages = 0
        self._invalid = 0

    async def run(self, welcome: WelcomeData) -> None:
        """Serve the socket until the client goes; raises Close where the server ends it."""
        self._reader.session_id = welcome.session_id
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
        raise self._leaving or Close(4201, "No message except pings came for too long.")

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
                self._leave(Close(4200, "This connection has used all its messages."))
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
                f"This connection has used its {self._limits.messages} messages. Open another one.",
                reason="messages",
                retry_after=1,
            )

    async def _route(self, message: ClientMessage) -> None:
        match message:
            case Ping(data):
                self._outbox.reply(Pong(PongData(timestamp(), data.nonce)))
            case QuestionMessage(data):
                try:
                    await self._reader.ask(data, self._leaving.reason if self._leaving else None)
                except Refused as refused:
                    refused.client_query_id = data.client_query_id
                    raise
            case Cancel(data):
                self._reader.cancel(data)
            case Resume(data):
                await self._reader.resume(data)
            case GetStarters(data):
                await self._reader.send_starters(data)

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
