"""A real client to talk to a real server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

Message = dict[str, Any]


@asynccontextmanager
async def client(url: str) -> AsyncIterator[ClientConnection]:
    """A socket to the server, its welcome not yet read."""
    address = url.replace("http", "ws", 1) + "ws/chat"
    async with connect(address, subprotocols=[Subprotocol("chat-v1")]) as socket:
        yield socket


async def receive(socket: ClientConnection) -> Message:
    """The next message."""
    message: Message = json.loads(await socket.recv())
    return message


async def ask(socket: ClientConnection, question: str, **data: Any) -> list[Message]:
    """Every message that answers a question, through the last."""
    await socket.send(json.dumps({"type": "question", "data": {"question": question, **data}}))
    messages = [await receive(socket)]
    while messages[-1]["type"] not in ("response_end", "error"):
        messages.append(await receive(socket))
    return messages


def text_of(messages: list[Message]) -> str:
    """The answer's text."""
    return "".join(m["data"]["content"] for m in messages if m["type"] == "response_chunk")
