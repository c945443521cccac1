"""chat-v1: every message of both directions as a type.

An envelope is ``{"type", "data", "timestamp"}``. What a client sends is a `ClientMessage`, what
it gets a `ServerMessage`; both are unions tagged by ``type``. Fields and rules are explained in
docs/protocol.md; `quart_app.inbound` parses what comes in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from chains.events import Grounding, PromptVersion
from chains.sources import Source

SUBPROTOCOL = "chat-v1"

ErrorCode = Literal[
    "INVALID_MESSAGE",
    "QUESTION_TOO_LONG",
    "CONTEXT_NOT_FOUND",
    "CONTENT_NOT_FOUND",
    "INVALID_SESSION",
    "RATE_LIMIT_EXCEEDED",
    "SERVICE_UNAVAILABLE",
    "INTERNAL_ERROR",
]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
Address = Annotated[str, Meta(max_length=2000)]


class Data(Struct, frozen=True, omit_defaults=True):
    """A part of a message; what is None or empty by default is left out on the wire."""


# From the client


class Highlight(Data, frozen=True):
    """A highlighted passage with where it stands."""

    text: str
    page: Address | None = None
    anchor: Address | None = None


class QuestionData(Data, frozen=True):
    """`context_chunks` holds chunk ids, highlighted text, or Highlights."""

    question: str
    context_chunks: list[str | Highlight] = []
    session_id: str | None = None
    client_query_id: Name | None = None
    page: Address | None = None


class QuestionMessage(Data, frozen=True, tag_field="type", tag="question"):
    """A reader asks."""

    data: QuestionData


class PingData(Data, frozen=True):
    """`nonce` comes back in the pong."""

    nonce: Annotated[str, Meta(max_length=64)] | None = None


class Ping(Data, frozen=True, tag_field="type", tag="ping"):
    """A client checks that the server is there."""

    data: PingData = PingData()


ClientMessage = QuestionMessage | Ping


# From the server


class BookInfo(Data, frozen=True):
    """Which book is served, in which version of its index."""

    title: str
    index_version: str


class WelcomeData(Data, frozen=True):
    """`model` says what answers: a model's name, or how to connect one."""

    session_id: str
    server_version: str
    features: list[str]
    protocol: str
    model: str
    book: BookInfo


class ResponseStartData(Data, frozen=True):
    """`estimated_duration` is in milliseconds. `sources` come best first."""

    query_id: str
    session_id: str
    seq: int
    estimated_duration: int
    sources: tuple[Source, ...]
    client_query_id: str | None = None


class ResponseChunkData(Data, frozen=True):
    """`seq` is that of the last delta in `content`; `sources` are those it is first to cite."""

    query_id: str
    seq: int
    content: str
    is_complete: bool
    sources: tuple[Source, ...]


class ResponseEndData(Data, frozen=True):
    """Times are in milliseconds since the question was accepted."""

    query_id: str
    seq: int
    status: Literal["completed", "truncated"]
    response_time_ms: int
    first_chunk_ms: int
    total_tokens: int
    tokens_estimated: bool
    sources_used: int
    grounding: Grounding
    prompt: PromptVersion
    model: str
    index_version: str
    content_sha256: str


class ErrorData(Data, frozen=True):
    """`param` names the field at fault, `suggestions` the nearest sections of the book."""

    code: ErrorCode
    message: str
    retryable: bool
    retry_after: int | None = None
    query_id: str | None = None
    client_query_id: str | None = None
    param: str | None = None
    reason: str | None = None
    suggestions: tuple[Source, ...] = ()


class PongData(Data, frozen=True):
    """`server_time` is ISO 8601 in UTC."""

    server_time: str
    nonce: str | None = None


def timestamp() -> str:
    """Now, as ISO 8601 in UTC with milliseconds and ``Z``."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Envelope(Data, frozen=True, tag_field="type", kw_only=True):
    """What every message of the server has beside its type and data."""

    timestamp: str = msgspec.field(default_factory=timestamp)


class Welcome(Envelope, frozen=True, tag="welcome"):
    """The first message on every connection."""

    data: WelcomeData


class ResponseStart(Envelope, frozen=True, tag="response_start"):
    """A question was accepted, and these are its sources."""

    data: ResponseStartData


class ResponseChunk(Envelope, frozen=True, tag="response_chunk"):
    """More of the answer."""

    data: ResponseChunkData


class ResponseEnd(Envelope, frozen=True, tag="response_end"):
    """The answer is whole."""

    data: ResponseEndData


class Error(Envelope, frozen=True, tag="error"):
    """A message was refused, or an answer failed (then with its `query_id`)."""

    data: ErrorData


class Pong(Envelope, frozen=True, tag="pong"):
    """The answer to a ping."""

    data: PongData


ServerMessage = Welcome | ResponseStart | ResponseChunk | ResponseEnd | Error | Pong


def encode(message: ServerMessage) -> str:
    """The text frame of a message."""
    return msgspec.json.encode(message).decode()
