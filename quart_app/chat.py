"""/ws/chat: who may come in, then over to a session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast
from uuid import uuid4

from quart import Blueprint, ResponseReturnValue, websocket

from quart_app import __version__
from quart_app.protocol import SUBPROTOCOL, BookInfo, WelcomeData
from quart_app.services import Services, services
from quart_app.session import Close, Session
from quart_app.settings import WebSettings

chat = Blueprint("chat", __name__)

FEATURES = ["text_selection", "streaming", "source_citation"]
BUSY_SECONDS = 5
"""When a client that found the server full or draining may come back."""


@chat.websocket("/ws/chat")
async def ws_chat() -> ResponseReturnValue | None:
    """One reader's connection, from handshake to close."""
    s = services()
    if not _is_welcome(websocket.headers.get("Origin"), s.settings):
        return "This Origin may not open the socket; see SCHOLIAST_ALLOWED_ORIGINS.", 403
    offered = websocket.requested_subprotocols
    if offered and SUBPROTOCOL not in offered:
        return f"The only subprotocol here is {SUBPROTOCOL}.", 400
    if not s.connections.is_open:
        return "The server is full or restarts.", 503, {"Retry-After": str(BUSY_SECONDS)}
    with s.connections.admit():
        await websocket.accept(subprotocol=SUBPROTOCOL if offered else None)
        receive = cast("Callable[[], Awaitable[str]]", websocket.receive)  # see quart_app.asgi
        session = Session(receive, websocket.send, s.answers, s.connections.draining)
        try:
            await session.run(await _welcome(s))
        except Close as close:
            await websocket.close(close.code, close.reason)
    return None


def _is_welcome(origin: str | None, settings: WebSettings) -> bool:
    """Exact match only: the server's own origin, or one on the list."""
    if origin is None:
        return not settings.require_origin
    own = f"{websocket.scheme.replace('ws', 'http', 1)}://{websocket.host}"
    return origin == own or origin in settings.origins


async def _welcome(s: Services) -> WelcomeData:
    book = await s.library.read_book()
    return WelcomeData(
        session_id=f"session_{uuid4().hex}",
        server_version=__version__,
        features=FEATURES,
        protocol=SUBPROTOCOL,
        model=s.model.label,
        book=BookInfo(book.title, book.version),
    )
