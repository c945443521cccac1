"""A websocket as cheap as one can be in Python, so that a core of readers can keep up.

It opens, sends text and reads text frames of any length; it answers pings. It checks nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self, cast
from urllib.parse import urlsplit

OPENING = (
    "GET /ws/chat HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
PATIENCE = 60.0
"""Seconds for a socket to open, and for its first frame."""


class Refused(Exception):
    """The server did not open a socket; it holds what was said instead."""


class Wire(asyncio.Protocol):
    """One socket. Each text frame goes to `read`, which can be another one at any time."""

    def __init__(self, host: str, read: Callable[[bytes], None]) -> None:
        self.read = read
        self._host = host
        self._got = bytearray()
        self._is_open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed = asyncio.Event()

    @classmethod
    async def open(cls, url: str, read: Callable[[bytes], None]) -> Self:
        """A socket at the server past its handshake. Raises Refused where there is none."""
        where = urlsplit(url)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE):
            _, wire = await loop.create_connection(
                lambda: cls(where.netloc, read), where.hostname or "", where.port or 80
            )
            await wire.opened
        return wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask to open."""
        self._out = cast("asyncio.Transport", transport)
        self._out.write(OPENING.format(host=self._host).encode())

    def connection_lost(self, _: Exception | None) -> None:
        """Let go of whoever waits."""
        self.closed.set()
        if not self.opened.done():
            self.opened.set_exception(Refused("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        """Take what has come apart into frames."""
        self._got += data
        if not self._is_open and not self._open():
            return
        got, at = self._got, 0
        while len(got) - at >= 2:
            kind, size, begin = got[at] & 15, got[at + 1], at + 2
            if size == 126:
                begin, size = at + 4, int.from_bytes(got[at + 2 : at + 4])
            elif size == 127:
                begin, size = at + 10, int.from_bytes(got[at + 2 : at + 10])
            if len(got) < begin + size:
                break
            at = begin + size
            if kind == TEXT:
                self.read(bytes(got[begin:at]))
            elif kind == PING:
                self._send(PONG, bytes(got[begin:at]))
        del got[:at]

    def send(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self._send(TEXT, json.dumps(message).encode())

    def abort(self) -> None:
        """Leave without a word."""
        self._out.abort()

    def _open(self) -> bool:
        head, end, _ = bytes(self._got).partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            self.opened.set_exception(Refused(head.split(b"\r\n")[0].decode()))
            self._out.abort()
            return False
        del self._got[: len(head) + 4]
        self._is_open = True
        self.opened.set_result(None)
        return True

    def _send(self, kind: int, data: bytes) -> None:
        size = len(data)  # the mask is zero, so the bytes are as they are
        length = bytes([128 | size]) if size < 126 else b"\xfe" + size.to_bytes(2)
        self._out.write(bytes([128 | kind]) + length + bytes(4) + data)
