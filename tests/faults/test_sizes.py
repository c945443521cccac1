"""What the protocol allows fits into a frame, however it is written; what is beyond is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from chains.answering.draft import LONGEST_ANSWER
from chains.book_names import LONGEST as LONGEST_BOOK
from quart_app.door import stream
from quart_app.protocol.bounds import (
    FRAME_BYTES,
    LONGEST_ADDRESS,
    LONGEST_MESSAGE,
    LONGEST_NAME,
    LONGEST_QUESTION,
    LONGEST_SELECTION,
    LONGEST_TOKEN,
    MOST_SELECTIONS,
)
from quart_app.protocol.client_messages import QuestionData, SelectionData
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.raw_websocket import (
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    answers,
    frame,
    raw_client,
)
from tests.support.scripted_openai import END, ScriptedOpenAI, delta
from tests.support.talking import ask, client, receive, text_of
from tests.support.upstream import ZMP, reader

ASTRAL = "🦿"
KIB = 1024


def longest() -> dict[str, Any]:
    """The data of a question of which every field is as long as it may be."""
    address = ASTRAL * LONGEST_ADDRESS
    selection = {"text": ASTRAL * LONGEST_SELECTION, "page": address, "anchor": address}
    data = {
        "question": ASTRAL * LONGEST_QUESTION,
        "context_chunks": [selection] * MOST_SELECTIONS,
        "session_id": f"session_{'0' * 32}",
        "session_token": ASTRAL * LONGEST_TOKEN,
        "client_query_id": "q" * LONGEST_NAME,
        "page": address,
        "prompt": "p" * LONGEST_NAME,
        "book": ASTRAL * LONGEST_BOOK,
    }
    assert data.keys() == set(QuestionData.__struct_fields__)
    assert selection.keys() == set(SelectionData.__struct_fields__)
    return data


def escaped(value: Any) -> str:
    """JSON in which each character of a name or a text is written as ``\\uXXXX``."""
    match value:
        case dict():
            pairs = (f"{escaped(name)}:{escaped(one)}" for name, one in value.items())
            return f"{{{','.join(pairs)}}}"
        case list():
            return f"[{','.join(map(escaped, value))}]"
        case str():
            units = value.encode("utf-16-be").hex()
            parts = (units[at : at + 4] for at in range(0, len(units), 4))
            return '"' + "".join(rf"\u{unit}" for unit in parts) + '"'
    raise TypeError(value)


async def answer_to(socket: ClientConnection, data: dict[str, Any], write: Any) -> dict[str, Any]:
    """The last message about a question."""
    await socket.send(write({"type": "question", "data": data}))
    while (message := await receive(socket))["type"] not in ("response_end", "error"):
        pass
    last: dict[str, Any] = message["data"]
    return last


def plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def test_the_longest_question_leaves_a_fifth_of_a_frame() -> None:
    size = len(escaped({"type": "question", "data": longest(), "timestamp": "t" * 100}))
    assert LONGEST_MESSAGE - 4 * KIB < size <= LONGEST_MESSAGE
    assert LONGEST_MESSAGE * 6 / 5 <= FRAME_BYTES


@pytest.mark.parametrize("write", [escaped, plain, json.dumps])
async def test_the_longest_question_is_taken(
    example: WebSettings, write: Callable[[Any], str]
) -> None:
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        last = await answer_to(socket, longest() | {"prompt": "answer", "book": ""}, write)
    assert "query_id" in last, last  # it was accepted, though the book does not cover it


async def test_what_is_a_little_too_long_is_refused_by_a_message(example: WebSettings) -> None:
    whole = longest() | {"prompt": "answer", "book": ""}
    selection = whole["context_chunks"][0]
    longer = {
        "question": ASTRAL * (LONGEST_QUESTION + 1),
        "context_chunks": [
            *whole["context_chunks"][1:],
            selection | {"text": ASTRAL * (LONGEST_SELECTION + 1)},
        ],
        "page": ASTRAL * (LONGEST_ADDRESS + 1),
        "session_token": ASTRAL * (LONGEST_TOKEN + 1),
        "client_query_id": "q" * (LONGEST_NAME + 1),
    }
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        for name, value in longer.items():
            error = await answer_to(socket, whole | {name: value}, escaped)
            assert (error["code"][:8], error["param"]) in (
                ("INVALID_", name),
                ("QUESTION", name),
            )
        one_more = whole | {"context_chunks": [selection] * (MOST_SELECTIONS + 1)}
        error = await answer_to(socket, one_more, escaped)
    assert error["message"] == "There are 6 selections; at most 5 may come."


async def test_long_messages_share_room_while_they_are_not_whole(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "SHARED", 600 * KIB)
    ping = json.dumps({"type": "ping"}).ljust(400 * KIB).encode()
    begun = frame(TEXT, ping[:-1], is_last=False) + frame(PING)
    async with (
        serving(example) as url,
        raw_client(url) as first,
        raw_client(url) as second,
        raw_client(url) as third,
    ):
        first.writer.write(begun)
        assert await first.read() == (PONG, b"")
        second.writer.write(begun)
        assert await second.close_code() == 1013
        await answers(url)
        first.writer.write(frame(CONTINUATION, ping[-1:]))
        assert (await first.message())["type"] == "pong"
        first.writer.write(begun + frame(CLOSE, b"\x03\xe8"))
        assert await first.close_code() == 1000
        third.writer.write(frame(TEXT, ping))
        assert (await third.message())["type"] == "pong"
    assert stream.ByteBuffer.shared == 0


async def test_no_frame_of_the_server_is_longer_than_a_mebibyte(example: WebSettings) -> None:
    """A client in Python or a proxy takes so much, if nobody has told it otherwise."""
    async with (
        ScriptedOpenAI([delta("\x01" * LONGEST_ANSWER), END]) as endpoint,
        reader(example, endpoint) as socket,
    ):
        assert len(text_of(await ask(socket, ZMP))) == LONGEST_ANSWER
