"""TLS handshakes that are cancelled: their connection is closed, and so is its file.

httpcore closes a connection whose handshake fails, and forgets one whose handshake is cancelled. It
stays open until the garbage collector finds it, and a reader who asks and cancels again and again
would have one opened each time.
"""

from __future__ import annotations

from typing import Any

import httpx2


async def close_when_cancelled(request: httpx2.Request) -> None:
    """A hook of HTTPX for a request: see to the connection that is opened for it.

    See https://www.encode.io/httpcore/extensions/#trace.
    """
    request.extensions = {**request.extensions, "trace": _Opening().trace}


class _Opening:
    def __init__(self) -> None:
        self._stream: Any = None

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self._stream = info["return_value"]
        elif event.endswith(".start_tls.failed") and self._stream is not None:
            await self._stream.aclose()
        elif event.endswith(".start_tls.complete"):
            self._stream = None
