"""HTTP/1, and no way from it to another version.

`Http1` takes the place of Hypercorn's `H11Protocol`; see `quart_app.door.repairs`.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import Any

import h11
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.events import Response, StreamClosed
from hypercorn.protocol.h11 import H11Protocol, H11WSConnection
from hypercorn.protocol.http_stream import HTTPStream
from typing_extensions import override

from chains.models.turns import Rounds
from quart_app.door.connection import UNREAD, current_connection
from quart_app.door.inbox import drop_waiting
from quart_app.door.refusals import Refusal, body_of, log_refusal
from quart_app.door.wording.malformed import what_is_wrong

VERSIONS = {b"1.0", b"1.1"}
"""Those that there are. Of a later one Hypercorn would take a handshake without its key, and answer
it with 200 and frames."""
NOT_SUPPORTED = Refusal(
    505,  # RFC 9110, 15.6.6
    "There is no such version of HTTP here.",
    "A proxy must speak HTTP/1.1 to this server (in nginx: `proxy_http_version 1.1;`).",
)
NO_ADDRESS = Refusal(
    400, "The request names no address.", "No browser and no proxy sends such requests."
)
TWO_LENGTHS = Refusal(
    400,
    "The request has both Content-Length and Transfer-Encoding.",
    "A proxy must send one of them: where two servers read different ones, a request can hide in "
    "the body of another.",
)
LEAVING = Rounds()
"""Of clients that leave together, as where a proxy ends, a few in each round of the event loop."""
HEAD = b"HEAD "
"""How a request begins whose answer has no body."""
LENGTHS = {b"content-length", b"transfer-encoding"}
TARGET = re.compile(rb"/.*|https?://.+|\*", re.IGNORECASE | re.DOTALL)
"""What a request may be for (RFC 9112, 3.2) except in CONNECT. Quart fails at anything else."""


class BodyStream(HTTPStream):
    """A request and its answer; of its body nobody has to take anything."""

    @override
    async def handle(self, event: Any) -> None:
        if isinstance(event, StreamClosed) and not self.closed:
            # The app that has just answered puts the end behind what it did not take.
            drop_waiting(self.app_put)
        await super().handle(event)


class Http1(H11Protocol):
    """Answers HTTP/1 alone.

    Hypercorn changes to HTTP/2 for every client that asks: by ``Upgrade: h2c``, or by the preface
    of HTTP/2. A proxy that passes such an upgrade on does not see the requests inside, so it
    neither refuses a path nor writes the X-Forwarded-* that are believed because they come from it.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._is_over = False
        self._has_left = False
        self._wants_body = True
        self._start = b""

    @override
    async def handle(self, event: Event) -> None:
        if isinstance(event, Closed):
            await LEAVING.enter()
            await super().handle(event)
            await self._let_go()
        elif isinstance(event, RawData) and current_connection().skips(event.data):
            pass
        elif not self._is_over:
            if isinstance(event, RawData) and self.connection.their_state is h11.IDLE:
                self._start = (self._start + event.data)[: len(HEAD)]
            await super().handle(event)

    async def _let_go(self) -> None:
        """Wake what waits to read on: nobody else would, where a client has left in the middle of
        the answer to a request with ``Upgrade``, and its connection would stay open for good."""
        if not isinstance(self.connection, H11WSConnection):
            self._has_left = True
            self.connection = h11.Connection(h11.SERVER)  # it has nothing to read
            await self.can_read.set()

    @override
    async def stream_send(self, event: Any) -> None:
        if isinstance(event, Response) and self.connection.their_state in UNREAD:
            # What else comes of the body is thrown away, and so would be a request behind it.
            event = replace(event, headers=[*event.headers, (b"connection", b"close")])
        await super().stream_send(event)

    @override
    async def _send_h11_event(self, event: Any) -> None:
        if self._has_left:
            return
        try:
            await super()._send_h11_event(event)
        except h11.LocalProtocolError:
            # The app has given up in the middle of an answer, since the client reads nothing of
            # it. Hypercorn would begin another answer, of 500, inside of that one.
            current_connection().abort()

    @override
    async def _send_error_response(self, status_code: int) -> None:
        """Hypercorn's answer to what h11 cannot read, while it handles h11's error."""
        refusal = what_is_wrong(sys.exception(), self.connection.trailing_data[0])
        if self.connection.our_state is h11.IDLE:  # nobody has read of which method it is
            self._wants_body = self._start != HEAD
        await self._answer(refusal, [])

    @override
    async def _check_protocol(self, event: Any) -> None:
        """Where Hypercorn would change. An upgrade may be ignored: RFC 9110, 7.8."""
        self._wants_body, self._start = event.method != b"HEAD", b""

    @override
    async def _create_stream(self, request: Any) -> None:
        if bytes(request.http_version) not in VERSIONS:
            await self._refuse(NOT_SUPPORTED, request)
        elif not TARGET.fullmatch(request.target):
            await self._refuse(NO_ADDRESS, request)
        elif {name for name, _ in request.headers} >= LENGTHS:  # RFC 9112, 6.1
            await self._refuse(TWO_LENGTHS, request)
        else:
            await super()._create_stream(request)

    async def _refuse(self, refusal: Refusal, request: h11.Request) -> None:
        self._is_over = True
        await self._answer(refusal, list(request.headers))
        await self.send(Closed())

    async def _answer(self, refusal: Refusal, headers: list[tuple[bytes, bytes]]) -> None:
        scheme = "https" if self.ssl else "http"
        scope = {"type": "http", "scheme": scheme, "headers": headers, "client": self.client}
        log_refusal(refusal, scope)
        own, body = body_of(refusal, scope)
        rest = [(b"connection", b"close"), *self.config.response_headers("h11")]
        await self._send_h11_event(h11.Response(status_code=refusal.status, headers=[*own, *rest]))
        if self._wants_body:
            await self._send_h11_event(h11.Data(data=body))
        await self._send_h11_event(h11.EndOfMessage())
