"""Readers, sessions and questions as the model of the state machine knows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chains.errors import ContentNotFound, ServiceUnavailable
from tests.support.resuming import Received
from tests.support.sessions import Client, Server
from tests.support.talking import Message

NAMES = ("mine", "other", None)
"""Client query ids; few, so that they are used again."""
FAILURES: tuple[Callable[[], Exception], ...] = (
    lambda: ServiceUnavailable("model", "scripted"),
    lambda: ContentNotFound(()),
    lambda: ZeroDivisionError("scripted"),
)


@dataclass(eq=False)
class Session:
    """A session as its reader knows it."""

    id: str
    token: str
    token_ends: float
    last_used: float | None = None
    by_name: dict[str, Asked] = field(default_factory=dict)
    queries: list[Asked] = field(default_factory=list)

    @property
    def keys(self) -> dict[str, str]:
        return {"session_id": self.id, "session_token": self.token}

    def use(self, now: float, lifetime: float) -> None:
        """A session out of use for its lifetime has forgotten everything."""
        if self.last_used is not None and now - self.last_used >= lifetime:
            self.last_used = None
            self.by_name, self.queries = {}, []
        if self.last_used is not None:
            self.last_used = now

    def find(self, data: Message) -> Asked | None:
        """The question that the ids of a resume name."""
        if "query_id" in data:
            return next((a for a in self.queries if a.query_id == data["query_id"]), None)
        return self.by_name.get(data["client_query_id"])


@dataclass(eq=False)
class Asked:
    """An accepted question, and what its answer is so far."""

    text: str
    name: str | None
    session: Session
    left_at: float
    query_id: str | None = None
    deltas: list[str] = field(default_factory=list)
    has_sources: bool = False
    ending: str | None = None
    looked_up_at: float = 0.0
    server: Server | None = None
    """The one that writes it."""

    def is_named_by(self, data: Message) -> bool:
        """Whether the ids of a cancel are this question's."""
        if "query_id" in data:
            return bool(data["query_id"] == self.query_id)
        return bool(data["client_query_id"] == self.name)

    def learn(self, message: Message) -> None:
        """Take ids and token from a message of the answer."""
        data = message["data"]
        assert self.query_id in (None, data["query_id"])
        self.query_id = data["query_id"]
        if message["type"] == "response_start":
            assert data["session_id"] == self.session.id
            self.session.token = data["session_token"]
            self.session.token_ends = int(data["session_token"].partition(".")[0])


@dataclass(eq=False)
class Reader:
    """A socket, and what comes over it."""

    client: Client
    session: Session
    active_at: float
    asked: Asked | None = None
    received: Received | None = None


def pick(among: list[Any], which: int) -> Any:
    return among[which % len(among)]
