"""HTTP/1, and no way from it to another version.

`Http1` takes the place of Hypercorn's `H11Protocol`; see `quart_app.door.repairs`.
"""

from __future__ import annotations

import re
from typing import Any

import h11
from hypercorn.events import Closed, Event
from hypercorn.protocol.h11 import H11Protocol, H11WSConnection
from typing_extensions import override

VERSIONS = {b"1.0", b"1.1"}
"""Those that there are. Of a later one Hypercorn would take a handshake without its key, and answer
it with 200 and frames."""
NOT_SUPPORTED = 505
"""RFC 9110, 15.6.6."""
TARGET = re.compile(rb"/.*|https?://.+|\*", re.IGNORECASE | re.DOTALL)
"""What a request may be for (RFC 9112, 3.2) except in CONNECT. Quart fails at anything else."""


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

    @override
    async def handle(self, event: Event) -> None:
        if isinstance(event, Closed):
            await super().handle(event)
            await self._let_go()
        elif not self._is_over:
            await super().handle(event)

    async def _let_go(self) -> None:
        """Wake what waits to read on: nobody else would, where a client has left in the middle of
        the answer to a request with ``Upgrade``, and its connection would stay open for good."""
        if not isinstance(self.connection, H11WSConnection):
            self._has_left = True
            self.connection = h11.Connection(h11.SERVER)  # it has nothing to read
            await self.can_read.set()

    @override
    async def _send_h11_event(self, event: Any) -> None:
        if not self._has_left:
            await super()._send_h11_event(event)

    @override
    async def _check_protocol(self, event: Any) -> None:
        """Where Hypercorn would change. An upgrade may be ignored: RFC 9110, 7.8."""

    @override
    async def _create_stream(self, request: Any) -> None:
        if bytes(request.http_version) not in VERSIONS:
            await self._refuse(NOT_SUPPORTED)
        elif not TARGET.fullmatch(request.target):
            await self._refuse(400)
        else:
            await super()._create_stream(request)

    async def _refuse(self, status: int) -> None:
        self._is_over = True
        await self._send_error_response(status)
        await self.send(Closed())
