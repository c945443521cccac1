"""A real client to talk to a real server."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

Message = dict[str, Any]


@asynccontextmanager
async def client(url: str, *, is_narrow: bool = False) -> AsyncIterator[ClientConnection]:
    """A socket to the server, its welcome not yet read.

    Where it is narrow, the system holds little (about 50 KB) of what it does not read. A small
    buffer alone is not enough: without short segments the sender's side takes megabytes.
    """
    address = urlsplit(url)
    raw = socket.socket()
    if is_narrow:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (address.hostname, address.port))
    async with connect(
        url.replace("http", "ws", 1) + "ws/chat", subprotocols=[Subprotocol("chat-v1")], sock=raw
    ) as connected:
        yield connected


async def receive(socket: ClientConnection) -> Message:
    """The next message."""
    message: Message = json.loads(await socket.recv())
    return message


async def send(socket: ClientConnection, type: str, data: Message) -> None:
    """Send a message."""
    await socket.send(json.dumps({"type": type, "data": data}))


async def until_end(socket: ClientConnection) -> list[Message]:
    """Everything through the ending of an answer."""
    got = [await receive(socket)]
    while got[-1]["type"] not in ("response_end", "error"):
        got.append(await receive(socket))
    return got


async def ask(socket: ClientConnection, question: str, **data: Any) -> list[Message]:
    """Every message that answers a question, through the last."""
    await send(socket, "question", {"question": question, **data})
    return await until_end(socket)


def text_of(messages: list[Message]) -> str:
    """The answer's text."""
    return "".join(m["data"]["content"] for m in messages if m["type"] == "response_chunk")
