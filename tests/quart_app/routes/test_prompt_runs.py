"""/ws/prompts: who may open it, and what answers there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from quart_rate_limiter import RateLimit
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from chains.prompts.prompt_file import FOLDER, LONGEST_FILE
from quart_app.answers.rates import parse_rates
from quart_app.authors.token import read_token
from quart_app.routes.authoring import prompt_runs
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.talking import Message, ask, client, receive, send, text_of

ANSWER = (FOLDER / "answer.md").read_text(encoding="utf-8")
SHORT = ANSWER.replace('lead_in: "From “{section}”:"', 'lead_in: "A draft says:"')
ZMP = "What is the zero moment point?"


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncIterator[ClientConnection]:
    """A socket on which nothing was sent yet."""
    async with connect(url.replace("http", "ws", 1) + "ws/prompts", **options) as socket:
        yield socket


async def opened(socket: ClientConnection, settings: WebSettings, **data: Any) -> Message:
    """Send the first message with the right token, and get what comes for it."""
    token = read_token(settings.data)
    await send(socket, "open", {"token": token, "prompt": "answer", **data})
    return await receive(socket)


async def refused(socket: ClientConnection, frame: str) -> dict[str, Any]:
    """The error for a first message, behind which the socket is closed."""
    await socket.send(frame)
    error = await receive(socket)
    assert error["type"] == "error"
    with pytest.raises(ConnectionClosed):
        await receive(socket)
    assert socket.close_code == 1008
    data: dict[str, Any] = error["data"]
    return data


async def test_the_file_and_a_draft_answer_each_on_a_socket_of_its_own(
    example: WebSettings,
) -> None:
    one_a_day = example.model_copy(update={"limit_questions": parse_rates("1/day")})
    async with serving(one_a_day) as url:
        async with connected(url) as saved, connected(url) as draft:
            assert (await opened(saved, example))["type"] == "welcome"
            assert (await opened(draft, example, text=SHORT))["type"] == "welcome"
            left, right = await ask(saved, ZMP), await ask(draft, ZMP)
            again = await ask(draft, ZMP)  # limits of readers do not count here
        assert left[-1]["data"]["prompt"]["version"] != right[-1]["data"]["prompt"]["version"]
        assert text_of(right).startswith("A draft says:")
        assert not text_of(left).startswith("A draft says:")
        assert again[-1]["type"] == "response_end"
        async with client(url) as reader:  # no reader ever gets a draft
            await receive(reader)
            assert not text_of(await ask(reader, ZMP)).startswith("A draft says:")


async def test_what_does_not_open_the_socket_is_told_why_and_closes_it(
    example: WebSettings,
) -> None:
    token = read_token(example.data)
    cases = [
        ({"token": "wrong", "prompt": "answer"}, "token", "ingest.token"),
        ({"token": "", "prompt": "none"}, "token", "ingest.token"),
        ({"token": token, "prompt": "none"}, "text", "there is no prompt “none”"),
        ({"token": token, "prompt": "condense"}, "text", "answers no questions"),
        ({"token": token, "prompt": "answer", "text": "system:"}, "text", "line 1: no front"),
        ({"token": token}, "type", "of the type “open”"),
    ]
    async with serving(example) as url:
        for data, param, said in cases:
            async with connected(url) as socket:
                error = await refused(socket, json.dumps({"type": "open", "data": data}))
            assert error["code"] == "INVALID_MESSAGE"
            assert error["param"] == param
            assert said in error["message"]
        question = {"type": "question", "data": {"question": ZMP}}
        for frame in (json.dumps(question), "{", "[" * 5000):
            async with connected(url) as socket:
                assert (await refused(socket, frame))["param"] == "type"


async def test_the_longest_draft_fits_as_utf_8_and_1009_says_so_where_it_is_escaped(
    example: WebSettings,
) -> None:
    room = LONGEST_FILE - len(SHORT.encode()) - len("{##}")
    draft = f"{SHORT}{{#{'я' * (room // 2)}#}}"
    async with serving(example) as url:
        data = {"token": read_token(example.data), "prompt": "answer", "text": draft}
        message = {"type": "open", "data": data}
        async with connected(url) as socket:
            await socket.send(json.dumps(message, ensure_ascii=False))
            assert (await receive(socket))["type"] == "welcome"
        async with connected(url) as socket:
            await socket.send(json.dumps(message))
            with pytest.raises(ConnectionClosed) as closed:
                await receive(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    assert "UTF-8" in closed.value.rcvd.reason


async def test_only_origins_that_may_open_the_readers_socket_may_open_this_one(
    example: WebSettings,
) -> None:
    async with serving(example) as url:
        with pytest.raises(InvalidStatus) as caught:
            async with connected(url, origin=Origin("https://elsewhere.example")):
                pass
        assert caught.value.response.status_code == 403
        async with connected(url, origin=Origin(url.rstrip("/"))) as socket:
            assert (await opened(socket, example))["type"] == "welcome"


async def test_an_answer_ends_with_its_socket_and_another_can_be_run(
    example: WebSettings,
) -> None:
    async with serving(example) as url:
        for _ in range(12):  # more than may be open at a time
            async with connected(url) as socket:
                await opened(socket, example)
                await send(socket, "question", {"question": ZMP})
        async with AsyncExitStack() as sockets:
            welcomes = 0
            for _ in range(100):  # the last of the twelve may still be closing
                socket = await sockets.enter_async_context(connected(url))
                message = await opened(socket, example)
                if welcomes == 10:
                    break
                welcomes += message["type"] == "welcome"
            assert message["type"] == "error"
            assert message["data"]["retry_after"] == 5


async def test_who_opens_too_many_sockets_in_a_minute_is_refused_before_the_handshake(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt_runs, "LOOKS", RateLimit(2, timedelta(minutes=1)))
    guess = json.dumps({"type": "open", "data": {"token": "a guess", "prompt": "answer"}})
    async with serving(example) as url:
        for _ in range(2):
            async with connected(url) as socket:
                await refused(socket, guess)
        with pytest.raises(InvalidStatus) as caught:
            async with connected(url):
                pass
        assert caught.value.response.status_code == 429
