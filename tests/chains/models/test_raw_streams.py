"""Streams read from their bytes: what the SDK and LangChain make of them, in fewer chunks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from langchain_core.messages import AIMessageChunk, BaseMessageChunk, HumanMessage
from openai import DefaultAsyncHttpxClient
from pydantic import SecretStr

from chains.models.completions import Completions
from chains.models.endpoint import open_endpoint
from chains.models.failures import Malformed
from chains.models.model import Timeouts
from chains.models.signs_of_life import COMMENT
from chains.models.wire.event_reader import EventReader
from chains.models.wire.raw_streams import RawCompletions
from tests.support.generated_streams import streams
from tests.support.scripted_openai import END, ScriptedOpenAI, choice, delta

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")

FAILURES = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What a malformed event raises, each as good as the other."""


class Body(httpx2.AsyncByteStream):
    """The body of an answer, in parts."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part


said: list[bytes] = []
"""The body of every answer of `model`."""
called = ["text/event-stream"]
"""What it is called."""


@cache
def model(*, is_raw: bool) -> Completions:
    """A model whose answers are read from their bytes, or as the SDK does."""
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(200, headers={"Content-Type": called[-1]}, stream=Body(said))
    )
    chat = Completions(
        model="scripted",
        base_url="http://endpoint/v1",
        api_key=SecretStr("none"),
        stream_usage=True,
        streaming=True,
        stream_chunk_timeout=None,
        max_retries=0,
        http_async_client=DefaultAsyncHttpxClient(transport=transport),
    )
    if is_raw:
        chat.async_client = RawCompletions(chat.async_client)
    return chat


OF_ANOTHER_API = "no event has a choice"


async def heard(
    parts: list[bytes], *, is_raw: bool = True
) -> tuple[list[BaseMessageChunk], object]:
    """The chunks of an answer, without comments, and how it failed."""
    said[:] = parts
    chunks: list[BaseMessageChunk] = []
    try:
        async for chunk in model(is_raw=is_raw)._astream([HumanMessage("Why?")]):
            message = chunk.message
            assert isinstance(message, BaseMessageChunk)
            message.response_metadata |= chunk.generation_info or {}
            if not message.additional_kwargs.pop(COMMENT, False):
                chunks.append(message)
    except openai.APIError as error:
        return chunks, (type(error), error.code, error.body)
    except Malformed:
        return chunks, OF_ANOTHER_API
    except FAILURES:
        return chunks, "malformed"
    return chunks, None


def joined(chunks: list[BaseMessageChunk]) -> list[dict[str, Any]]:
    """The chunks as plain data, those that only write together with those before them."""
    result: list[BaseMessageChunk] = []
    for chunk in chunks:
        if result and all(map(only_writes, (result[-1], chunk))):
            result[-1] = result[-1] + chunk
        else:
            result.append(chunk)
    return [message.model_dump() for message in result]


def only_writes(chunk: BaseMessageChunk) -> bool:
    metadata = {"model_provider": "openai"}
    is_plain = isinstance(chunk.content, str) and chunk.response_metadata == metadata
    extras: list[object] = [chunk.additional_kwargs, chunk.id]
    if isinstance(chunk, AIMessageChunk):
        extras += [chunk.usage_metadata, chunk.tool_call_chunks]
    return is_plain and not any(extras)


def is_read_alike(parts: list[bytes]) -> None:
    """Both ways make the same of a stream."""

    async def both() -> None:
        expected, failure = await heard(parts, is_raw=False)
        found, found_failure = await heard(parts)
        assert joined(found) == joined(expected)
        if found_failure != OF_ANOTHER_API:  # of which the SDK makes nothing, without a word
            assert found_failure == failure
        else:
            assert (failure, "".join(chunk.text for chunk in expected)) == (None, "")

    asyncio.run(both())


@hypothesis_settings(max_examples=200, deadline=None)
@given(streams())
def test_every_stream_is_read_as_the_sdk_reads_it(parts: list[bytes]) -> None:
    is_read_alike(parts)


@pytest.mark.slow
@pytest.mark.timeout(600)
@hypothesis_settings(max_examples=2000, deadline=None)
@given(streams())
def test_thousands_of_streams_are_read_as_the_sdk_reads_them(parts: list[bytes]) -> None:
    is_read_alike(parts)


async def test_what_comes_together_is_one_chunk() -> None:
    parts = [delta("A ") + delta("gait ") + delta("re"), delta("peats.") + END]
    chunks, failure = await heard(parts)
    assert [chunk.text for chunk in chunks] == ["A gait re", "peats.", ""]
    assert failure is None


async def test_what_comes_before_an_error_is_heard() -> None:
    parts = [delta("A ") + b'data: {"error": {"code": "overloaded"}}\n\n' + delta("gait.")]
    chunks, failure = await heard(parts)
    assert [chunk.text for chunk in chunks] == ["A "]
    assert failure == (openai.APIError, "overloaded", {"code": "overloaded"})


async def test_names_and_times_of_events_mean_nothing() -> None:
    stray = [b"event: ping\n\n", b"id: 1\n\n\n", b"retry: 5\n\n"]
    chunks, failure = await heard([*stray, delta("A gait."), END])
    assert ("".join(chunk.text for chunk in chunks), failure) == ("A gait.", None)


@pytest.mark.parametrize("before", [[], [b"\n"], [b": hello\n\n"]])
async def test_a_stream_that_is_called_json_is_read_as_what_it_is(
    monkeypatch: pytest.MonkeyPatch, before: list[bytes]
) -> None:
    monkeypatch.setitem(globals(), "called", ["application/json"])
    chunks, failure = await heard([*before, delta("A gait."), END])
    assert ("".join(chunk.text for chunk in chunks), failure) == ("A gait.", None)


async def test_a_byte_order_mark_costs_no_text() -> None:
    chunks, failure = await heard([b"\xef\xbb", b"\xbf" + delta("A gait."), END])
    assert ("".join(chunk.text for chunk in chunks), failure) == ("A gait.", None)


async def test_a_flood_of_comments_is_one_sign_of_life_for_each_read() -> None:
    said[:] = [b":\n\n" * 20_000] * 3 + [delta("A gait."), END]
    turns = 0

    async def look() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    signs = 0
    async for chunk in model(is_raw=True)._astream([HumanMessage("Why?")]):
        signs += COMMENT in chunk.message.additional_kwargs
    looking.cancel()
    assert signs == 3
    assert turns >= 3


async def test_the_request_is_the_same_as_the_sdk_sends() -> None:
    async with (
        ScriptedOpenAI([choice({"content": "Yes."}), END]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, "sk-key", Timeouts()) as chat,
    ):
        for completions in (chat.async_client, chat.root_async_client.chat.completions):
            chat.async_client = completions
            assert "".join([c.text async for c in chat.astream("Why?", max_tokens=9)]) == "Yes."
        raw, plain = endpoint.requests
        assert endpoint.connections == 1
    assert list(raw.body.items()) == list(plain.body.items())
    assert raw.body["messages"] == [{"role": "user", "content": "Why?"}]
    assert raw.headers.pop("x-stainless-raw-response") == "true"
    lengths = [request.headers.pop("x-stainless-retry-count") for request in (raw, plain)]
    assert len(set(lengths)) == 1
    assert raw.headers == plain.headers


def test_a_long_line_in_small_parts_takes_no_longer_than_in_large_ones() -> None:
    reader = EventReader()
    said = b"data: " + b"a" * 4_000_000 + b"\n\n"
    parts = [said[start : start + 1000] for start in range(0, len(said), 1000)]
    found = [data for part in parts for data in reader.read(part)]
    assert [len(data) for data in found] == [4_000_000]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_last_event_without_its_blank_line_is_read(end: bytes) -> None:
    reader = EventReader()
    assert [*reader.read(b'data: {"a": 1}' + end), *reader.end()] == [b'{"a": 1}']


def test_a_last_event_that_was_cut_is_dropped() -> None:
    reader = EventReader()
    assert [*reader.read(b'data: {"a": '), *reader.end()] == []
