"""A websocket client that may do what no library lets it: every byte is the test's own."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0
PATIENCE = 60.0
"""Seconds that a server may take to say something that it must say."""

HANDSHAKE = (
    b"GET /ws/chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    is_last: bool = True,
    reserved: int = 0,
    is_masked: bool = True,
    length: int | None = None,
) -> bytes:
    """A frame of RFC 6455, 5.2; `length` is what it says, where that is not the truth."""
    length = len(payload) if length is None else length
    first = is_last << 7 | reserved << 4 | opcode
    mask = is_masked << 7
    if length < 126:
        head = struct.pack("!BB", first, mask | length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", first, mask | 126, length)
    else:
        head = struct.pack("!BBQ", first, mask | 127, length)
    # A key of zeros leaves the payload as it is.
    return head + bytes(4) * is_masked + payload


def text(message: str) -> bytes:
    """A text frame."""
    return frame(TEXT, message.encode())


class TurnedAway(Exception):
    """The server answered the handshake with an error."""


class RawWebSocket:
    """One connection, past its handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def read(self) -> tuple[int, bytes]:
        """The opcode and the payload of the next frame."""
        async with asyncio.timeout(PATIENCE):
            first, length = await self.reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return first & 15, await self.reader.readexactly(length)

    async def message(self) -> dict[str, Any]:
        """The next message of chat-v1."""
        opcode, payload = await self.read()
        assert opcode == TEXT, payload
        message: dict[str, Any] = json.loads(payload)
        return message

    async def close_code(self) -> int:
        """That of the close frame, which ends what the server sends."""
        return (await self.close())[0]

    async def close(self) -> tuple[int, str]:
        """The code and the reason of the close frame, which ends what the server sends."""
        while True:
            opcode, payload = await self.read()
            if opcode == CLOSE:
                break
        async with asyncio.timeout(PATIENCE):
            assert await self.reader.read() == b""
        (code,) = struct.unpack("!H", payload[:2])
        return int(code), payload[2:].decode()

    async def is_dropped(self, sent: bytes = frame(PING)) -> None:
        """Return when the server has let go of the connection, though this side has not."""
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    self.writer.write(sent)
                    await self.writer.drain()
                    await asyncio.sleep(0.05)
            except ConnectionError:
                return


@asynccontextmanager
async def shaken_hands(url: str, *, is_narrow: bool = False) -> AsyncIterator[RawWebSocket]:
    """A client past its handshake; raises TurnedAway where there is none.

    Where it is narrow, the system holds little of what it does not read.
    """
    where = urlsplit(url)
    peer = socket.socket()
    if is_narrow:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    peer.setblocking(False)
    address = where.hostname, where.port
    await asyncio.get_running_loop().sock_connect(peer, address)
    reader, writer = await asyncio.open_connection(sock=peer)
    try:
        writer.write(HANDSHAKE)
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise TurnedAway(head)
        yield RawWebSocket(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def raw_client(url: str, *, is_narrow: bool = False) -> AsyncIterator[RawWebSocket]:
    """A client past the server's welcome."""
    async with shaken_hands(url, is_narrow=is_narrow) as client:
        assert (await client.message())["type"] == "welcome"
        yield client


async def answers(url: str) -> None:
    """Return when the server has answered another client."""
    nonce = os.urandom(4).hex()
    async with raw_client(url) as client:
        client.writer.write(text(json.dumps({"type": "ping", "data": {"nonce": nonce}})))
        assert (await client.message())["data"]["nonce"] == nonce


async def has_room(url: str, patience: float = PATIENCE) -> None:
    """Return when a server that was full has let go of somebody; TimeoutError if it does not.

    An address with too many connections that have no socket yet is dropped without an answer.
    """
    async with asyncio.timeout(patience):
        while True:
            try:
                await answers(url)
            except (TurnedAway, ConnectionResetError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.1)
            else:
                return
