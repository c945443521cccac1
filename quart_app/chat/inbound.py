"""What a client sent, checked and made into the types of the chain."""

from __future__ import annotations

import re
from typing import get_args
from unicodedata import normalize
from uuid import UUID

import msgspec
import numpy as np
import regex

from chains.question import Question, Selection
from chains.wrong_fields import in_plain_words
from quart_app.protocol.bounds import (
    CHUNK_ID,
    DEEPEST,
    FORM_OF_A_NAME,
    LONGEST_QUESTION,
    LONGEST_SELECTION,
    MOST_SELECTIONS,
    SESSION_ID,
)
from quart_app.protocol.client_messages import ClientMessage, QuestionData, SelectionData
from quart_app.protocol.messages import ErrorCode, Reason

FIELDS = [re.compile(p) for p in (r"`\$\.data\.(\w+)", r"required field `(\w+)`", r"`\$\.(\w+)")]
"""How a message of msgspec names a field; within one of `data`, that one counts."""
STEPS = bytes.maketrans(b"[]{}", b"\1\xff\1\xff")
"""A step into what nests, and one out of it: 1 and −1 as numbers of a byte."""
NO_BRACKETS = bytes({*range(256)} - {*b"[]{}"})
NOTHING_SEEN = regex.compile(r"[\p{Z}\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u2800]*", regex.V1)
"""A text without a character that shows: blanks, controls, marks alone, what joins others."""
DECODER = msgspec.json.Decoder(ClientMessage)
TYPES = ", ".join(str(one.__struct_config__.tag) for one in get_args(ClientMessage))
WANTED = {
    "type": f"one of {TYPES}",
    **dict.fromkeys(("query_id", "client_query_id", "prompt"), FORM_OF_A_NAME),
}
"""What fields have to be whose values have a form or are a choice."""


class Refused(Exception):
    """A message that is not accepted: the error `code`, and the field `param` at fault.

    With `retry_after`, in seconds, the same message may be accepted later; `reason` says which
    limit it ran into; `client_query_id` is that of a refused question.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        param: str | None = None,
        *,
        reason: Reason | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.param = param
        self.reason = reason
        self.retry_after = retry_after
        self.client_query_id: str | None = None
        super().__init__(message)


def parse(frame: str) -> ClientMessage:
    """The message in a text frame. Raises Refused."""
    if _is_too_deep(frame):
        raise Refused("INVALID_MESSAGE", f"The message nests deeper than {DEEPEST} levels.")
    try:
        message: ClientMessage = DECODER.decode(frame)
    except msgspec.ValidationError as error:
        raise Refused(
            "INVALID_MESSAGE", in_plain_words(error, WANTED), _field(str(error))
        ) from None
    except msgspec.DecodeError:
        raise Refused("INVALID_MESSAGE", "The message is not valid JSON.") from None
    return message


def question(data: QuestionData) -> Question:
    """The question of a message, trimmed, composed (NFC) and within the protocol's lengths.

    Raises Refused.
    """
    text = normalize("NFC", data.question.strip())
    if NOTHING_SEEN.fullmatch(text):
        raise Refused("INVALID_MESSAGE", "The question is empty.", "question")
    if len(text) > LONGEST_QUESTION:
        raise Refused(
            "QUESTION_TOO_LONG",
            f"The question has {len(text)} characters; at most {LONGEST_QUESTION} are allowed.",
            "question",
        )
    if len(data.context_chunks) > MOST_SELECTIONS:
        raise Refused(
            "INVALID_MESSAGE",
            f"There are {len(data.context_chunks)} selections; at most {MOST_SELECTIONS} may come.",
            "context_chunks",
        )
    if data.session_id is not None:
        check_session_id(data.session_id)
    selections = tuple(map(_selection, data.context_chunks))
    return Question(text, selections, data.page, prompt=data.prompt)


def check_session_id(given: str) -> None:
    """Check the form of a session id. Raises Refused."""
    if not SESSION_ID.fullmatch(given):
        raise Refused(
            "INVALID_SESSION", "A session id is `session_` and 32 hexadecimal digits.", "session_id"
        )


def _selection(given: str | SelectionData) -> Selection:
    if isinstance(given, str):
        if chunk_id := CHUNK_ID.fullmatch(given):
            return Selection(chunk_id=str(UUID(chunk_id[1])))
        given = SelectionData(given)
    text = given.text.strip()
    if NOTHING_SEEN.fullmatch(text):
        raise Refused("INVALID_MESSAGE", "A selection is empty.", "context_chunks")
    if len(text) > LONGEST_SELECTION:
        raise Refused(
            "INVALID_MESSAGE",
            f"A selection has {len(text)} characters; at most {LONGEST_SELECTION} are allowed.",
            "context_chunks",
        )
    return Selection(text, page=given.page, anchor=given.anchor)


def _is_too_deep(frame: str) -> bool:
    """Whether brackets nest deeper than they may, outside of strings.

    None is looked at by itself: half a megabyte of them would hold the event loop for 60 ms.
    """
    if frame.count("[") + frame.count("{") <= DEEPEST:
        return False
    outside = frame.replace("\\\\", "").replace('\\"', "").split('"')[::2]
    steps = "".join(outside).encode(errors="replace").translate(STEPS, NO_BRACKETS)
    return bool(np.frombuffer(steps, np.int8).cumsum(dtype=np.int32).max(initial=0) > DEEPEST)


def _field(problem: str) -> str | None:
    """The field that a message of msgspec speaks of, as in "- at `$.data.question`"."""
    found = (pattern.search(problem) for pattern in FIELDS)
    return next((match[1] for match in found if match), None)
