"""What is sent over one reader's socket: frames that wait for a slow reader, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from quart_app.protocol.server_messages import ServerMessage, encode

MOST_REPLIES = 1000
"""Pongs and errors that may wait for a reader."""
SEND_TIMEOUT = 30.0
"""Seconds that a frame may wait for a reader."""


class Close(Exception):
    """The socket is to be closed with `code` and `reason`."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {reason}")


class Outbox:
    """Sends messages by `send`, a text frame each; what waits in line belongs to `tasks`."""

    def __init__(self, send: Callable[[str], Awaitable[None]], tasks: asyncio.TaskGroup) -> None:
        self._send = send
        self._tasks = tasks
        self._replies: list[ServerMessage] = []
        self._replying: asyncio.Task[None] | None = None

    async def send(self, message: ServerMessage) -> None:
        """Send a message. Raises Close if the client does not read it."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._send(encode(message))
        except TimeoutError:
            raise Close(4102, "The client does not read its frames.") from None

    def reply(self, message: ServerMessage) -> None:
        """Put a message in line, so that reading can go on; raises Close where the line is full."""
        if len(self._replies) >= MOST_REPLIES:
            raise Close(4102, "The client does not read its replies.")
        self._replies.append(message)
        if self._replying is None or self._replying.done():
            self._replying = self._tasks.create_task(self._send_replies())

    async def flush(self) -> None:
        """Wait until the line is empty."""
        if self._replying is not None:
            await asyncio.wait([self._replying])

    async def _send_replies(self) -> None:
        while self._replies:
            replies, self._replies = self._replies, []
            for reply in replies:
                await self.send(reply)
