"""chat-v1: every message of both directions as a type.

An envelope is ``{"type", "data", "timestamp"}``. What a client sends is a `ClientMessage`, what
it gets a `ServerMessage`; both are unions tagged by ``type``. Fields and rules are explained in
docs/protocol.md; `quart_app.chat.inbound` parses what comes in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from chains.events import Grounding, PromptVersion, Source

SUBPROTOCOL = "chat-v1"
FEATURES = ("text_selection", "streaming", "source_citation", "cancel", "resume", "follow_up")
"""What this server can do, as its welcome says."""

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
Reason = Literal["minute", "hour", "day", "concurrent", "messages"]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
Address = Annotated[str, Meta(max_length=2000)]
Token = Annotated[str, Meta(max_length=200, description="Opens a session; opaque to clients.")]
SessionId = Annotated[str, Meta(pattern=r"^session_[0-9a-f]{32}\Z", description="Id of a session.")]
QueryId = Annotated[str, Meta(pattern=r"^query_[0-9a-f]{32}\Z", description="Id of an answer.")]
Nonce = Annotated[str, Meta(max_length=64)]
Seq = Annotated[
    int, Meta(ge=-1, description="Number of an answer's last delta so far, from 0; −1 before it.")
]
Count = Annotated[int, Meta(ge=0)]
Milliseconds = Annotated[int, Meta(ge=0, description="In milliseconds.")]
Moment = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z",
        description="ISO 8601 in UTC, with milliseconds.",
    ),
]
LimitName = Literal[
    "minute",
    "hour",
    "day",
    "sessions",
    "concurrent",
    "messages",
    "connections",
    "idle_s",
    "frame_bytes",
    "question_length",
    "selections",
    "selection_length",
]


class Data(Struct, frozen=True, omit_defaults=True):
    """A part of a message; what is None or empty by default is left out on the wire."""


# From the client


class SelectionData(Data, frozen=True):
    """Text that a reader has selected, and where it stands."""

    text: str
    page: Address | None = None
    anchor: Address | None = None


class QuestionData(Data, frozen=True):
    """`context_chunks` holds chunk ids, selected text, or objects with text and place."""

    question: str
    context_chunks: list[str | SelectionData] = []
    session_id: str | None = None
    session_token: Token | None = None
    client_query_id: Name | None = None
    page: Address | None = None
    prompt: Name | None = None


class QuestionMessage(Data, frozen=True, tag_field="type", tag="question"):
    """A reader asks."""

    data: QuestionData


class CancelData(Data, frozen=True):
    """Which answer to stop, by one of its two ids."""

    query_id: Name | None = None
    client_query_id: Name | None = None


class Cancel(Data, frozen=True, tag_field="type", tag="cancel"):
    """A reader wants no more of an answer."""

    data: CancelData


class ResumeData(Data, frozen=True):
    """Which answer to go on with, by one of its two ids, and from where: −1 is the beginning."""

    session_id: str
    session_token: Token
    last_seq: Annotated[int, Meta(ge=-1)]
    query_id: Name | None = None
    client_query_id: Name | None = None


class Resume(Data, frozen=True, tag_field="type", tag="resume"):
    """A client comes back for what it missed of an answer."""

    data: ResumeData


class PingData(Data, frozen=True):
    """`nonce` comes back in the pong."""

    nonce: Nonce | None = None


class Ping(Data, frozen=True, tag_field="type", tag="ping"):
    """A client checks that the server is there."""

    data: PingData = PingData()


ClientMessage = QuestionMessage | Cancel | Resume | Ping


# From the server


class BookInfo(Data, frozen=True):
    """Which book is served, in which version of its index."""

    title: str
    index_version: str


class Limit(Data, frozen=True):
    """How much of something there may be, and how much `remaining`, where it runs out.

    The names that can be the `reason` of an error are the same there.
    """

    name: LimitName
    limit: Count
    remaining: Count | None = None


class WelcomeData(Data, frozen=True):
    """`model` says what answers: a model's name, or how to connect one.

    `resume_window_s` is how long an answer goes on, and can be resumed, without its reader.
    """

    session_id: SessionId
    session_token: Token
    server_version: str
    features: tuple[str, ...]
    protocol: str
    resume_window_s: Count
    limits: tuple[Limit, ...]
    model: str
    book: BookInfo


class ResponseStartData(Data, frozen=True):
    """`estimated_duration` is in milliseconds. `sources` come best first."""

    query_id: QueryId
    session_id: SessionId
    session_token: Token
    seq: Seq
    estimated_duration: Milliseconds
    sources: tuple[Source, ...]
    client_query_id: Name | None = None


class ResponseChunkData(Data, frozen=True):
    """`seq` is that of the last delta in `content`; `sources` are those it is first to cite."""

    query_id: QueryId
    seq: Seq
    content: str
    is_complete: bool
    sources: tuple[Source, ...]


class ResponseEndData(Data, frozen=True):
    """Times are in milliseconds since the question was accepted."""

    query_id: QueryId
    seq: Seq
    status: Literal["completed", "cancelled", "truncated"]
    response_time_ms: Milliseconds
    first_chunk_ms: Milliseconds
    total_tokens: Count
    tokens_estimated: bool
    sources_used: Count
    grounding: Grounding
    prompt: PromptVersion
    model: str
    index_version: str
    content_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class ResumedData(Data, frozen=True):
    """Whether the answer is there. If so, what follows `last_seq` comes next; if not, `reason`."""

    recovered: bool
    last_seq: Seq
    query_id: str | None = None
    client_query_id: Name | None = None
    reason: Literal["expired", "unknown"] | None = None


class ErrorData(Data, frozen=True):
    """`param` names the field at fault, `suggestions` the nearest sections of the book."""

    code: ErrorCode
    message: str
    retryable: bool
    retry_after: Annotated[int, Meta(ge=1, description="In seconds.")] | None = None
    query_id: QueryId | None = None
    client_query_id: Name | None = None
    param: str | None = None
    reason: Reason | None = None
    suggestions: tuple[Source, ...] = ()


class PongData(Data, frozen=True):
    """`server_time` is ISO 8601 in UTC."""

    server_time: Moment
    nonce: Nonce | None = None


def timestamp() -> str:
    """Now, as ISO 8601 in UTC with milliseconds and ``Z``."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Envelope(Data, frozen=True, tag_field="type", kw_only=True):
    """What every message of the server has beside its type and data."""

    timestamp: Moment = msgspec.field(default_factory=timestamp)


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
    """The answer is over: it is whole, was cancelled, or reached a limit."""

    data: ResponseEndData


class Resumed(Envelope, frozen=True, tag="resumed"):
    """The answer to a resume."""

    data: ResumedData


class Error(Envelope, frozen=True, tag="error"):
    """A message was refused, or an answer failed (then with its `query_id`)."""

    data: ErrorData


class Pong(Envelope, frozen=True, tag="pong"):
    """The answer to a ping."""

    data: PongData


ServerMessage = Welcome | ResponseStart | ResponseChunk | ResponseEnd | Resumed | Error | Pong


def encode(message: ServerMessage) -> str:
    """The text frame of a message."""
    return msgspec.json.encode(message).decode()
