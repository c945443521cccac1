"""Bodies that come in while nobody takes them from the queue of the app."""

from __future__ import annotations

import asyncio

import pytest

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.faults.test_early_answers import line_to
from tests.faults.test_odd_requests import until_none_is_open
from tests.support.raw_websocket import PATIENCE

HEAD = b"GET %s HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK, LAST = b"1\r\nx\r\n", b"0\r\n\r\n"
UNREAD = {b"/": b"other.example", b"/mcp": b"localhost"}
"""Requests that are refused before anybody reads their bodies: by their Host, by their method."""
LENGTHS = (9, 10, 11, 200, 3000)
"""Chunks: Hypercorn puts each into the queue of the app, which has ten places."""


@pytest.mark.parametrize("end", [LAST, b""], ids=["whole", "without an end"])
async def test_a_refused_request_of_many_small_pieces_holds_no_place(
    example: WebSettings, end: bytes
) -> None:
    async with serving(example.model_copy(update={"mcp": True})) as url:
        for path, host in UNREAD.items():
            for length in LENGTHS:
                async with line_to(url) as (reader, writer), asyncio.timeout(PATIENCE):
                    writer.write(HEAD % (path, host) + length * CHUNK + end)
                    said = await reader.readuntil(b"\r\n\r\n")
                assert said.startswith((b"HTTP/1.1 421 ", b"HTTP/1.1 405 ")), (path, length)
        async with asyncio.timeout(PATIENCE):
            await until_none_is_open()
