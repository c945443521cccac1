"""Why a request or a handshake is refused, and the line of the log that says so.

Anybody can be refused again and again, so the log does not repeat itself about it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from quart_app.door.arrival import JSON, Arrival, wants_json
from quart_app.door.inbox import Send
from quart_app.door.root_path import local_path

log = logging.getLogger("scholiast.door")

PAUSE = 1.0
"""Seconds between two lines of one kind."""
LONGEST = 200
"""Characters of a header that are logged."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason to refuse; each is made once, not for each request."""

    status: int
    """The HTTP status."""
    message: str
    """For the one who is refused."""
    advice: str
    """For the operator: what to do, or the setting that would help."""
    retry_after: int | None = None
    """In how many seconds to try again."""


BAD_HANDSHAKE = Refusal(
    400,
    "This is no handshake of a websocket.",
    "A proxy must pass on `Connection: upgrade`, `Upgrade: websocket` and the Sec-WebSocket headers"
    " over HTTP/1.1.",
)


class RareLines:
    """At most one line of a kind in `PAUSE`. Kinds are kept for good, so they must be few."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._kinds: dict[Hashable, tuple[float, int]] = {}
        """The time of the next line, and how many were left out since the last."""

    def due(self, kind: Hashable) -> str | None:
        """What to put behind a line that may be written now: how many like it were left out.

        None where it has to be left out, too.

        >>> lines = RareLines(lambda: 0.0)
        >>> lines.due("full"), lines.due("full"), lines.due("empty")
        ('', None, '')
        """
        now = self._clock()
        next_line, left_out = self._kinds.get(kind, (now, 0))
        is_due = now >= next_line
        self._kinds[kind] = (now + PAUSE, 0) if is_due else (next_line, left_out + 1)
        if not is_due:
            return None
        return f"; {left_out} more like it since the last line" if left_out else ""

    def forget(self) -> None:
        """Let the next line of every kind be written."""
        self._kinds.clear()


LINES = RareLines()
"""Those of this process."""


def log_refusal(refusal: Refusal, scope: Any) -> None:
    """What arrived with `scope`, of ASGI, is refused: write a line, unless one was just written."""
    if (others := LINES.due(refusal)) is None:
        return
    arrival = Arrival.of(scope)
    log.warning(
        "refused a %s with %d: %s %s [Origin: %s, Host: %s, scheme: %s, address: %s%s]",
        "socket" if scope["type"] == "websocket" else "request",
        refusal.status,
        refusal.message,
        refusal.advice,
        _quoted(arrival.origin),
        _quoted(arrival.host or None),
        arrival.scheme,
        arrival.address,
        others,
    )


async def refuse(
    refusal: Refusal, scope: Any, send: Send, count: Callable[[int], None] | None = None
) -> None:
    """Answer a request or a handshake with the refusal, before any application, and log it.

    `count` gets the status of a handshake.
    """
    log_refusal(refusal, scope)
    if count is not None and scope["type"] == "websocket":
        count(refusal.status)
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    headers, body = body_of(refusal, scope)
    await send({"type": f"{kind}.start", "status": refusal.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body, "more_body": False})


def body_of(refusal: Refusal, scope: Any) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """The body for the one who is refused, and the headers that say what it is."""
    accept = b",".join(value for name, value in scope["headers"] if name.lower() == b"accept")
    path = local_path(scope) if "path" in scope else ""
    if wants_json(path, accept.decode("latin-1")):
        kind, body = JSON.encode(), json.dumps({"error": refusal.message}).encode()
    else:
        kind, body = b"text/plain; charset=utf-8", f"{refusal.message}\n".encode()
    return [(b"content-type", kind), (b"content-length", b"%d" % len(body))], body


def _quoted(header: str | None) -> str:
    """In ASCII without control characters, so that no header can look like a line of the log."""
    if header is None:
        return "none"
    return ascii(header[:LONGEST]) + "…" * (len(header) > LONGEST)
