"""/ws/chat: who may connect, and the socket of those who do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from quart import Blueprint, ResponseReturnValue, request, websocket

from chains.errors import ServiceUnavailable
from quart_app.chat.outbox import Close
from quart_app.chat.socket import ChatSocket
from quart_app.door.addresses import address_key
from quart_app.door.arrival import Arrival
from quart_app.door.connection import current_connection
from quart_app.door.refusals import Refusal, log_refusal
from quart_app.protocol.messages import SUBPROTOCOL
from quart_app.routes.current import may_open_socket, services
from quart_app.routes.sockets.welcome import welcome

chat = Blueprint("chat", __name__)

NOT_ALLOWED = Refusal(
    403,
    "This Origin may not open the socket; see SCHOLIAST_ALLOWED_ORIGINS.",
    "If it is the server's own, behind a proxy: name the proxy in SCHOLIAST_TRUSTED_PROXIES, and "
    "let it pass on Host and set X-Forwarded-Proto.",
)
UNKNOWN_PROTOCOL = Refusal(
    400, f"The only subprotocol here is {SUBPROTOCOL}.", "It is the client that has to change."
)
STARTING = Refusal(
    503, "The server is starting. Try again in a few seconds.", "It opens the index.", 5
)
NO_UPGRADE = Refusal(
    426,
    "This address is one of a websocket.",
    "Where readers have no answers, a proxy does not pass websockets on: it must send "
    "`Connection: upgrade` and `Upgrade: websocket` over HTTP/1.1.",
)
CLOSE_TIMEOUT = 1.0
"""Seconds for a close frame to get out; a client that reads nothing takes none."""


@chat.websocket("/ws/chat")
async def ws_chat() -> ResponseReturnValue | None:
    """One reader's connection, from handshake to close."""
    address = address_key(websocket.remote_addr or "")
    offered = websocket.requested_subprotocols
    if (refusal := _refusal(address)) is not None:
        log_refusal(refusal, websocket.scope)
        _count(refusal)
        wait = refusal.retry_after
        headers = {} if wait is None else {"Retry-After": str(wait)}
        return refusal.message, refusal.status, headers
    s = services()
    socket = ChatSocket(
        # It is an InboxWebsocket's, which gives text only.
        cast("Callable[[], Awaitable[str]]", websocket.receive),
        websocket.send,
        address=address,
        answers=s.answers,
        sessions=s.sessions,
        limits=s.limits,
        idle_timeout=s.settings.idle_timeout,
        root_path=websocket.root_path,
    )
    with s.connections.admit(address, socket.leave):
        current_connection().become_socket()
        await websocket.accept(subprotocol=SUBPROTOCOL if offered else None)
        try:
            await socket.run(await welcome(s, address))
        except Close as close:
            await _close(close)
    return None


@chat.get("/ws/chat")
async def plain() -> ResponseReturnValue:
    """What a proxy makes of a handshake if it does not know websockets."""
    log_refusal(NO_UPGRADE, request.scope)
    return NO_UPGRADE.message, NO_UPGRADE.status, {"Upgrade": "websocket"}


def _refusal(address: str) -> Refusal | None:
    """Why the handshake at hand is refused, if so."""
    try:
        may_open = may_open_socket(Arrival.of(websocket.scope))
    except ServiceUnavailable:
        return STARTING
    if not may_open:
        return NOT_ALLOWED
    offered = websocket.requested_subprotocols
    if offered and SUBPROTOCOL not in offered:
        return UNKNOWN_PROTOCOL
    return services().connections.turns_away(address)


def _count(refusal: Refusal) -> None:
    if refusal is not STARTING:  # before the services are open nothing counts
        services().metrics.refused_connections.labels(str(refusal.status)).inc()


async def _close(close: Close) -> None:
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await websocket.close(close.code, close.reason)
    except TimeoutError:
        current_connection().abort()
