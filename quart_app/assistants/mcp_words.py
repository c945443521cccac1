"""What assistants are told of an error, in place of the words of the SDK and of pydantic.

Those name classes and types of Python and repeat what was sent. The codes of JSON-RPC, by which a
client decides what to do, stay as they are, and so does `data` that has a structure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from quart_app.door.inbox import Send
from quart_app.door.refusals import Refusal, body_of

NO_MESSAGE = (
    "This is not one message of JSON-RPC 2.0: an object with `jsonrpc`, `method` and `id`, and "
    "with `params`, an object, where the method takes any. Several at once are not taken."
)
NO_META = (
    "With this MCP-Protocol-Version, `params._meta` has to hold "
    "`io.modelcontextprotocol/protocolVersion` and `io.modelcontextprotocol/clientCapabilities`."
)
BY_CODE = {
    -32700: "The body is not valid JSON in UTF-8.",
    -32600: NO_MESSAGE,
    -32601: "There is no such method here; tools/list and tools/call are.",
    -32602: "The `params` are not those of this method. tools/call takes `name`, a string, and "
    "`arguments`, an object.",
    -32603: "Something went wrong on the server; its log says what.",
    -32020: "The headers and the message contradict each other, or a header stands twice.",
    -32022: "This version of MCP is not spoken here.",
}
BY_STATUS = {
    400: "Send `Content-Type: application/json`.",
    406: "The answer is JSON; send `Accept: application/json, text/event-stream`.",
    413: "A request has at most 64 KB.",
}
NOT_ANSWERED = "This request cannot be answered."
BY_TYPE = {
    "missing": "is missing",
    "string_type": "has to be a string",
    "string_too_short": "is empty",
    "string_too_long": "has to have at most {max_length} characters",
    "greater_than_equal": "has to be {ge} or more",
    "extra_forbidden": "is no argument of this tool",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "has to be a whole number"),
}
"""By the types of pydantic's errors."""


def what_is_wrong_with(error: ValidationError) -> str:
    """What is wrong with the arguments of a tool, without what was sent."""
    return "; ".join(map(_problem, error.errors()))[:500] + "."


def _problem(one: Mapping[str, Any]) -> str:
    said = BY_TYPE.get(one["type"], "has a value that it cannot have")
    name = ".".join(map(str, one["loc"])) or "arguments"
    return f"`{name[:60]}` {said.format(**one.get('ctx', {}))}"


def in_our_words(scope: Any, send: Send) -> Send:
    """Sends a response of the SDK, an error with the words above. Such a response is held until
    it is whole, as are all in JSON."""
    held: Any = None
    body = b""

    async def answer(event: Any) -> None:
        nonlocal held, body
        if event["type"] == "http.response.start" and (_is_json(event) or event["status"] >= 400):
            held = event
        elif held is None:
            await send(event)
        else:
            body += event.get("body", b"")
            if not event.get("more_body"):
                start, said = _reworded(held, body, scope)
                await send(start)
                await send({**event, "body": said})

    return answer


def _is_json(start: Any) -> bool:
    return any(value.startswith(b"application/json") for _, value in start["headers"])


def _reworded(start: Any, body: bytes, scope: Any) -> tuple[Any, bytes]:
    message = json.loads(body) if body and _is_json(start) else {}
    if "error" in message:
        body = json.dumps(message | {"error": _own(message["error"], start["status"])}).encode()
        own = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    elif start["status"] >= 400:
        said = BY_STATUS.get(start["status"], NOT_ANSWERED)
        own, body = body_of(Refusal(start["status"], said, ""), scope)
    else:
        return start, body
    others = [one for one in start["headers"] if not one[0].lower().startswith(b"content-")]
    return {**start, "headers": [*others, *own]}, body


def _own(error: Mapping[str, Any], status: int) -> dict[str, Any]:
    code, said = error["code"], error["message"]
    if status == 406:
        words = BY_STATUS[status]
    elif said.startswith("params._meta "):
        words = NO_META
    elif said.startswith("Validation error"):
        words = NO_MESSAGE
    else:
        words = BY_CODE.get(code, NOT_ANSWERED)
    kept = {"data": error["data"]} if isinstance(error.get("data"), dict) else {}
    return {"code": code, "message": words, **kept}
