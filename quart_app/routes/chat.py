"""/ws/chat: who may connect, and the socket of those who do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from quart import Blueprint, ResponseReturnValue, websocket

from quart_app.chat.outbox import Close
from quart_app.chat.socket import ChatSocket
from quart_app.door.addresses import address_key
from quart_app.door.arrival import Arrival
from quart_app.door.connection import current_connection
from quart_app.protocol.messages import SUBPROTOCOL
from quart_app.routes.current import may_open_socket, services
from quart_app.routes.welcome import welcome

chat = Blueprint("chat", __name__)

ORIGIN_REFUSED = (
    "This Origin may not open the socket; see SCHOLIAST_ALLOWED_ORIGINS, and behind a proxy "
    "SCHOLIAST_TRUSTED_PROXIES."
)
CLOSE_TIMEOUT = 1.0
"""Seconds for a close frame to get out; a client that reads nothing takes none."""


@chat.websocket("/ws/chat")
async def ws_chat() -> ResponseReturnValue | None:
    """One reader's connection, from handshake to close."""
    s = services()
    if not may_open_socket(Arrival.of(websocket.scope)):
        return ORIGIN_REFUSED, 403
    offered = websocket.requested_subprotocols
    if offered and SUBPROTOCOL not in offered:
        return f"The only subprotocol here is {SUBPROTOCOL}.", 400
    address = address_key(websocket.remote_addr or "")
    if (turned_away := s.connections.turns_away(address)) is not None:
        headers = {"Retry-After": str(turned_away.retry_after)}
        return turned_away.message, turned_away.status, headers
    socket = ChatSocket(
        # It is an InboxWebsocket's, which gives text only.
        cast("Callable[[], Awaitable[str]]", websocket.receive),
        websocket.send,
        address=address,
        answers=s.answers,
        sessions=s.sessions,
        limits=s.limits,
        idle_timeout=s.settings.idle_timeout,
    )
    with s.connections.admit(address, socket.leave):
        await websocket.accept(subprotocol=SUBPROTOCOL if offered else None)
        try:
            await socket.run(await welcome(s, address))
        except Close as close:
            await _close(close)
    return None


async def _close(close: Close) -> None:
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await websocket.close(close.code, close.reason)
    except TimeoutError:
        current_connection().abort()
