"""The document: server, channel, messages and operations, as AsyncAPI 3.0 puts them.

The application that it describes is the server: what a client sends is received.
https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from inspect import getdoc
from typing import Any, Literal

import msgspec

from quart_app.protocol.asyncapi.examples import EXAMPLES
from quart_app.protocol.asyncapi.schemas import MESSAGES, payload, schemas, type_of
from quart_app.protocol.asyncapi.words import CHANNEL, CLOSE_CODES, HANDSHAKE_STATUSES, INFO, ORIGIN
from quart_app.protocol.messages import SUBPROTOCOL

Json = dict[str, Any]
ADDRESS = "/ws/chat"


@dataclass(frozen=True)
class Operation:
    """Messages that are received or sent together, and what they are replied with."""

    action: Literal["receive", "send"]
    summary: str
    messages: tuple[str, ...]
    reply: tuple[str, ...] = ()


ANSWER = ("status", "response_start", "response_chunk", "response_end", "error")
OPERATIONS = {
    "ask": Operation("receive", "A reader asks and gets an answer.", ("question",), ANSWER),
    "cancel": Operation(
        "receive",
        "A reader stops an answer, which ends with what it has. The only reply is a refusal.",
        ("cancel",),
        ("error",),
    ),
    "resume": Operation(
        "receive", "A client gets what it missed.", ("resume",), ("resumed", *ANSWER)
    ),
    "getStarters": Operation(
        "receive",
        "A client gets questions that a page answers well.",
        ("get_starters",),
        ("starters", "error"),
    ),
    "ping": Operation("receive", "A client checks the server.", ("ping",), ("pong", "error")),
    "greet": Operation("send", "The server says who it is, and in which session.", ("welcome",)),
    "answer": Operation("send", "The server answers a question.", ANSWER),
    "goOn": Operation("send", "The server resumes an answer, or cannot.", ("resumed",)),
    "starters": Operation("send", "The server has questions for a page.", ("starters",)),
    "pong": Operation("send", "The server is there.", ("pong",)),
}
CORRELATIONS = {
    "question": "client_query_id",
    "status": "query_id",
    "response_start": "query_id",
    "response_chunk": "query_id",
    "response_end": "query_id",
    "ping": "nonce",
    "pong": "nonce",
}
"""The field of `data` by which a client knows what belongs together."""


def text() -> str:
    """The document as it stands in docs/asyncapi.json."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


def document() -> Json:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{SUBPROTOCOL}: a book's tutor",
            "version": SUBPROTOCOL.removeprefix("chat-v"),
            "description": INFO,
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": "application/json",
        "servers": {
            "secure": _server("wss", "Everywhere."),
            "local": _server("ws", "Only where the browser is on the server's own machine."),
        },
        "channels": {"chat": _channel()},
        "operations": {name: _operation(each) for name, each in OPERATIONS.items()},
        "components": {
            "messages": {type_of(message): _message(message) for message in MESSAGES},
            "schemas": schemas(),
        },
    }


def _server(protocol: str, description: str) -> Json:
    host = {"description": "Name and port of the server.", "default": "localhost:8000"}
    return {
        "host": "{host}",
        "protocol": protocol,
        "description": description,
        "variables": {"host": host},
    }


def _channel() -> Json:
    headers = {
        "Sec-WebSocket-Protocol": {
            "type": "string",
            "const": SUBPROTOCOL,
            "description": "Selected when offered; a client that offers none is served as well.",
        },
        "Origin": {"type": "string", "description": ORIGIN},
    }
    return {
        "address": ADDRESS,
        "title": "The chat",
        "description": CHANNEL,
        "servers": [_ref("servers", name) for name in ("secure", "local")],
        "messages": {
            type_of(message): _ref("components", "messages", type_of(message))
            for message in MESSAGES
        },
        "bindings": {
            "ws": {
                "method": "GET",
                "headers": {"type": "object", "properties": headers},
                "bindingVersion": "0.1.0",
            }
        },
        "x-handshake-statuses": {str(code): words for code, words in HANDSHAKE_STATUSES.items()},
        "x-close-codes": {str(code): words for code, words in CLOSE_CODES.items()},
    }


def _message(message: Any) -> Json:
    name = type_of(message)
    made: Json = {"name": name, "title": name, "summary": getdoc(message), "payload": payload(name)}
    if name in CORRELATIONS:
        made["correlationId"] = {"location": f"$message.payload#/data/{CORRELATIONS[name]}"}
    made["examples"] = [
        {"name": example, "payload": msgspec.json.decode(msgspec.json.encode(each))}
        for example, each in EXAMPLES.items()
        if type(each) is message
    ]
    return made


def _operation(operation: Operation) -> Json:
    channel = _ref("channels", "chat")
    made: Json = {
        "action": operation.action,
        "channel": channel,
        "summary": operation.summary,
        "messages": _in_channel(operation.messages),
    }
    if operation.reply:
        made["reply"] = {"channel": channel, "messages": _in_channel(operation.reply)}
    return made


def _in_channel(names: tuple[str, ...]) -> list[Json]:
    return [_ref("channels", "chat", "messages", name) for name in names]


def _ref(*path: str) -> Json:
    return {"$ref": "#/" + "/".join(path)}
