"""What must be caught below Quart, where frames are still events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]


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
