"""What the document says of codes, limits and features, for which there is no docstring."""

from __future__ import annotations

from collections.abc import Iterable

from quart_app.protocol.messages import ErrorCode, LimitName

INFO = """\
A reader asks about a book, with or without a selection, and gets an answer that cites \
its sources, piece by piece, over one websocket.

- Every message is a text frame with one JSON object: `type`, `data`, `timestamp`. A receiver \
ignores fields that it does not know; a field without a value is left out. A client ignores \
messages of a `type` that it does not know: others may come.
- Lengths count Unicode code points, those of questions and selected text without the blanks \
around them. A message nests at most 32 levels deep.
- A question that is accepted gets one `response_start`, chunks, and exactly one ending: \
`response_end`, or an `error` with its `query_id`. What fails before its sources are found has \
the `error` alone. A message that is refused gets one `error` without a `query_id`.
- An accepted question may wait for its turn: `status` says so, before anything else of its \
answer. A model may think before its first word: `status` says so, after `response_start`.
- `seq` counts the deltas of an answer from 0. A frame bears the number of the last one in it; \
deltas that wait together share a frame.
- An answer goes on for `resume_window_s` without its connection. `resume` brings every delta \
after `last_seq`, none twice, then those to come; `content_sha256` is of the whole text.
- A `client_query_id` never runs twice in its session: a question that is sent again follows \
the first run.
- Answers cite as `[1]`, the `index` of a source. A number without a source is never sent.
"""

CHANNEL = """\
Everything goes over this one socket. It starts with a `welcome`. One answer at a time is on its \
way; pings and `cancel` are read meanwhile. The socket stays open after an error, except where \
`x-close-codes` says otherwise; `x-handshake-statuses` has the HTTP answers that it may get \
in place of a handshake.
"""

ORIGIN = "The server's own, or one that its settings allow; a missing one is let in by default."

ERRORS: dict[ErrorCode, str] = {
    "INVALID_MESSAGE": "It is not a message of this protocol, or a field, named in `param`, is "
    "missing or wrong.",
    "QUESTION_TOO_LONG": "The question has too many characters.",
    "CONTEXT_NOT_FOUND": "A chunk id of the question is not, or no longer, in the index.",
    "CONTENT_NOT_FOUND": "The book does not cover this; `suggestions` has the nearest sections.",
    "INVALID_SESSION": "The session id does not have the form of one.",
    "RATE_LIMIT_EXCEEDED": "A limit was reached: `reason` says which, `retry_after` how long to "
    "wait. Retryable.",
    "SERVICE_UNAVAILABLE": "Model, embeddings or index cannot answer in time, too many questions "
    "wait, or the server restarts. Retryable.",
    "INTERNAL_ERROR": "A bug. The message has an id that is also in the server's log.",
}

LIMITS: dict[LimitName, str] = {
    "minute": "questions a minute",
    "hour": "questions an hour",
    "day": "questions a day",
    "sessions": "sessions that an address may begin in an hour",
    "all_minute": "questions of all readers together in a minute",
    "all_hour": "the same in an hour",
    "all_day": "the same in a day, which is one of UTC",
    "tokens": "tokens of the model, of all readers together, in a day of UTC",
    "concurrent": "answers at a time on a connection",
    "messages": "messages of a connection, not counting pings",
    "connections": "connections of an address at a time",
    "idle_s": "seconds without a message, not counting pings, after which a connection is closed",
    "frame_bytes": "bytes of a message",
    "question_length": "characters of a question",
    "selections": "selections of a question",
    "selection_length": "characters of a selection",
}

STATUSES = {
    "waiting": "the question waits for its turn; `ahead` is how many come before it",
    "thinking": "the model thinks before its first word",
}

FEATURES = {
    "text_selection": "questions may come with selected text and chunk ids",
    "streaming": "answers come piece by piece",
    "source_citation": "answers cite sources, which are sent with them",
    "cancel": "answers can be stopped",
    "resume": "answers can be resumed after a lost connection",
    "follow_up": "questions are understood from the turns before",
    "books": "questions that name one of several books",
    "starters": "questions that a page answers well, for a `get_starters`",
    "resume_anywhere": "answers can be resumed and cancelled at other servers of the book, too",
}

HANDSHAKE_STATUSES = {
    400: "Only unknown subprotocols are offered, a header is missing, or the Host is no name.",
    403: "The Origin is not allowed, or the server takes secure connections only.",
    404: "There is no book of the name that the address says; the text names those there are.",
    421: "The server does not answer for this Host.",
    426: "The request is no handshake, as when a proxy does not pass websockets on.",
    429: "Too many connections are open from this address; try again after Retry-After.",
    431: "The address or the headers of the handshake are too long.",
    501: "The handshake has a Transfer-Encoding other than chunked.",
    503: "The server is full or restarting; try again after Retry-After.",
    505: "The request is of another version of HTTP than 1.0 and 1.1.",
}

CLOSE_CODES = {
    1002: "A frame breaks the websocket protocol.",
    1003: "A frame is binary.",
    1007: "A text frame is not UTF-8.",
    1009: "A message has more than `frame_bytes`.",
    1011: "A bug in the server.",
    1012: "The server is restarting: connect again.",
    1013: "Too many long messages are coming in at one time: connect again later.",
    4000: "Ten messages in a row were INVALID_MESSAGE.",
    4102: "The client did not read its frames: connect again and resume.",
    4200: "This connection has used all its messages.",
    4201: "No message except pings came for too long.",
}


def listed(introduction: str, words: Iterable[tuple[str, str]]) -> str:
    """A Markdown list of names and what they mean."""
    return "\n".join([introduction, "", *(f"- `{name}`: {text}" for name, text in words)])
