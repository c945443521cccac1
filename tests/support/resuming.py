"""A client as the widget is: it comes back after every loss, and holds the server to its rules."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from tests.support.talking import Message, receive

LOST = (OSError, EOFError, WebSocketException)
"""What the end of a connection looks like; a timeout is an OSError."""
PATIENCE = 60.0
"""Seconds of silence after which a connection counts as lost."""
PAUSE = 0.01
"""Seconds before the second attempt to connect; each waits longer."""
MOST_CONNECTIONS = 50


class Forgotten(Exception):
    """The server has no such answer to resume, for this `reason`."""

    def __init__(self, received: Received, reason: str) -> None:
        self.received = received
        self.reason = reason
        super().__init__(reason)


@dataclass
class Received:
    """An answer as far as it has come, over however many connections."""

    client_query_id: str | None
    is_asked: bool = False
    text: str = ""
    last_seq: int = -1
    start: Message | None = None
    end: Message | None = None
    """The data of the response_end or error."""
    cited: list[int] = field(default_factory=list)
    resumptions: int = 0
    is_start_due: bool = True
    is_complete: bool = False

    @property
    def query_id(self) -> str | None:
        return self.start["query_id"] if self.start else None

    def take(self, message: Message) -> str:
        """Check a message against the rules of docs/protocol.md; the text that it brings."""
        kind, data = message["type"], message["data"]
        assert self.end is None, f"after the ending came {message}"
        if kind == "error":
            assert data.get("client_query_id") == self.client_query_id, message
            self.end = data
            return ""
        if self.query_id is not None:
            assert data["query_id"] == self.query_id, message
        if kind == "status" and data["status"] == "waiting":
            assert self.is_start_due, message
            return ""
        assert self.is_start_due == (kind == "response_start"), message
        match kind:
            case "response_start":
                self._take_start(data)
            case "response_chunk":
                return self._take_chunk(data)
            case "response_end":
                self._take_end(data)
            case _:
                raise AssertionError(f"unexpected: {message}")
        return ""

    def _take_start(self, data: Message) -> None:
        assert (data["seq"], data.get("client_query_id")) == (-1, self.client_query_id)
        assert self.start is None or self.start["sources"] == data["sources"], "other sources"
        self.start = data
        self.is_start_due = False

    def _take_chunk(self, data: Message) -> str:
        assert not self.is_complete, "a chunk after the last"
        if data["content"] or data.get("sentences"):
            assert data["seq"] > self.last_seq, data
        else:
            assert (data["seq"], data["is_complete"]) == (self.last_seq, True), data
        self.cited += [source["index"] for source in data["sources"]]
        self.last_seq = data["seq"]
        self.is_complete = data["is_complete"]
        self.text += data["content"]
        return str(data["content"])

    def _take_end(self, data: Message) -> None:
        assert self.is_complete, "no last chunk before the end"
        assert data["seq"] == self.last_seq
        assert data["content_sha256"] == sha256(self.text.encode()).hexdigest(), self.text
        assert data["sources_used"] == len(set(self.cited)) == len(self.cited)
        self.end = data


class ResumingClient:
    """Asks one question after the other in one session.

    `on_text` gets what there is to show, `on_loss` is called after each loss of the connection.
    """

    def __init__(
        self,
        url: str,
        *,
        on_text: Callable[[str], object] = lambda _: None,
        on_loss: Callable[[], object] = lambda: None,
        patience: float = PATIENCE,
        trust: ssl.SSLContext | None = None,
        most_connections: int = MOST_CONNECTIONS,
    ) -> None:
        self.url = url
        self.keys: dict[str, str] = {}
        self.losses = 0
        self.close_code: int | None = None
        """That which the server closed the last lost connection with."""
        self._on_text = on_text
        self._on_loss = on_loss
        self.patience = patience
        self._trust = trust
        self._most_connections = most_connections
        self._socket: ClientConnection | None = None
        self._reading: str | None = None
        self._cancelling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, t: TracebackType | None
    ) -> None:
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def ask(self, question: str, **data: Any) -> Received:
        """Its answer, whole or ended by an error. Raises Forgotten where it was lost."""
        received = Received(f"ask-{uuid4().hex}")
        await self.go_on(received, question, **data)
        return received

    async def go_on(self, received: Received, question: str, **data: Any) -> None:
        """Resume what there is of an answer, and read to its end."""
        self._reading = received.client_query_id
        for attempt in range(self._most_connections):
            try:
                await self._read(received, {"question": question, **data})
            except LOST as loss:
                self._lose(loss)
            if received.end is not None:
                return
            await asyncio.sleep(PAUSE * attempt)
        raise AssertionError(f"no end within {self._most_connections} connections")

    def abort(self) -> None:
        """Lose the connection."""
        if self._socket is not None:
            self._socket.transport.abort()

    def cancel(self) -> None:
        """Ask for an end of the answer that is read now."""
        if self._socket is not None and self._reading is not None:
            cancel = _send(self._socket, "cancel", {"client_query_id": self._reading})
            self._cancelling = asyncio.create_task(cancel)

    async def closed(self) -> int | None:
        """The code that the server closes the connection with, now or a moment ago."""
        if self._socket is not None:
            async with asyncio.timeout(self.patience):
                await self._socket.wait_closed()
            return self._socket.close_code
        return self.close_code

    async def _read(self, received: Received, question: Message) -> None:
        socket = await self._connected()
        if received.is_asked:
            await self._resume(socket, received)
        if not received.is_asked:
            received.is_asked, received.is_start_due = True, True
            asked = {**question, **self.keys, "client_query_id": received.client_query_id}
            await _send(socket, "question", asked)
        while received.end is None:
            text = received.take(await self._receive(socket))
            self._on_text(text)
            if received.start is not None:
                self.keys["session_token"] = received.start["session_token"]
        await _send(socket, "ping", {"nonce": received.client_query_id})
        assert (await self._receive(socket))["type"] == "pong", "something after the ending"

    async def _resume(self, socket: ClientConnection, received: Received) -> None:
        """Resume; an answer of which nothing came is to be asked for again if it is unknown."""
        wanted: Message = {**self.keys, "last_seq": received.last_seq}
        if received.query_id is not None:
            wanted["query_id"] = received.query_id
        else:
            wanted["client_query_id"] = received.client_query_id
        await _send(socket, "resume", wanted)
        message = await self._receive(socket)
        assert message["type"] == "resumed", message
        resumed = message["data"]
        assert resumed["last_seq"] == received.last_seq
        if resumed["recovered"]:
            received.resumptions += 1
            received.is_start_due, received.is_complete = received.last_seq < 0, False
            assert received.query_id in (None, resumed["query_id"])
        elif received.start is None:
            received.is_asked = False
        else:
            raise Forgotten(received, resumed["reason"])

    async def _connected(self) -> ClientConnection:
        """A socket past its welcome; the first one's session is kept."""
        if self._socket is None:
            address = self.url.replace("http", "ws", 1) + "ws/chat"
            self._socket = await connect(
                address,
                subprotocols=[Subprotocol("chat-v1")],
                compression=None,
                ssl=self._trust,
                proxy=None,
                open_timeout=self.patience,
                close_timeout=1,
            )
            welcome = await self._receive(self._socket)
            assert welcome["type"] == "welcome"
            own = {name: welcome["data"][name] for name in ("session_id", "session_token")}
            self.keys = self.keys or own
        return self._socket

    def _lose(self, loss: Exception) -> None:
        close = loss.rcvd if isinstance(loss, ConnectionClosed) else None
        self.close_code = None if close is None else close.code
        self.abort()
        self._socket = None
        self.losses += 1
        self._on_loss()

    async def _receive(self, socket: ClientConnection) -> Message:
        async with asyncio.timeout(self.patience):
            return await receive(socket)


async def _send(socket: ClientConnection, type: str, data: Message) -> None:
    await socket.send(json.dumps({"type": type, "data": data}))
