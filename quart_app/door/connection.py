"""A client's connection: how many are open, and how each one ends.

`Connection` takes the place of Hypercorn's `TCPServer`; see `quart_app.door.repairs`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import h11
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config
from hypercorn.events import Closed, Event, Updated
from hypercorn.protocol.h11 import H11Protocol, H11WSConnection
from typing_extensions import override

from quart_app.door.addresses import AddressCounts, address_key
from quart_app.door.proxies import Network, is_trusted
from quart_app.door.refusals import RareLines

log = logging.getLogger("scholiast.door")

LINGER = 1.0
"""Seconds that a client may take to close its end, once ours is closed."""
LAST_READING = 10
"""How many times `LINGER` it may take while it still reads what was sent, or sends a body."""
MOST_SKIPPED = 16 * 1024 * 1024
"""Bytes that are read of a body, and thrown away, once its request has its answer."""
UNREAD = (h11.SEND_BODY, h11.ERROR)  # of what came in, the rest is a body, or cannot be read
SPARE = 100
"""Connections beyond those of readers: pages, probes, and handshakes that are turned away."""
REQUESTS, FEWEST = 2, 20
"""Times as many connections for requests and handshakes that an address may have as sockets, and
how many at least: a browser opens six for a page."""
BODY_TIMEOUT = 10.0
"""Seconds for the body of a request. Hypercorn gives ``keep_alive_timeout`` for its headers."""

_OPEN: set[Connection] = set()
_ARRIVING: dict[int, str | None] = {}  # by their files: what they are counted by
_NOT_SOCKETS = AddressCounts()  # of both, those that are no sockets, or not yet
LINES = RareLines()
_CURRENT: ContextVar[Connection] = ContextVar("connection")


def current_connection() -> Connection:
    """The one by which the current request or socket came."""
    return _CURRENT.get()


def bound_connections(
    readers: int, of_address: int | None = None, proxies: tuple[Network, ...] = ()
) -> None:
    """Drop connections beyond those of so many readers, and some to spare, as soon as they come.

    Without a file for the next one, asyncio would try to accept it again and again. An address may
    have `of_address` that are no sockets, unless it is one of `proxies`, used by many readers.
    """
    Connection.most_open = readers + SPARE
    Connection.most_of_address = None if of_address is None else max(FEWEST, REQUESTS * of_address)
    Connection.proxies = proxies


def cut(config: Config) -> None:
    """Drop what is still connected to the server of `config`.

    A client that reads nothing would keep its handler, and so the process, for good.
    """
    for connection in list(_OPEN):
        if connection.config is config:
            connection.abort()


class TooMany(Exception):
    """There are too many connections, or too many of one address."""


def arrive(file: int, peer: object) -> None:
    """Count what is no `Connection` yet, until it is one or calls `leave`. Raises TooMany."""
    _ARRIVING[file] = _count(peer)


def leave(file: int) -> None:
    """What arrived by this file has ended, unless it is a `Connection` by now."""
    if (address := _ARRIVING.pop(file, None)) is not None:
        _NOT_SOCKETS.remove(address)


class Connection(TCPServer):
    """A client's connection, remembered while it lasts."""

    most_open = sys.maxsize
    most_of_address: int | None = None
    proxies: tuple[Network, ...] = ()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._is_reading = False
        self._skipped = 0
        self._lingering: asyncio.TimerHandle | None = None
        self._body_is_due: asyncio.TimerHandle | None = None
        self._address: str | None = None  # what it is counted by while it is no socket

    @override
    async def run(self) -> None:
        file = self.writer.get_extra_info("socket").fileno()
        try:
            peer = self.writer.get_extra_info("peername")
            self._address = _ARRIVING.pop(file) if file in _ARRIVING else _count(peer)
        except TooMany:
            return self.abort()
        _OPEN.add(self)
        _CURRENT.set(self)
        try:
            await super().run()
        finally:
            _OPEN.discard(self)
            self.become_socket()
            for timer in (self._lingering, self._body_is_due):
                if timer is not None:
                    timer.cancel()

    def become_socket(self) -> None:
        """From now on it is counted among the sockets of its reader."""
        if self._address is not None:
            _NOT_SOCKETS.remove(self._address)
            self._address = None

    @override
    async def protocol_send(self, event: Event) -> None:
        if isinstance(event, Updated):
            if self._body_is_due is not None:
                self._body_is_due.cancel()
            if not event.idle:
                self._body_is_due = self.loop.call_later(BODY_TIMEOUT, self._require_body)
        try:
            await super().protocol_send(event)
        except OSError:  # of TLS: what came from the client is not of its key, and ends both ways
            await self.protocol.handle(Closed())

    def _require_body(self) -> None:
        """Drop it where the body of its request is not whole yet."""
        if self._has_unread():
            self.abort()

    def skips(self, data: bytes) -> bool:
        """Whether our end is closed, so that `data` is thrown away. There is a bound."""
        if self._lingering is None:
            return False
        self._skipped += len(data)
        if self._skipped > MOST_SKIPPED:
            self.abort()
        return True

    def abort(self) -> None:
        """Drop it, whatever is unsent."""
        self.writer.transport.abort()

    @override
    async def _read_data(self) -> None:
        self._is_reading = True
        try:
            await super()._read_data()
        finally:
            self._is_reading = False
            # It has left. Hypercorn would keep its place until it had been idle for long enough.
            await self.idle_task.stop()

    @override
    async def _close(self) -> None:
        """Where more may come in, close our end and go on reading until the client closes its own.

        To close both with something unread would send RST, and the client would lose the answer or
        the close frame; and one that does not close would hold the connection without a limit.
        """
        may_come = self._has_unread() or isinstance(self._http, H11WSConnection)
        if not (self._is_reading and may_come):
            self._hurry()
            with suppress(OSError):  # TLS that ends out of order
                await super()._close()
            return
        if self._lingering is None:
            self._linger(LAST_READING)
            with suppress(OSError, RuntimeError):
                if self.writer.can_write_eof():
                    self.writer.write_eof()
                elif not self._has_unread():  # else its end comes last: TLS reads no body behind it
                    self.writer.close()

    @override
    async def _initiate_server_close(self) -> None:
        await super()._initiate_server_close()
        self._hurry()

    def _hurry(self) -> None:
        """Wait no longer for the end of TLS than for that of a websocket; asyncio waits 30 s."""
        if self._lingering is None and not self.writer.can_write_eof():
            self._linger(LAST_READING)

    def _linger(self, times: int) -> None:
        skipped = self._skipped

        def end() -> None:
            is_sending = self._has_unread() and self._skipped > skipped
            if times > 1 and (is_sending or self.writer.transport.get_write_buffer_size()):
                self._linger(times - 1)
            elif times and not self.writer.can_write_eof() and not self.writer.is_closing():
                self.writer.close()
                self._linger(0)
            else:
                self.abort()

        self._lingering = self.loop.call_later(LINGER, end)

    @property
    def _http(self) -> h11.Connection | H11WSConnection | None:
        protocol = self.protocol.protocol
        return protocol.connection if isinstance(protocol, H11Protocol) else None

    def _has_unread(self) -> bool:
        return self._http is not None and self._http.their_state in UNREAD


def _count(peer: object) -> str | None:
    """Count a connection of an address; returns by what, where it is counted. Raises TooMany."""
    if len(_OPEN) + len(_ARRIVING) >= (full := Connection.most_open):
        raise _too_many("dropped a connection: %d are open%s; see SCHOLIAST_MAX_CONNECTIONS", full)
    most = Connection.most_of_address
    if most is None or not isinstance(peer, tuple) or is_trusted(peer[0], Connection.proxies):
        return None
    address = address_key(peer[0])
    if _NOT_SOCKETS.left(address, most) <= 0:
        raise _too_many(
            "dropped a connection of %s, which has %d without a socket%s; see "
            "SCHOLIAST_LIMIT_CONNECTIONS and, if it is a proxy, SCHOLIAST_TRUSTED_PROXIES",
            *(address, most),
        )
    _NOT_SOCKETS.add(address)
    return address


def _too_many(line: str, *words: object) -> TooMany:
    """What to raise; the log has the line, unless it had one of that kind just now."""
    if (others := LINES.due(line)) is not None:
        log.warning(line, *words, others)
    return TooMany()
