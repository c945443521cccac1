"""What Hypercorn has no switch for: connections that end, and frames as the protocol wants them.

Its `TCPServer` and `WSStream` are replaced by the classes here, where it makes them.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, cast

import hypercorn.asyncio.run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config
from hypercorn.protocol import h2, h11, ws_stream
from hypercorn.protocol.events import Request, StreamClosed
from hypercorn.protocol.h11 import H11Protocol, H11WSConnection
from hypercorn.protocol.ws_stream import FrameTooLargeError, WebsocketBuffer, WSStream
from typing_extensions import override
from wsproto.connection import ConnectionState
from wsproto.events import CloseConnection, Message, Ping
from wsproto.frame_protocol import CloseReason

LINGER = 1.0
"""Seconds that a client may take to close its end, once ours of a websocket is closed."""
LAST_READING = 10
"""How many times as long it may take while there is something left that it reads."""
BURST = 1000
"""Frames, of whatever kind, that a client may send as fast as it can."""
PACE = 100
"""Frames a second that are read from it after that."""
FRAME = 4096
"""Characters after which a long frame counts once more."""
TURN = 16
"""Frames after which others have their turn."""
ESTABLISHED = 1
"""The state of a TCP connection that neither side has ended (Linux, net/tcp_states.h)."""

SPARE = 100
"""Connections beyond those of readers: pages, probes, and handshakes that are turned away."""

_OPEN: set[Connection] = set()
_CURRENT: ContextVar[Connection] = ContextVar("connection")


def abort_connection() -> None:
    """Drop the connection that the current request or socket came by, whatever is unsent."""
    _CURRENT.get().abort()


def bound_connections(readers: int) -> None:
    """Drop connections beyond so many, and some, at once: without a file for the next, asyncio
    would try to accept it again and again."""
    Connection.most_open = readers + SPARE


def cut(config: Config) -> None:
    """Drop what is still connected to the server of `config`.

    A client that reads nothing would keep its handler, and so the process, for good.
    """
    for connection in list(_OPEN):
        if connection.config is config:
            connection.abort()


class Connection(TCPServer):
    """A client's connection, remembered while it lasts."""

    most_open = sys.maxsize

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._is_reading = False
        self._lingering: asyncio.TimerHandle | None = None

    @override
    async def run(self) -> None:
        if len(_OPEN) >= self.most_open:
            self.abort()
            return
        _OPEN.add(self)
        _CURRENT.set(self)
        try:
            await super().run()
        finally:
            _OPEN.discard(self)
            if self._lingering is not None:
                self._lingering.cancel()

    def abort(self) -> None:
        """Drop it."""
        self.writer.transport.abort()

    def has_ended(self) -> bool:
        """Whether the client has gone, though what it sent before is still unread."""
        if not hasattr(socket, "TCP_INFO"):
            return False
        try:
            (state,) = self.writer.get_extra_info("socket").getsockopt(
                socket.IPPROTO_TCP, socket.TCP_INFO, 1
            )
        except OSError:
            return True
        return bool(state != ESTABLISHED)

    @override
    async def _read_data(self) -> None:
        self._is_reading = True
        try:
            await super()._read_data()
        finally:
            self._is_reading = False

    @override
    async def _close(self) -> None:
        """Of a websocket, close our end and go on reading until the client closes its own.

        To close it whole with something unread would send RST, which takes the close frame with
        it; and a client that does not close would keep the connection half open for good.
        """
        if not self._is_reading or not self._is_websocket():
            await super()._close()
            return
        if self._lingering is None:
            self._linger(LAST_READING)
            with suppress(OSError, RuntimeError):
                if self.writer.can_write_eof():
                    self.writer.write_eof()
                else:  # TLS says goodbye on its own, and reads meanwhile
                    self.writer.close()

    def _linger(self, times: int) -> None:
        def end() -> None:
            if times > 1 and self.writer.transport.get_write_buffer_size():
                self._linger(times - 1)
            else:
                self.abort()

        self._lingering = self.loop.call_later(LINGER, end)

    def _is_websocket(self) -> bool:
        protocol = self.protocol.protocol
        return isinstance(protocol, H11Protocol) and isinstance(
            protocol.connection, H11WSConnection
        )


class PacedStream(WSStream):
    """A websocket that reads no faster than `PACE`, and tells a client what it did wrong."""

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
        if self.closed and not was_closed and not isinstance(event, StreamClosed):
            # Refused by Hypercorn, which then forgets the connection, and the app that runs on.
            if self.app_put is not None:
                await self.app_put({"type": "websocket.disconnect", "code": 1006})
            await self.send(StreamClosed(stream_id=self.stream_id))

    @override
    async def app_send(self, message: Any) -> None:
        if message is None and self.app_put is not None:
            # The app has ended. What is still put for it would wait for room in its queue, and
            # with that the reader, and with the reader the connection.
            queue: asyncio.Queue[Any] = cast("Any", self.app_put).__self__
            self.app_put = _ignore
            while not queue.empty():
                queue.get_nowait()
        await super().app_send(message)

    @override
    async def _handle_events(self) -> None:
        for number, event in enumerate(self.connection.events(), 1):
            if number % TURN == 0:
                await asyncio.sleep(0)
            await self._wait_for_turn(event)
            if self.closed or _CURRENT.get().writer.is_closing():
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
            reason = f"A frame has at most {self.config.websocket_max_message_size} bytes."
            await self._part(CloseConnection(CloseReason.MESSAGE_TOO_BIG, reason))
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
            await self._send_wsproto_event(close)
        elif self.connection.state is ConnectionState.REMOTE_CLOSING:
            await self._send_wsproto_event(close.response())
        await self.send(StreamClosed(stream_id=self.stream_id))

    async def _wait_for_turn(self, event: object) -> None:
        """The generic cell rate algorithm (ITU-T I.371): a flood is left to wait in TCP."""
        now = asyncio.get_running_loop().time()
        size = len(event.data) if isinstance(event, Message) else 0
        self._due = max(self._due, now) + (1 + size // FRAME) / PACE
        wait = self._due - now - BURST / PACE
        if wait <= 0:
            return
        await asyncio.sleep(wait)
        # Its end stands behind what it sent, and would be seen when all of that has been read.
        connection = _CURRENT.get()
        if connection.has_ended():
            connection.abort()


class ByteBuffer(WebsocketBuffer):
    """A message as its parts come in; the limit is one of bytes, not of characters."""

    @override
    def extend(self, event: Message[Any]) -> None:
        if isinstance(event.data, str) and not event.data.isascii():
            self.length += len(event.data.encode()) - len(event.data)
        super().extend(event)


def _is_readable(header: tuple[bytes, bytes]) -> bool:
    """Of the headers that wsproto decodes, and trips over, only such as are ASCII."""
    name, value = header
    return value.isascii() or not name.lower().startswith((b"sec-websocket-", b"connection"))


async def _ignore(_: object) -> None:
    """In place of an app that has ended."""


# permessage-deflate costs twice the CPU and 180 KiB a connection.
setattr(ws_stream, "server_extensions_handshake", lambda *_: None)  # noqa: B010 (mypy)
setattr(hypercorn.asyncio.run, "TCPServer", Connection)  # noqa: B010
for protocol in (h11, h2):
    setattr(protocol, "WSStream", PacedStream)  # noqa: B010
