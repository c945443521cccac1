"""A client's connection: how many are open, and how each one ends.

`Connection` takes the place of Hypercorn's `TCPServer`; see `quart_app.door.repairs`.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config
from hypercorn.protocol.h11 import H11Protocol, H11WSConnection
from typing_extensions import override

LINGER = 1.0
"""Seconds that a client may take to close its end, once ours of a websocket is closed."""
LAST_READING = 10
"""How many times `LINGER` it may take while it still reads what was sent."""
ESTABLISHED = 1
"""The state of a TCP connection that neither side has ended (Linux, net/tcp_states.h)."""

SPARE = 100
"""Connections beyond those of readers: pages, probes, and handshakes that are turned away."""

_OPEN: set[Connection] = set()
_CURRENT: ContextVar[Connection] = ContextVar("connection")


def current_connection() -> Connection:
    """The one by which the current request or socket came."""
    return _CURRENT.get()


def bound_connections(readers: int) -> None:
    """Drop connections beyond those of so many readers, and some to spare, as soon as they come.

    Without a file for the next one, asyncio would try to accept it again and again.
    """
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
        """Drop it, whatever is unsent."""
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

        To close both with something unread would send RST, and the client would lose the close
        frame; and without a limit, one that does not close would hold the connection for good.
        """
        if not self._is_reading or not self._is_websocket():
            await super()._close()
            return
        if self._lingering is None:
            self._linger(LAST_READING)
            with suppress(OSError, RuntimeError):
                if self.writer.can_write_eof():
                    self.writer.write_eof()
                else:  # TLS has a closing message of its own, and reads meanwhile
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
