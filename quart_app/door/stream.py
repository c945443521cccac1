"""A websocket's frames: how fast they are read, and how an error in them is answered.

`PacedStream` takes the place of Hypercorn's `WSStream`; see `quart_app.door.repairs`.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from time import time
from typing import Any

from hypercorn.config import Config
from hypercorn.protocol.events import Body, EndBody, Request, Response, StreamClosed
from hypercorn.protocol.ws_stream import FrameTooLargeError, WebsocketBuffer, WSStream
from typing_extensions import override
from wsproto.connection import ConnectionState
from wsproto.events import CloseConnection, Message, Ping
from wsproto.frame_protocol import CloseReason

from quart_app.door.connection import current_connection
from quart_app.door.inbox import drop_waiting
from quart_app.door.refusals import BAD_HANDSHAKE, body_of, log_refusal

BURST = 1000
"""Frames, of whatever kind, that a client may send as fast as it can."""
PACE = 100
"""Frames a second that are read from it after that."""
FRAME = 4096
"""Characters after which a long frame counts once more."""
OWN = 64 * 1024
"""Bytes of a message that is not yet whole which each connection may have here in any case."""
SHARED = 32 * 1024 * 1024
"""Bytes of such messages, beyond `OWN` of each, that all connections together may have here. It is
enough for 70 of the longest at a time; a message of a page in a browser hardly ever needs it."""
REASONS: dict[int, str] = {
    CloseReason.PROTOCOL_ERROR: "These are no frames of RFC 6455 without extensions.",
    CloseReason.INVALID_FRAME_PAYLOAD_DATA: "This is not UTF-8.",
}
"""What is said in place of the words of wsproto and Python, which name their own parts."""
TURN = 16
"""Frames after which other connections are served."""
ESTABLISHED = 1
"""The state of a TCP connection that neither side has ended (Linux, net/tcp_states.h)."""


class PacedStream(WSStream):
    """A websocket that reads no faster than `PACE`, and closes with what a client did wrong."""

    def __init__(self, app: Any, config: Config, *arguments: Any) -> None:
        super().__init__(app, config, *arguments)
        self.buffer = ByteBuffer(config.websocket_max_message_size)
        self._due = 0.0

    @override
    async def handle(self, event: Any) -> None:
        was_closed = self.closed
        if isinstance(event, Request):
            event = replace(event, headers=[*filter(_is_readable, event.headers)])
        await super().handle(event)
        if self.closed:
            self.buffer.clear()
        if self.closed and not was_closed and not isinstance(event, StreamClosed):
            # Refused by Hypercorn, which would then leave the connection open and the app waiting.
            if not self.handshake.accepted:
                log_refusal(BAD_HANDSHAKE, self.scope)
            if self.app_put is not None:
                await self.app_put({"type": "websocket.disconnect", "code": 1006})
            await self.send(StreamClosed(stream_id=self.stream_id))

    @override
    async def _send_error_response(self, status_code: int) -> None:
        """As Hypercorn does it, but with words where the handshake is wrong."""
        if status_code != BAD_HANDSHAKE.status:
            await super()._send_error_response(status_code)
            return
        headers, body = body_of(BAD_HANDSHAKE, self.scope)
        headers.append((b"connection", b"close"))
        response = Response(self.stream_id, headers=headers, status_code=status_code)
        for event in (response, Body(self.stream_id, body), EndBody(self.stream_id)):
            await self.send(event)
        logged: Any = {"status": status_code, "headers": headers}
        await self.config.log.access(self.scope, logged, time() - self.start_time)

    @override
    async def app_send(self, message: Any) -> None:
        if message is None and self.app_put is not None:
            # The app has ended: the reader of this connection may wait to put more there.
            drop_waiting(self.app_put)
            self.app_put = _ignore
        await super().app_send(message)

    @override
    async def _handle_events(self) -> None:
        for number, event in enumerate(self.connection.events(), 1):
            if number % TURN == 0:
                await asyncio.sleep(0)
            await self._wait_for_turn(event)
            if self.closed or current_connection().writer.is_closing():
                return
            if isinstance(event, Message):
                await self._take(event)
            elif isinstance(event, Ping):
                await self._send_wsproto_event(event.response())
            elif isinstance(event, CloseConnection):
                await self._part(event)

    async def _take(self, part: Message[Any]) -> None:
        try:
            self.buffer.extend(part)
        except FrameTooLargeError:
            most = self.config.websocket_max_message_size
            reason = f"A frame has at most {most} bytes. JSON is shorter in UTF-8 than in \\uXXXX."
            await self._part(CloseConnection(CloseReason.MESSAGE_TOO_BIG, reason))
            return
        except NoRoom:
            reason = "Too many long messages come in at one time. Try again later."
            await self._part(CloseConnection(CloseReason.TRY_AGAIN_LATER, reason))
            return
        if part.message_finished and self.app_put is not None:  # there is one since the handshake
            await self.app_put(self.buffer.to_message())
            self.buffer.clear()

    async def _part(self, close: CloseConnection) -> None:
        """Answer the client's close frame, or say what is wrong with its frames; then close.

        Hypercorn's own way says nothing about malformed frames, and after one that is too large
        it waits for a close frame that may never come.
        """
        if self.connection.state is ConnectionState.OPEN:
            reason = REASONS.get(close.code, close.reason)
            await self._send_wsproto_event(CloseConnection(close.code, reason))
        elif self.connection.state is ConnectionState.REMOTE_CLOSING:
            await self._send_wsproto_event(close.response())
        self.buffer.clear()
        await self.send(StreamClosed(stream_id=self.stream_id))

    async def _wait_for_turn(self, event: object) -> None:
        """By the generic cell rate algorithm (ITU-T I.371); a flood has to wait in TCP."""
        now = asyncio.get_running_loop().time()
        size = len(event.data) if isinstance(event, Message) else 0
        self._due = max(self._due, now) + (1 + size // FRAME) / PACE
        wait = self._due - now - BURST / PACE
        if wait <= 0:
            return
        await asyncio.sleep(wait)
        # Its end comes after all that it sent, and would be seen only when that has been read.
        connection = current_connection()
        if _has_ended(connection.writer):
            connection.abort()


class NoRoom(Exception):
    """All connections together have `SHARED` bytes of messages that are not yet whole."""


class ByteBuffer(WebsocketBuffer):
    """A message as its parts come in; the limit is one of bytes, not of characters."""

    shared = 0
    """Bytes that all buffers have beyond `OWN` of each."""

    def __init__(self, max_length: int) -> None:
        super().__init__(max_length)
        self._share = 0

    def __del__(self) -> None:
        self.clear()

    @override
    def extend(self, event: Message[Any]) -> None:
        """Raises FrameTooLargeError and NoRoom."""
        if isinstance(event.data, str) and not event.data.isascii():
            self.length += len(event.data.encode()) - len(event.data)
        super().extend(event)
        self._hold(self.length - OWN)
        if self._share and ByteBuffer.shared > SHARED:
            raise NoRoom

    @override
    def clear(self) -> None:
        super().clear()
        self._hold(0)

    def _hold(self, share: int) -> None:
        share = max(share, 0)
        ByteBuffer.shared += share - self._share
        self._share = share


def _is_readable(header: tuple[bytes, bytes]) -> bool:
    """Whether wsproto can decode the header: it fails on those of its own that are not ASCII."""
    name, value = header
    return value.isascii() or not name.lower().startswith((b"sec-websocket-", b"connection"))


def _has_ended(writer: asyncio.StreamWriter) -> bool:
    """Whether the client has gone, though what it sent before is still unread."""
    peer = writer.get_extra_info("socket")
    if peer is None or not hasattr(socket, "TCP_INFO"):
        return peer is None  # of TLS that is over
    try:
        (state,) = peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
    except OSError:
        return True
    return bool(state != ESTABLISHED)


async def _ignore(_: object) -> None:
    """In place of an app that has ended."""
