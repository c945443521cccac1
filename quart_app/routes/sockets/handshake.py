"""Who may open a socket, what those get who may not, and how a socket ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from quart import ResponseReturnValue, request, websocket

from chains.errors import ServiceUnavailable
from quart_app.chat.outbox import Close
from quart_app.chat.socket import ChatSocket
from quart_app.door.arrival import Arrival
from quart_app.door.connection import current_connection
from quart_app.door.refusals import Refusal, log_refusal
from quart_app.protocol.messages import SUBPROTOCOL
from quart_app.routes.current import may_open_socket, services, site_root
from quart_app.services import Services

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
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
CLOSE_TIMEOUT = 1.0
"""Seconds for a close frame to get out; a client that reads nothing takes none."""


def refusal_of_handshake(address: str) -> Refusal | None:
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


def refuse(refusal: Refusal) -> ResponseReturnValue:
    """Log and count it, and say it over HTTP in place of a handshake."""
    note(refusal)
    wait = refusal.retry_after
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return f"{refusal.message}\n", refusal.status, PLAIN | headers


def without_upgrade() -> ResponseReturnValue:
    """What a plain request for the address of a socket gets, as a proxy may make one of it."""
    log_refusal(NO_UPGRADE, request.scope)
    return f"{NO_UPGRADE.message}\n", NO_UPGRADE.status, PLAIN | {"Upgrade": "websocket"}


def note(refusal: Refusal) -> None:
    """Log and count it."""
    log_refusal(refusal, websocket.scope)
    if refusal is not STARTING:  # before the services are open nothing counts
        services().metrics.refused_connections.labels(str(refusal.status)).inc()


async def accept() -> None:
    """Let in whose handshake is not refused."""
    current_connection().become_socket()
    offered = websocket.requested_subprotocols
    await websocket.accept(subprotocol=SUBPROTOCOL if offered else None)


def chat_socket(s: Services, address: str, book: str) -> ChatSocket:
    """What talks chat-v1 over the websocket at hand, about a book."""
    return ChatSocket(
        receive_text,
        websocket.send,
        address=address,
        answers=s.answers,
        sessions=s.sessions,
        limits=s.limits,
        idle_timeout=s.settings.idle_timeout,
        root_path=site_root(),
        books=s.books,
        book=book,
    )


async def receive_text() -> str:
    """The next frame: an InboxWebsocket gives text only."""
    return await cast("Callable[[], Awaitable[str]]", websocket.receive)()


async def end(close: Close) -> None:
    """Close the socket, or cut it where its client reads nothing."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await websocket.close(close.code, close.reason)
    except TimeoutError:
        current_connection().abort()
