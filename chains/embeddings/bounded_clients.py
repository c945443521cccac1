"""HTTP clients for an endpoint of embeddings: what it sends is bounded before it is kept.

The SDK's own would keep an answer of any size, unpack a few kilobytes to gigabytes, and send texts
on to whatever address the endpoint names. `chains.models.bounded_bodies` is the same for streams.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import httpx2
from openai._base_client import AsyncHttpxClientWrapper, SyncHttpxClientWrapper
from typing_extensions import override

from chains.tls_handshakes import close_when_cancelled

LARGEST_OF_QUESTION = 1_000_000
"""Bytes of an answer while the server answers: one vector, of which 10,000 numbers take 250 kB."""
LARGEST_OF_BOOK = 100_000_000
"""Bytes of an answer while a book is ingested: 16 chunks, of which each has some 50 sentences."""
PLAIN = {"Accept-Encoding": "identity"}
"""Packed, the size of an answer would not be known."""


class NotBounded(ValueError):
    """The endpoint sent more than a vector can have, or a packed answer though none was asked
    for."""


def bounded_clients() -> dict[str, Any]:
    """The options of `OpenAIEmbeddings` for its two clients.

    The asynchronous one is to be closed in its loop; the other one is with its last reference.

    Where an answer is not bounded, a request of theirs fails with NotBounded.
    """
    options: dict[str, Any] = {"follow_redirects": False, "headers": PLAIN}
    return {
        "http_client": SyncHttpxClientWrapper(event_hooks={"response": [_bound]}, **options),
        "http_async_client": AsyncHttpxClientWrapper(
            event_hooks={"request": [close_when_cancelled], "response": [_bound_async]}, **options
        ),
    }


def _bound(response: httpx2.Response) -> None:
    _refuse_packed(response)
    response.stream = _Bounded(cast("httpx2.SyncByteStream", response.stream))


async def _bound_async(response: httpx2.Response) -> None:
    _refuse_packed(response)
    response.stream = _BoundedAsync(cast("httpx2.AsyncByteStream", response.stream))


def _refuse_packed(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity").strip().casefold() != "identity":
        raise NotBounded


class _Bounded(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream

    @override
    def __iter__(self) -> Iterator[bytes]:
        left = LARGEST_OF_BOOK
        for part in self._stream:
            left -= len(part)
            if left < 0:
                raise NotBounded
            yield part

    @override
    def close(self) -> None:
        self._stream.close()


class _BoundedAsync(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = LARGEST_OF_QUESTION
        async for part in self._stream:
            left -= len(part)
            if left < 0:
                raise NotBounded
            yield part

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()
