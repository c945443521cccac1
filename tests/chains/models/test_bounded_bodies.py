"""What an endpoint sends is bounded, whether it is a stream of events or the body of an error."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import httpx2
import pytest

from chains.models.bounded_bodies import LARGEST, bound_body
from chains.models.failures import Malformed

MEGABYTE = b"a" * 1_000_000
SENT = 20


class Body(httpx2.AsyncByteStream):
    """Megabytes, each with the same end; `taken` counts those that were asked for."""

    def __init__(self, end: bytes) -> None:
        self.taken = 0
        self._end = end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(SENT):
            self.taken += 1
            yield MEGABYTE
            for place in range(len(self._end)):
                yield self._end[place : place + 1]


async def read(status: int, body: Body, headers: dict[str, str] | None = None) -> int:
    """Read such a response, of which nothing is kept; how many bytes it has."""
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(status, headers=headers, stream=body)
    )
    hooks = {"response": [bound_body]}
    async with (
        httpx2.AsyncClient(transport=transport, event_hooks=hooks) as client,
        client.stream("GET", "http://model") as response,
    ):
        return sum([len(part) async for part in response.aiter_bytes()])


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r"])
async def test_a_stream_may_have_any_number_of_events(end: bytes) -> None:
    assert await read(200, Body(end)) == SENT * (len(MEGABYTE) + len(end))


@pytest.mark.parametrize(("status", "end"), [(200, b""), (200, b"\ndata: "), (500, b"\n\n")])
async def test_an_event_and_the_body_of_an_error_have_a_greatest_size(
    status: int, end: bytes
) -> None:
    body = Body(end)
    with pytest.raises(Malformed):
        await read(status, body)
    assert body.taken == LARGEST // len(MEGABYTE) + (not end)


async def test_what_is_packed_is_refused_before_any_of_it_is_read() -> None:
    body = Body(gzip.compress(MEGABYTE))
    with pytest.raises(Malformed):
        await read(200, body, {"Content-Encoding": "gzip"})
    assert body.taken == 0
