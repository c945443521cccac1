"""chat-v1: the types of the fields that its messages are made of.

An envelope is ``{"type", "data", "timestamp"}``. What a client sends is a `ClientMessage`, what
it gets a `ServerMessage`; both are unions tagged by ``type``. docs/protocol.md explains the
fields and rules.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chains.book_names import LONGEST as LONGEST_BOOK
from quart_app.protocol.bounds import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_TOKEN

SUBPROTOCOL = "chat-v1"
FEATURES = (
    "text_selection",
    "streaming",
    "source_citation",
    "cancel",
    "resume",
    "follow_up",
    "starters",
    "books",
)
"""What this server can do, as its welcome says."""
RESUME_ANYWHERE = "resume_anywhere"
"""What it can do beside, while it shares answers with others."""

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
Reason = Literal[
    "minute",
    "hour",
    "day",
    "all_minute",
    "all_hour",
    "all_day",
    "tokens",
    "concurrent",
    "messages",
]
Name = Annotated[str, Meta(pattern=rf"^[A-Za-z0-9_-]{{1,{LONGEST_NAME}}}\Z")]
BookName = Annotated[
    str,
    Meta(max_length=LONGEST_BOOK, description="Which book of several; without it, the default."),
]
Address = Annotated[str, Meta(max_length=LONGEST_ADDRESS)]
Token = Annotated[
    str, Meta(max_length=LONGEST_TOKEN, description="Opens a session; opaque to clients.")
]
SessionId = Annotated[str, Meta(pattern=r"^session_[0-9a-f]{32}\Z", description="Id of a session.")]
QueryId = Annotated[str, Meta(pattern=r"^query_[0-9a-f]{32}\Z", description="Id of an answer.")]
Nonce = Annotated[str, Meta(max_length=LONGEST_NAME)]
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
    "all_minute",
    "all_hour",
    "all_day",
    "tokens",
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
