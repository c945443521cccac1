"""Frames that break the protocol, or come in floods, cost their sender alone."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from quart_app.door.listener import read_config
from quart_app.door.stream import BURST, PACE
from quart_app.protocol.bounds import FRAME_BYTES
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import Served
from tests.support.raw_websocket import (
    BINARY,
    CLOSE,
    CONTINUATION,
    HANDSHAKE,
    PATIENCE,
    PING,
    PONG,
    TEXT,
    RawWebSocket,
    answers,
    frame,
    has_room,
    raw_client,
    text,
)

KIB, MIB = 1024, 1024 * 1024
TOO_LONG = FRAME_BYTES + KIB
A_PING = text(json.dumps({"type": "ping", "data": {}}))
MOST_MEMORY = 8 * MIB
"""What one client may cost while it does its worst."""


@contextmanager
def bounded_memory(server: Served) -> Iterator[None]:
    """The process takes no more than `MOST_MEMORY` on top of what it has, not even for a moment."""
    if sys.platform != "linux":  # only there a process knows its peak from here on
        yield
        return
    folder = Path("/proc") / str(server.process.pid)

    def read(name: str) -> int:
        lines = (folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) * KIB for line in lines if line.startswith(name))

    (folder / "clear_refs").write_text("5")  # resets the peak: proc(5)
    before = read("VmRSS")
    yield
    assert read("VmHWM") - before < MOST_MEMORY


WRONG = {
    "bad UTF-8": (1007, frame(TEXT, b"\xff")),
    "UTF-8 cut short": (1007, frame(TEXT, b"\xc3")),
    "a surrogate in UTF-8": (1007, frame(TEXT, b"\xed\xa0\x80")),
    "bad UTF-8 across fragments": (
        1007,
        frame(TEXT, b"\xc3", is_last=False) + frame(CONTINUATION, b"\x28"),
    ),
    "a bad reason to close": (1007, frame(CLOSE, struct.pack("!H", 1000) + b"\xff")),
    "binary": (1003, frame(BINARY, b"binary")),
    "empty binary": (1003, frame(BINARY)),
    "unmasked": (1002, frame(TEXT, b"{}", is_masked=False)),
    "reserved bit 1": (1002, frame(TEXT, b"{}", reserved=4)),
    "reserved bit 3": (1002, frame(TEXT, b"{}", reserved=1)),
    "an opcode that is none": (1002, frame(3, b"{}")),
    "a control opcode that is none": (1002, frame(11)),
    "a fragment of nothing": (1002, frame(CONTINUATION, b"{}")),
    "text inside of text": (1002, frame(TEXT, b"{", is_last=False) + frame(TEXT, b"}")),
    "a ping in fragments": (1002, frame(PING, is_last=False)),
    "a long ping": (1002, frame(PING, b"x" * 126)),
    "half a close code": (1002, frame(CLOSE, b"x")),
    "a close code for nobody to send": (1002, frame(CLOSE, struct.pack("!H", 1005))),
    "a length without end": (1002, frame(TEXT, length=1 << 63)),
    "a byte over the limit": (1009, frame(TEXT, b"x" * (FRAME_BYTES + 1))),
    "a KiB over it": (1009, frame(TEXT, b"x" * TOO_LONG)),
    "a KiB over it, binary": (1009, frame(BINARY, b"x" * TOO_LONG)),
    "a KiB over it in half as many characters": (1009, frame(TEXT, "é".encode() * (TOO_LONG // 2))),
    "a KiB over it in three fragments": (
        1009,
        b"".join(frame(n == 0, b"x" * (TOO_LONG // 3 + 1), is_last=n == 2) for n in range(3)),
    ),
    "a beginning of 17 MiB": (1009, frame(TEXT, b"x" * (TOO_LONG + 4 * KIB), length=17 * MIB)),
}
"""What a client may do wrong, and the code that it is sent."""


async def test_a_client_is_sent_what_is_wrong_and_is_closed(running: Served) -> None:
    async def code_of(sent: bytes) -> int:
        async with raw_client(running.url) as client:
            client.writer.write(sent)
            code, reason = await client.close()
            await client.is_dropped()
            assert re.fullmatch(r"[A-Z][^_<>]*\.", reason), reason  # a sentence, no words of Python
            return code

    codes = await asyncio.gather(*(code_of(sent) for _, sent in WRONG.values()))
    assert dict(zip(WRONG, codes, strict=True)) == {name: code for name, (code, _) in WRONG.items()}
    await answers(running.url)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(frame(TEXT, b"x" * 17 * MIB), id="at once"),
        pytest.param(
            frame(TEXT, is_last=False) + frame(CONTINUATION, b"x" * 1000, is_last=False) * 17_000,
            id="in fragments",
        ),
    ],
)
async def test_17_mib_are_not_taken_in(running: Served, sent: bytes) -> None:
    with bounded_memory(running):
        async with raw_client(running.url) as client:
            client.writer.write(sent)
            assert await client.close_code() == 1009
            await client.is_dropped()
            await answers(running.url)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(frame(TEXT, b"{", length=17 * MIB), id="17 MiB that never come"),
        pytest.param(frame(TEXT, b'{"type', is_last=False), id="a fragment that nothing follows"),
        pytest.param(
            frame(TEXT, is_last=False) + frame(CONTINUATION, is_last=False) * 100_000,
            id="fragments of nothing",
        ),
    ],
)
async def test_a_frame_that_never_ends_takes_no_memory(running: Served, sent: bytes) -> None:
    with bounded_memory(running):
        async with raw_client(running.url) as client:
            client.writer.write(sent)
            for _ in range(5):
                await answers(running.url)


async def test_exactly_the_limit_in_fragments_with_pings_between_are_a_frame(
    running: Served,
) -> None:
    message, size = A_PING[6:].ljust(FRAME_BYTES), FRAME_BYTES // 4
    parts = [message[start : start + size] for start in range(0, FRAME_BYTES, size)]
    async with raw_client(running.url) as client:
        for number, part in enumerate(parts):
            client.writer.write(frame(number == 0, part, is_last=number == 3) + frame(PING, b"p"))
        assert [await client.read() for _ in range(3)] == [(PONG, b"p")] * 3
        replies = [await client.read() for _ in range(2)]
    assert (PONG, b"p") in replies
    assert TEXT in [opcode for opcode, _ in replies]


@pytest.mark.parametrize("deep", ["[" * 60_000, '{"data":' * 8_000, '[{"a":' * 10_000])
async def test_deep_json_is_an_invalid_message_and_no_more(running: Served, deep: str) -> None:
    async with raw_client(running.url) as client:
        client.writer.write(text(deep))
        error = await client.message()
        assert error["data"]["code"] == "INVALID_MESSAGE"
        client.writer.write(A_PING)
        assert (await client.message())["type"] == "pong"


@pytest.mark.parametrize(("ping", "pong"), [(A_PING, TEXT), (frame(PING), PONG)])
async def test_a_thousand_pings_at_once_are_all_answered(
    running: Served, ping: bytes, pong: int
) -> None:
    async with raw_client(running.url) as client:
        client.writer.write(ping * 1000)
        assert {(await client.read())[0] for _ in range(1000)} == {pong}


@pytest.mark.parametrize("ping", [A_PING, frame(PING)])
async def test_a_flood_is_read_at_a_pace_and_others_are_answered_meanwhile(
    running: Served, ping: bytes
) -> None:
    loop = asyncio.get_running_loop()
    with bounded_memory(running):
        async with raw_client(running.url) as client:
            began = loop.time()
            client.writer.write(ping * 100_000)
            for _ in range(BURST + PACE):
                await client.read()
            took = loop.time() - began
            await answers(running.url)
    assert took > 0.9


async def test_a_flood_that_nobody_reads_the_answers_of_ends_in_its_own_buffers(
    running: Served,
) -> None:
    with bounded_memory(running):
        async with raw_client(running.url) as client:
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            client.writer.write(frame(PING, b"x" * 125) * 200_000)
            for _ in range(5):
                await answers(running.url)


async def test_the_end_of_a_client_is_seen_before_its_flood_is_read(example: WebSettings) -> None:
    settings = example.model_copy(update={"limit_connections": 1})
    async with serving(settings) as url:
        async with raw_client(url) as client:
            client.writer.write(frame(PING) * (BURST + 60 * PACE))
            for _ in range(BURST):
                await client.read()
        await has_room(url)


async def test_half_a_handshake_is_dropped_however_it_trickles(
    example: WebSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_config(FRAME_BYTES).keep_alive_timeout <= 5
    monkeypatch.chdir(tmp_path)
    Path("hypercorn.toml").write_text("keep_alive_timeout = 0.5\n")
    async with serving(example) as url:
        where = urlsplit(url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(HANDSHAKE[:40])
        half = RawWebSocket(reader, writer)
        await half.is_dropped(b"a")
        writer.transport.abort()
        await answers(url)


@pytest.mark.parametrize("sent", [HANDSHAKE[:40], HANDSHAKE, b""])
async def test_a_client_that_breaks_off_its_handshake_leaves_nothing_behind(
    example: WebSettings, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    settings = example.model_copy(update={"limit_connections": 1})
    async with serving(settings) as url:
        where = urlsplit(url)
        for _ in range(20):
            _, writer = await asyncio.open_connection(where.hostname, where.port)
            at_once = struct.pack("ii", 1, 0)
            peer = writer.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            writer.write(sent)
            writer.transport.abort()
        await has_room(url)
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(HANDSHAKE.replace(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b""),
                     id="no key"),
        pytest.param(HANDSHAKE.replace(b"Version: 13", b"Version: 12"), id="another version"),
        pytest.param(HANDSHAKE.replace(b"HTTP/1.1", b"HTTP/1.0"), id="HTTP/1.0"),
        pytest.param(
            HANDSHAKE[:-2] + b"Sec-WebSocket-Protocol: \xff\r\n\r\n" + frame(PING), id="no ASCII"
        ),
        pytest.param(HANDSHAKE + text('{"type": "ping"}'), id="a frame before the answer"),
    ],
)  # fmt: skip
async def test_a_handshake_that_is_wrong_holds_no_place(
    example: WebSettings, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    settings = example.model_copy(update={"limit_connections": 1})
    async with serving(settings) as url:
        where = urlsplit(url)
        for _ in range(5):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            writer.write(sent)
            async with asyncio.timeout(PATIENCE):
                await reader.read()  # the server closes its end
            writer.transport.abort()
        await has_room(url)
    bad = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert {one.name for one in bad} <= {"scholiast.door"}
    assert len(bad) <= 5
