"""The answer that is on its way over one socket: there is one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from time import monotonic

from chains.book_names import BookNames
from quart_app.answers.answer_log import Piece
from quart_app.answers.kept_answer import KeptAnswer
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.chat.outbound import response, waiting
from quart_app.chat.outbox import Outbox
from quart_app.protocol.server_messages import ServerMessage


class Following:
    """Sends answers by `outbox` in tasks of `tasks`; `on_change` is called when one begins or
    is over. `root_path` is where the client reaches the pages of this server."""

    def __init__(
        self,
        answers: Answers,
        sessions: SessionStore,
        outbox: Outbox,
        tasks: asyncio.TaskGroup,
        on_change: Callable[[], None],
        root_path: str = "",
        books: BookNames = BookNames(),  # noqa: B008 (frozen)
    ) -> None:
        self._answers = answers
        self._sessions = sessions
        self._outbox = outbox
        self._tasks = tasks
        self._on_change = on_change
        self._root_path = root_path
        self._books = books
        self._answer: KeptAnswer | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def current(self) -> KeptAnswer | None:
        """The answer, until its ending has been sent."""
        return None if self._task is None or self._task.done() else self._answer

    def begin(
        self, answer: KeptAnswer, after: int = -1, first: ServerMessage | None = None
    ) -> None:
        """Send `first`, then the answer's log from seq `after` on."""
        self._answer = answer
        self._task = self._tasks.create_task(self._send(answer, after, first))
        self._task.add_done_callback(self._end)
        self._on_change()

    def _end(self, task: asyncio.Task[None]) -> None:
        """Let go of an answer that was sent: the socket may stay open for long."""
        if task is self._task:
            self._task = self._answer = None
        self._on_change()

    async def _send(self, answer: KeptAnswer, after: int, first: ServerMessage | None) -> None:
        token, estimate = self._sessions.token(answer.session_id), self._answers.estimated_duration
        with self._answers.following(answer):
            if first is not None:
                await self._send_one(answer, first)
            async with aclosing(answer.places()) as news:
                async for ahead in news:
                    await self._send_one(answer, waiting(answer, ahead))
            last = None
            async with aclosing(answer.log.follow(after)) as entries:
                async for entry in entries:
                    root_path = self._root_path + self._books.path(answer.book)
                    message = response(answer, entry, token, estimate, root_path)
                    await self._send_one(answer, message)
                    if isinstance(entry, Piece):
                        now = monotonic()
                        if last is not None:
                            self._answers.metrics.chunk_gap.observe(now - last)
                        last = now

    async def _send_one(self, answer: KeptAnswer, message: ServerMessage) -> None:
        await self._outbox.send(message)
        if answer.watcher is not None:
            answer.watcher.frame(message)
