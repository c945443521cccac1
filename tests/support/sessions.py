"""Sockets without a server in between: a test holds both ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from chains.events import Sources
from quart_app.answers.limit_store import LimitStore
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.answers.session_tokens import SessionTokens
from quart_app.chat.outbox import Close
from quart_app.chat.socket import ChatSocket
from quart_app.protocol.server_messages import BookInfo, WelcomeData
from quart_app.settings import WebSettings
from quart_app.sharing import limits_of
from tests.support.scripted_tutor import BASIS, SOURCE, ScriptedTutor


@dataclass
class Server:
    """What the sockets of a server share."""

    settings: WebSettings = field(
        default_factory=lambda: WebSettings.model_construct(limit_questions=())
    )
    tutor: ScriptedTutor = field(default_factory=ScriptedTutor)
    store: type[SessionStore] = SessionStore

    def __post_init__(self) -> None:
        self.sessions = self.store(SessionTokens("a secret for tests", 60), 60)
        self.answers = Answers(
            self.tutor,
            self.sessions,
            window=self.settings.resume_window,
            at_work=self.settings.max_answers or 100,
        )
        self.limits = limits_of(self.settings, LimitStore())

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Client]:
        """A client past its welcome."""
        client = Client(self)
        try:
            client.own = await client.get("welcome")
            yield client
        finally:
            client.running.cancel()
            await asyncio.wait([client.running])


class Client:
    """Both ends of a socket without a server in between."""

    def __init__(self, server: Server) -> None:
        self.server, self.tutor = server, server.tutor
        self.inbox: asyncio.Queue[str] = asyncio.Queue()
        self.outbox: asyncio.Queue[str] = asyncio.Queue()
        self.own: dict[str, Any] = {}
        self.socket = ChatSocket(
            self.inbox.get,
            self.outbox.put,
            address="192.0.2.1",
            answers=server.answers,
            sessions=server.sessions,
            limits=server.limits,
            idle_timeout=server.settings.idle_timeout,
        )
        session_id = SessionStore.new_id()
        token = server.sessions.token(session_id)
        welcome = WelcomeData(
            session_id, token, "0", (), "chat-v1", 60, 86_400, (), "fake", BookInfo("A book", "v1")
        )
        self.running = asyncio.create_task(self.socket.run(welcome))

    def ask(self, question: str = "What is a gait?", **data: Any) -> None:
        self.send("question", question=question, **data)

    def send(self, type: str, **data: Any) -> None:
        self.inbox.put_nowait(json.dumps({"type": type, "data": data}))

    async def get(self, type: str) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self.outbox.get())
        assert message["type"] == type, message
        data: dict[str, Any] = message["data"]
        return data

    async def start(self, **data: Any) -> dict[str, Any]:
        """Ask, and go as far as the sources."""
        self.ask(**data)
        self.tutor.say(Sources((SOURCE,), BASIS))
        return await self.get("response_start")

    async def read(self) -> tuple[str, dict[str, Any]]:
        """The rest of an answer's text, and its end."""
        text = ""
        while (message := json.loads(await self.outbox.get()))["type"] == "response_chunk":
            text += message["data"]["content"]
        assert message["type"] == "response_end", message
        return text, message["data"]

    async def closed(self) -> int:
        """The code that the socket is closed with."""
        with pytest.raises(Close) as close:
            await self.running
        return close.value.code

    @property
    def keys(self) -> dict[str, Any]:
        """What opens this client's session from elsewhere."""
        return {name: self.own[name] for name in ("session_id", "session_token")}


@asynccontextmanager
async def connected(**settings: Any) -> AsyncIterator[Client]:
    settings = {"limit_questions": (), **settings}
    server = Server(WebSettings.model_construct(**settings))
    async with server.connected() as client:
        yield client
    await server.answers.close()
