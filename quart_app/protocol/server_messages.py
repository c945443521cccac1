"""chat-v1: what a server sends, and how it is encoded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from chains.events import FinishedSentence, Grounding, PromptVersion, Source
from chains.events import Status as EndingStatus
from quart_app.protocol.messages import (
    BookName,
    Count,
    Data,
    ErrorCode,
    LimitName,
    Milliseconds,
    Moment,
    Name,
    Nonce,
    QueryId,
    Reason,
    Seq,
    SessionId,
    Token,
)


class BookInfo(Data, frozen=True):
    """Which book questions on this connection are about, in which version of its index."""

    title: str
    index_version: str
    name: BookName | None = None


class Limit(Data, frozen=True):
    """How much of something there may be, and how much `remaining`, where it runs out.

    The names that can be the `reason` of an error are the same there.
    """

    name: LimitName
    limit: Count
    remaining: Count | None = None


class WelcomeData(Data, frozen=True):
    """`model` says what answers: a model's name, or how to connect one.

    `resume_window_s` is how long an answer goes on, and can be resumed, without its reader, and
    `session_lifetime_s` how long the session is kept after its last use.
    """

    session_id: SessionId
    session_token: Token
    server_version: str
    features: tuple[str, ...]
    protocol: str
    resume_window_s: Count
    session_lifetime_s: Count
    limits: tuple[Limit, ...]
    model: str
    book: BookInfo


class StatusData(Data, frozen=True):
    """`status` is “waiting”, “thinking”, or another word in later versions.

    A question waits where the server is at work on as many answers as it may be. `ahead` is how
    many questions come before it. The model thinks where it works on its first word.
    """

    query_id: QueryId
    status: str
    client_query_id: Name | None = None
    ahead: Count | None = None


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
    """`seq` is that of the last delta in `content`; `sources` are those it is first to cite, and
    `sentences` those that it finishes, by their places in the whole text so far."""

    query_id: QueryId
    seq: Seq
    content: str
    is_complete: bool
    sources: tuple[Source, ...]
    sentences: tuple[FinishedSentence, ...] = ()


class ResponseEndData(Data, frozen=True):
    """Times are in milliseconds since the question was accepted."""

    query_id: QueryId
    seq: Seq
    status: EndingStatus
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


class StartersData(Data, frozen=True):
    """`questions`, at most 3, are those of the page, or of the book where the page has none."""

    questions: tuple[str, ...]


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


class Status(Envelope, frozen=True, tag="status"):
    """What is being done about a question that was accepted."""

    data: StatusData


class ResponseStart(Envelope, frozen=True, tag="response_start"):
    """A question was accepted, and these are its sources."""

    data: ResponseStartData


class ResponseChunk(Envelope, frozen=True, tag="response_chunk"):
    """More of the answer."""

    data: ResponseChunkData


class ResponseEnd(Envelope, frozen=True, tag="response_end"):
    """The answer is over: it is whole, or its status says why not."""

    data: ResponseEndData


class Resumed(Envelope, frozen=True, tag="resumed"):
    """The answer to a resume."""

    data: ResumedData


class Starters(Envelope, frozen=True, tag="starters"):
    """The answer to a get_starters."""

    data: StartersData


class Error(Envelope, frozen=True, tag="error"):
    """A message was refused, or an answer failed (then with its `query_id`)."""

    data: ErrorData


class Pong(Envelope, frozen=True, tag="pong"):
    """The answer to a ping."""

    data: PongData


ServerMessage = (
    Welcome
    | Status
    | ResponseStart
    | ResponseChunk
    | ResponseEnd
    | Resumed
    | Starters
    | Error
    | Pong
)


def encode(message: ServerMessage) -> str:
    """The text frame of a message."""
    return msgspec.json.encode(message).decode()
