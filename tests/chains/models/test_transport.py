"""The way of a stream's bytes: what comes while nobody reads is read at once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from openai import OpenAIError

from chains.models import turns
from chains.models.endpoint import open_endpoint
from chains.models.model import Timeouts
from chains.models.transport import transport
from tests.support.scripted_openai import ScriptedOpenAI

WORDS = [f"word{number} " for number in range(300)]


async def test_words_that_came_while_the_server_was_late_are_a_few_chunks() -> None:
    goes_on, is_sent = asyncio.Event(), asyncio.Event()

    class Endpoint(ScriptedOpenAI):
        async def _answer(self, *arguments: object) -> bool:
            is_more = await super()._answer(*arguments)  # type: ignore[arg-type]
            is_sent.set()
            return is_more

    async with (
        Endpoint(["First ", goes_on, *WORDS]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
    ):
        texts = []
        async for chunk in chat.astream("Why?"):
            if not goes_on.is_set() and chunk.text:
                goes_on.set()
                await is_sent.wait()
            texts.append(chunk.text)
    assert "".join(texts) == "First " + "".join(WORDS)
    assert len(texts) < 20


async def test_words_of_many_streams_are_one_chunk_in_each_beat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "FEW", 0)
    monkeypatch.setattr(turns, "SHARE", 0.5)
    monkeypatch.setattr(turns, "LONGEST_BEAT", 0.5)
    words = "".join(WORDS)
    goes_on = asyncio.Event()
    async with (
        ScriptedOpenAI(["First ", goes_on, *WORDS]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
    ):
        texts = []
        async for chunk in chat.astream("Why?"):
            goes_on.set()
            texts += [chunk.text] if chunk.text else []
    assert "".join(texts) == "First " + words
    assert len(texts) <= 3  # they were a few dozen: of what each packet brought


async def test_a_connection_serves_one_question_after_another() -> None:
    async with (
        ScriptedOpenAI(["Because."]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
    ):
        for _ in range(3):
            assert (await chat.ainvoke("Why?")).text == "Because."
        assert (len(endpoint.requests), endpoint.connections) == (3, 1)


async def test_a_question_on_a_connection_that_the_server_just_closed_is_sent_anew() -> None:
    class Endpoint(ScriptedOpenAI):
        """Closes a connection when the second question comes on it."""

        async def _answer(self, request: Any, reader: Any, writer: Any) -> bool:
            is_second, writer.is_second = getattr(writer, "is_second", False), True
            return not is_second and await super()._answer(request, reader, writer)

    async with (
        Endpoint(["Because."]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
    ):
        for _ in range(3):
            assert (await chat.ainvoke("Why?")).text == "Because."
        assert (len(endpoint.requests), endpoint.connections) == (3, 3)


async def test_a_question_on_a_new_connection_that_the_server_closes_is_not_sent_anew() -> None:
    class Endpoint(ScriptedOpenAI):
        async def _answer(self, *_arguments: object) -> bool:
            return False

    async with (
        Endpoint([]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
    ):
        with pytest.raises(OpenAIError):
            await chat.ainvoke("Why?")
        assert endpoint.connections == 1


async def test_a_proxy_of_the_environment_is_asked_by_httpx(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:1")
    assert transport(trust_env=True, keep_alive=1) is None
    assert isinstance(transport(trust_env=False, keep_alive=1), httpx2.AsyncBaseTransport)
