"""A reader of a whole server whose model is a scripted endpoint, and what fails there."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection

from chains.models.model import Timeouts
from quart_app.serve import serving
from quart_app.services import open_services
from quart_app.settings import WebSettings
from tests.support.scripted_openai import ScriptedOpenAI, Step
from tests.support.talking import Message, ask, client, receive, send, text_of, until_end

ZMP = "What is the zero moment point?"
KEY = "sk-very-secret"
LATER = "The model cannot answer right now. Please ask again later."


@dataclass(frozen=True)
class Failure:
    """What a reader was sent of a failed answer, and what was logged."""

    messages: list[Message]
    log: str

    @property
    def error(self) -> Message:
        data: Message = self.messages[-1]["data"]
        return data


@asynccontextmanager
async def server(
    settings: WebSettings, endpoint: ScriptedOpenAI, timeouts: Timeouts | None = None
) -> AsyncIterator[str]:
    """The address of a server that answers by the endpoint, as many questions as come."""
    update = {
        "limit_questions": (),
        "model": "scripted",
        "openai_base_url": endpoint.base_url,
        "openai_api_key": SecretStr(KEY),
    }
    opening = partial(open_services, timeouts=timeouts)
    async with serving(settings.model_copy(update=update), opening) as url:
        yield url


@asynccontextmanager
async def reader(
    settings: WebSettings, endpoint: ScriptedOpenAI, timeouts: Timeouts | None = None
) -> AsyncIterator[ClientConnection]:
    """A reader of such a server."""
    async with server(settings, endpoint, timeouts) as url, client(url) as socket:
        await receive(socket)
        yield socket


async def failing(
    site: WebSettings | Sequence[WebSettings],
    caplog: pytest.LogCaptureFixture,
    *script: Step,
    timeouts: Timeouts | None = None,
) -> Failure:
    """Ask a model that plays the script; the answer fails, and the next question is heard.

    With the settings of several servers, the first is asked, and the last is where it is read.
    """
    async with ScriptedOpenAI(list(script)) as endpoint, AsyncExitStack() as stack:
        settings = [site] if isinstance(site, WebSettings) else site
        readers = [reader(each, endpoint, timeouts) for each in settings]
        sockets = [await stack.enter_async_context(each) for each in readers]
        with caplog.at_level(logging.INFO, "scholiast"):
            caplog.clear()
            messages = await _ask_and_read(sockets)
        await sockets[-1].send('{"type": "ping"}')
        assert (await receive(sockets[-1]))["type"] == "pong"
    start, error = messages[0], messages[-1]
    assert (start["type"], error["type"]) == ("response_start", "error")
    assert error["data"]["query_id"] == start["data"]["query_id"]
    assert error["data"]["client_query_id"] == "mine"
    assert endpoint.base_url not in json.dumps(messages)
    [line] = logged(caplog)
    assert start["data"]["query_id"] in line
    assert "\n" not in line
    return Failure(messages, line)


async def _ask_and_read(sockets: Sequence[ClientConnection]) -> list[Message]:
    """What the last one gets of an answer that the first one asks for."""
    first, last = sockets[0], sockets[-1]
    question = {"question": ZMP, "client_query_id": "mine"}
    await send(first, "question", question)
    if first is last:
        return await until_end(last)
    start = await receive(first)
    keys = {name: start["data"][name] for name in ("session_id", "session_token")}
    messages = await ask(last, **question, **keys)
    assert messages[-1]["data"] == (await until_end(first))[-1]["data"]
    return messages


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged that an operator sees; the key is nowhere."""
    assert KEY not in caplog.text
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("scholiast") or record.levelno >= logging.WARNING
    ]


def unavailable(failure: Failure, retry_after: int | None = None, said: str = "") -> None:
    """The reader keeps what was said, and learns that asking again may help, and when."""
    error = failure.error
    assert (error["code"], error["retryable"]) == ("SERVICE_UNAVAILABLE", True)
    assert (error["message"], error.get("retry_after")) == (LATER, retry_after)
    assert text_of(failure.messages) == said
