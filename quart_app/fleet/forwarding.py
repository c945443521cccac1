"""Requests for the one worker that does them: an ASGI layer, and what takes them at its other end.

Ingestions run in the first worker, which owns the index; a client reaches whichever accepts its
connection. What stands before the app (names, limits of addresses, TLS) is passed where the
request came in.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

from quart_app.door.inbox import App, Receive, Send
from quart_app.door.root_path import BOOK, local_path
from quart_app.fleet.neighbours import Call, Neighbours, NotThere, Reply

PATHS = ("/api/ingest", "/api/restore")
KEYS = (
    "type", "http_version", "method", "scheme", "path", "raw_path", "query_string", "root_path",
    "headers", "client", "server", BOOK,
)  # fmt: skip
"""What of an ASGI scope is passed on."""
AWAY = "The worker that has the index is starting again. Ask again in a few seconds."


class Forwarding:
    """Sends what is below `PATHS` to the first worker, and everything else to the app."""

    def __init__(self, app: App, neighbours: Neighbours, longest: int) -> None:
        self._app = app
        self._neighbours = neighbours
        self._longest = longest

    def __call__(self, scope: Any, receive: Receive, send: Send) -> Awaitable[None]:
        """The ASGI application."""
        is_ours = scope["type"] != "http" or not local_path(scope).startswith(PATHS)
        return self._app(scope, receive, send) if is_ours else self._forward(scope, receive, send)

    async def _forward(self, scope: Any, receive: Receive, send: Send) -> None:
        body = b""
        while len(body) <= self._longest:  # what is longer the app refuses by its length
            event = await receive()
            if event["type"] != "http.request":
                return
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        passed = {key: scope[key] for key in KEYS if key in scope}
        try:
            reply = await self._neighbours.ask(1, Call(passed, body))
        except NotThere:
            said = json.dumps({"error": AWAY}).encode()
            headers = [(b"content-type", b"application/json"), (b"retry-after", b"5")]
            reply = Reply(said, 503, headers)
        await send(
            {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        )
        await send({"type": "http.response.body", "body": reply.body})


async def call(app: App, request: Call) -> Reply:
    """What the app answers to a request of another worker."""
    reply = Reply(b"")
    sent = False

    async def receive() -> Any:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(event: Any) -> None:
        if event["type"] == "http.response.start":
            reply.status = event["status"]
            reply.headers = [(bytes(name), bytes(value)) for name, value in event["headers"]]
        elif event["type"] == "http.response.body":
            reply.body += event.get("body", b"")

    scope = {"asgi": {"version": "3.0"}, **request.scope}
    scope["headers"] = [tuple(header) for header in scope["headers"]]
    await app(scope, receive, send)
    return reply
