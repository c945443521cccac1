"""What an endpoint sends is bounded before anything of it is kept.

The SDK keeps an event of a stream until its end, and the whole body of an error. So an endpoint
that sends one line without an end, or a few kilobytes that unpack to gigabytes, would fill memory
within the time that its first word may take.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import cast

import httpx2

from chains.models.failures import Malformed

LARGEST = 8_000_000
"""Bytes of an event, or of the body of an error. A megabyte of text has six as ``\\uXXXX``."""
PLAIN = {"Accept-Encoding": "identity"}
"""Headers of a request whose answer is to come as it is: packed, its size would not be known."""
_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")
_LONGEST_END = 4


async def bound_body(response: httpx2.Response) -> None:
    """Bound the body of a response; a hook of HTTPX, called before any of it is read.

    Raises Malformed for one that is packed, and later, while it is read, where it is too large.
    """
    if response.headers.get("content-encoding", "identity").strip().casefold() != "identity":
        raise Malformed
    stream = cast("httpx2.AsyncByteStream", response.stream)
    response.stream = _Bounded(stream, has_events=response.is_success)


class _Bounded(httpx2.AsyncByteStream):
    """The same bytes, as long as no event in them is too large; without events, not all of them."""

    def __init__(self, stream: httpx2.AsyncByteStream, *, has_events: bool) -> None:
        self._stream = stream
        self._has_events = has_events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size, tail = 0, b""
        parts = cast("AsyncGenerator[bytes]", aiter(self._stream))
        async with aclosing(parts):
            async for part in parts:
                seen = tail + part
                end = max(map(seen.rfind, _ENDS)) if self._has_events else -1
                size = size + len(part) if end < 0 else len(seen) - end
                tail = seen[1 - _LONGEST_END :]
                if size > LARGEST:
                    raise Malformed
                yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
