"""JSON schemas of the messages: what their types say, and what is checked behind the types.

They are of draft 7, in which AsyncAPI reads schemas: nothing counts beside a ``$ref``.
"""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import Any, get_args

import msgspec

from quart_app.protocol.asyncapi.words import ERRORS, FEATURES, LIMITS, STATUSES, listed
from quart_app.protocol.bounds import (
    CHUNK_ID,
    LONGEST_QUESTION,
    LONGEST_SELECTION,
    MOST_SELECTIONS,
    SESSION_ID,
)
from quart_app.protocol.client_messages import ClientMessage
from quart_app.protocol.messages import SUBPROTOCOL, QueryId, Reason
from quart_app.protocol.server_messages import ServerMessage

Json = dict[str, Any]
REF = "#/components/schemas/{name}"
NULL = {"type": "null"}

FROM_CLIENT = get_args(ClientMessage)
FROM_SERVER = get_args(ServerMessage)
MESSAGES = (*FROM_CLIENT, *FROM_SERVER)


def schemas() -> dict[str, Json]:
    """The schema of each type, by the type's name."""
    _, found = msgspec.json.schema_components(MESSAGES, ref_template=REF)
    made = {name: _tidy(schema) for name, schema in found.items()}
    for place, rule in _rules().items():
        name, _, field = place.partition(".")
        (made[name]["properties"][field] if field else made[name]).update(rule)
    for message in FROM_CLIENT:
        made[message.__name__]["properties"]["timestamp"] = {
            "type": "string",
            "description": "The server ignores it.",
        }
    for message in FROM_SERVER:
        made[message.__name__]["required"].append("timestamp")  # its default is never left out
    return made


def type_of(message: Any) -> str:
    """The `type` on the wire of a type of message."""
    return str(message.__struct_config__.tag)


def payload(name: str) -> Json:
    """A reference to the schema of the messages of a `type`."""
    (message,) = (message for message in MESSAGES if type_of(message) == name)
    return {"$ref": REF.format(name=message.__name__)}


def _rules() -> dict[str, Json]:
    """What the types leave open, by type and field."""
    return _client_rules() | _server_rules()


def _client_rules() -> dict[str, Json]:
    """Checks that have an error code of their own."""
    session_id = {"pattern": _whole(SESSION_ID), "description": "Id of a session."}
    query_id = _tidy(msgspec.json.schema(QueryId))
    one_id = {"anyOf": [{"required": ["query_id"]}, {"required": ["client_query_id"]}]}
    selection = {"minLength": 1, "maxLength": LONGEST_SELECTION}
    return {
        "QuestionData.question": {
            "minLength": 1,
            "maxLength": LONGEST_QUESTION,
            "description": "Blanks around it do not count. A longer one is QUESTION_TOO_LONG.",
        },
        "QuestionData.context_chunks": {
            "maxItems": MOST_SELECTIONS,
            "items": {
                "anyOf": [
                    {"title": "Chunk id", "type": "string", "pattern": _whole(CHUNK_ID)},
                    {"title": "Selected text", "type": "string", **selection},
                    {"$ref": REF.format(name="SelectionData")},
                ]
            },
        },
        "QuestionData.session_id": session_id,
        "QuestionData.prompt": {"description": "A variant of the prompt that the server offers."},
        "SelectionData.text": selection,
        "CancelData": one_id,
        "CancelData.query_id": query_id,
        "ResumeData": one_id,
        "ResumeData.session_id": session_id,
        "ResumeData.query_id": query_id,
    }


def _server_rules() -> dict[str, Json]:
    """Constants, lists of names, and types of the chain, which knows nothing of the wire."""
    count = {"minimum": 0}
    return {
        "WelcomeData.protocol": {"const": SUBPROTOCOL},
        "WelcomeData.features": {
            "description": listed("What this server can do; others may come.", FEATURES.items())
        },
        "Limit.name": {"description": listed("What is limited.", LIMITS.items())},
        "StatusData.status": {
            "description": listed(
                "What is being done; others may come, and are to be ignored.", STATUSES.items()
            )
        },
        "ResponseStartData.seq": {"const": -1},
        "ErrorData.code": {"description": listed("What went wrong.", ERRORS.items())},
        "ErrorData.reason": {
            "description": listed(
                "Which limit was hit.", [(name, LIMITS[name]) for name in get_args(Reason)]
            )
        },
        "Source.index": {"minimum": 1},
        "Source.chunk_id": {"pattern": _whole(CHUNK_ID)},
        "Grounding.sentences": count,
        "Grounding.supported": count,
    }


def _whole(pattern: re.Pattern[str]) -> str:
    return f"^{pattern.pattern}$"


def _tidy(schema: Json) -> Json:
    """A schema of msgspec, without null: what has no value is left out on the wire."""
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    made = {key: _tidied(key, value) for key, value in schema.items() if value != []}
    if len(made.get("enum", ())) == 1:
        made["const"] = made.pop("enum")[0]
    if NULL in made.get("anyOf", ()):
        choices = [choice for choice in made.pop("anyOf") if choice != NULL]
        del made["default"]
        made |= choices[0] if len(choices) == 1 else {"anyOf": choices}
    return made


def _tidied(key: str, value: Any) -> Any:
    match key, value:
        case "properties", dict():
            return {name: _tidy(each) for name, each in value.items()}
        case "items", dict():
            return _tidy(value)
        case "anyOf", list():
            return [_tidy(each) for each in value]
        case "description", str():
            return re.sub(r"(?<!\n)\n(?!\n)", " ", cleandoc(value))  # paragraphs, one line each
        case "pattern", str():
            return value.replace(r"\Z", "$")  # which in ECMA 262 is the end, and only that
    return value
