"""Which frames reach Quart, and how many may wait there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

INBOX = "scholiast.inbox"


class Inboxes:
    """Gives each socket an `Inbox`.

    It is no coroutine, which an idle socket would keep in memory.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(self, scope: Any, receive: Receive, send: Send) -> Awaitable[None]:
        """The ASGI application."""
        if scope["type"] != "websocket":
            return self._app(scope, receive, send)
        inbox = scope[INBOX] = Inbox(receive, send)
        return self._app(scope, inbox.receive, send)


class Inbox:
    """What a socket sends on its way to Quart, whose own queue is endless.

    No more is taken in while `FRAMES` wait for the route, or as many as have `CHARACTERS`: then
    Hypercorn's own queue fills, it reads no more, and TCP holds the client back. A binary frame
    closes the socket with 1003; an empty one would crash Quart.
    """

    __slots__ = ("_characters", "_frames", "_receive", "_room", "_send")
    FRAMES = 32
    CHARACTERS = 64 * 1024

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._frames = 0
        self._characters = 0
        self._room: asyncio.Event | None = None

    async def receive(self) -> Any:
        """The next event, once there is room for it."""
        if not self._has_room():
            self._room = asyncio.Event()
            await self._room.wait()
        event = await self._receive()
        if event["type"] != "websocket.receive":
            return event
        text = event.get("text")
        if text is None:
            reason = "Text frames only."
            await self._send({"type": "websocket.close", "code": 1003, "reason": reason})
            return {"type": "websocket.disconnect", "code": 1003}
        self._frames += 1
        self._characters += len(text)
        return event

    def take(self, frame: str) -> None:
        """The route has taken a frame."""
        self._frames -= 1
        self._characters -= len(frame)
        if self._room is not None and self._has_room():
            self._room.set()

    def _has_room(self) -> bool:
        return self._frames < self.FRAMES and self._characters < self.CHARACTERS


def drop_waiting(put: Callable[[Any], Awaitable[None]]) -> None:
    """Empty the queue of an app, into which Hypercorn puts events by `put`.

    Once nobody takes anything from a full one, who puts an event there would wait for good.
    """
    queue: asyncio.Queue[Any] = cast("Any", put).__self__
    while not queue.empty():
        queue.get_nowait()
