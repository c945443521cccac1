"""What must be caught below Quart, where frames are still events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from quart.wrappers import Websocket
from typing_extensions import override

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

INBOX = "scholiast.inbox"


class TextFramesOnly:
    """Closes a socket with 1003 at its first binary frame; an empty one would crash Quart."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """The ASGI application."""

        async def receive_text() -> Any:
            event = await receive()
            if event["type"] == "websocket.receive" and event.get("text") is None:
                await send({"type": "websocket.close", "code": 1003, "reason": "Text frames only."})
                return {"type": "websocket.disconnect", "code": 1003}
            return event

        await self._app(scope, receive_text if scope["type"] == "websocket" else receive, send)


class BoundedInboxes:
    """Takes no more from a socket while too much of it waits in Quart, whose queue is endless.

    Then Hypercorn's own queue fills, it reads no more, and TCP holds the client back.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        inbox = scope[INBOX] = Inbox()

        async def receive_with_room() -> Any:
            await inbox.wait_for_room()
            event = await receive()
            if event["type"] == "websocket.receive":
                inbox.add(event["text"])
            return event

        await self._app(scope, receive_with_room, send)


class Inbox:
    """How much of a socket waits for its route: `FRAMES`, or as many as have `CHARACTERS`."""

    __slots__ = ("_characters", "_frames", "_room")
    FRAMES = 32
    CHARACTERS = 64 * 1024

    def __init__(self) -> None:
        self._frames = 0
        self._characters = 0
        self._room: asyncio.Event | None = None

    async def wait_for_room(self) -> None:
        """Return when another frame may wait."""
        if not self._has_room():
            self._room = asyncio.Event()
            await self._room.wait()

    def add(self, frame: str) -> None:
        """A frame waits."""
        self._frames += 1
        self._characters += len(frame)

    def take(self, frame: str) -> None:
        """A frame has been taken."""
        self._frames -= 1
        self._characters -= len(frame)
        if self._room is not None and self._has_room():
            self._room.set()

    def _has_room(self) -> bool:
        return self._frames < self.FRAMES and self._characters < self.CHARACTERS


class InboxWebsocket(Websocket):
    """Quart's websocket, which tells its inbox what a route has taken."""

    @override
    async def receive(self) -> str:
        frame = cast("str", await super().receive())
        cast("dict[str, Any]", self.scope)[INBOX].take(frame)
        return frame
