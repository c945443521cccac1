"""A client of chat-v1 for the command line: one question, its frames, over a real socket."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.http11 import Response
from websockets.typing import Origin, Subprotocol

from chains.errors import IndexInUse, ServiceUnavailable, StoreError
from chains.index.beacon import Server, find_server
from quart_app.door.origins import as_browsers_write
from quart_app.door.proxies import NOT_SECURE
from quart_app.protocol.messages import SUBPROTOCOL
from quart_app.settings import WebSettings

CONNECT_TIMEOUT = 3.0
LONGEST = 200
"""Bytes of what a server says with a refusal that are printed."""
SILENCE_TIMEOUT = 120.0
"""Seconds between two frames of an answer, besides those that a model may think; one that is
loaded first may take its time."""


@asynccontextmanager
async def connected(settings: WebSettings) -> AsyncIterator[tuple[str | None, ClientConnection]]:
    """The address of the server for the data folder, and a socket to it past its welcome.

    Without a running server one runs in here as long as this does; then the address is None,
    since nobody can go there later. Raises what `quart_app.serve.serve` raises.
    """
    server = find_server(settings.data)
    if server and (socket := await _open(server.url)):
        async with socket:
            yield server.url, socket
        return
    from quart_app.serve import serving  # a server costs seconds to import

    # Nobody but this process knows its address, so what is plain here stays here.
    update = {"require_tls": False, "challenge": None}
    with in_place_of(server, "does not answer"):
        async with serving(settings.model_copy(update=update)) as url:
            socket = await _open(url)
            if socket is None:
                raise ServiceUnavailable("server", "it started but accepts no connection")
            async with socket:
                yield None, socket


@contextmanager
def in_place_of(server: Server | None, silence: str) -> Iterator[None]:
    """For work on the index that a `server` was asked for first; `silence` is what it does instead.

    Raises StoreError with that where it still has the index open.
    """
    try:
        yield
    except IndexInUse as error:
        if server is None:
            raise
        raise StoreError(
            f"The server at {server} has the index and {silence}; try again, or see its log."
        ) from error


async def converse(
    socket: ClientConnection, data: dict[str, Any], settings: WebSettings
) -> AsyncIterator[dict[str, Any]]:
    """Send a question and yield the messages that answer it, through the last.

    Raises ServiceUnavailable where the server goes away or falls silent.
    """
    silence = SILENCE_TIMEOUT + (settings.model_timeout or 0) + settings.model_timeout_think
    try:
        await socket.send(json.dumps({"type": "question", "data": data}))
        while True:
            async with asyncio.timeout(silence):
                message = json.loads(await socket.recv())
            yield message
            if message["type"] in ("response_end", "error"):
                return
    except ConnectionClosed:
        raise ServiceUnavailable("server", "it closed the connection; ask again") from None
    except TimeoutError:
        raise ServiceUnavailable("server", f"it sent nothing for {silence:.0f} s") from None


def any_certificate() -> ssl.SSLContext:
    """For the server of this machine, whose certificate bears the name that readers know."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _open(url: str) -> ClientConnection | None:
    """A socket past its welcome; None where nothing answers in time.

    Raises ServiceUnavailable where a server answers and refuses it.
    """
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            socket = await connect(
                url.replace("http", "ws", 1) + "ws/chat",
                origin=Origin(as_browsers_write(url) or url),
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                proxy=None,  # it runs on this machine
                ssl=any_certificate() if url.startswith("https") else None,
            )
            await socket.recv()
    except InvalidStatus as refused:
        raise ServiceUnavailable("server", _why(refused.response)) from None
    except (OSError, WebSocketException):  # TimeoutError is an OSError
        return None
    return socket


def _why(response: Response) -> str:
    """What a refusal means, by what the server says with it."""
    match response.status_code:
        case 403 if NOT_SECURE.message.encode() in bytes(response.body or b""):
            return "it takes secure connections only and has no certificate; ask on its https page"
        case 403:
            return (
                "it refuses this command with 403, as a challenge (SCHOLIAST_CHALLENGE) does; ask "
                "on its pages"
            )
        case status:
            said = bytes(response.body or b"")[:LONGEST].decode("utf-8", "replace").strip()
            reason = said if said and "<" not in said else "Its log says why."
            return f"it runs and refuses this command with HTTP {status}: {reason}"
