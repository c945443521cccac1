"""Streams of Chat Completions, read from their bytes: what comes together is one chunk.

The SDK makes objects of every event, which costs five times what reading it does. Here the request
is the SDK's, with its authentication, errors and connections; the events of its answer are read as
the plain data that LangChain makes a message of. Texts of one read of the network become one chunk:
so a server that is late sends longer pieces and not later ones. An event of a shape that is not
known here is brought into the usual one (`chains.models.wire.event_shapes`) or is read as the SDK
reads it.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from time import perf_counter
from typing import Any, Self, cast

import httpx2
import openai
import orjson
from openai.resources.chat import AsyncCompletions
from openai.types.chat import ChatCompletionChunk

from chains.models.failures import Malformed
from chains.models.signs_of_life import COMMENT
from chains.models.turns import Rounds, Turn
from chains.models.wire.event_reader import COMMENT_EVENT, EventReader
from chains.models.wire.event_shapes import Shapes, count_of, is_first, is_no_reason
from chains.models.wire.half_characters import HalfCharacters

Event = dict[str, Any]
BLANKS = b" \t\r\n"
"""What may stand before a body of JSON."""

LAST_BYTES = 0.1
"""Seconds for what follows the end of the events, so that the connection can be used again."""
WAITED = 0.001
"""Seconds from which on a read has waited, so that others had their turn meanwhile."""
_DONE = b"[DONE]"
_TEXT = {"role", "content"}
"""Fields of a delta that only writes."""


class RawCompletions:
    """The SDK's Chat Completions, whose streams are RawStreams; all else is as it was."""

    def __init__(self, completions: AsyncCompletions) -> None:
        self._completions = completions
        self._rounds = Rounds()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._completions, name)

    async def create(self, **options: Any) -> Any:
        """Ask; the answer is a RawStream where `stream` is set. Raises what the SDK raises."""
        if not options.get("stream"):
            return await self._completions.create(**options)
        # The SDK would look through each message for what it has to change: 2 ms, and nothing.
        asked = {**(options.pop("extra_body", None) or {}), "messages": options.pop("messages")}
        create = self._completions.with_raw_response.create
        raw = await create(messages=[], extra_body=asked, **options)
        return RawStream(raw.http_response, self._rounds)


class RawStream:
    """The chunks of a response: plain data, or the SDK's objects where the shape is not known.

    A body of JSON, of an endpoint that does not stream, is one event.
    Closes the response at the end of the block. Raises the SDK's errors for those of the
    connection and of the stream, ValueError for what is no JSON, and Malformed at the end of events
    of which none has a choice: those of another API, such as OpenAI's Responses.
    """

    def __init__(self, response: httpx2.Response, rounds: Rounds) -> None:
        self._response = response
        self._rounds = rounds
        self._parts = response.aiter_raw()
        self._is_json = response.headers.get("content-type", "").startswith("application/json")
        self._body: list[bytes] = []
        self._events = EventReader()
        self._shapes = Shapes()
        self._halves = HalfCharacters()
        self._waiting: deque[Event | ChatCompletionChunk] = deque()
        self._failure: Exception | None = None
        self._is_over = False
        self._has_choices: bool | None = None  # nothing was said yet
        self._turn = Turn()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._parts.aclose()
        await self._response.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event | ChatCompletionChunk:
        while True:
            await self._turn.pause()  # one read may bring thousands, and more may always be there
            if self._waiting:
                return self._waiting.popleft()
            if self._failure is not None:
                raise self._failure
            if self._is_over:
                raise StopAsyncIteration
            await self._read()

    async def _read(self) -> None:
        """Wait for more, and take all that has come."""
        asked = perf_counter()
        try:
            part = await anext(self._parts, None)
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request=self._response.request) from error
        except httpx2.RequestError as error:
            raise openai.APIConnectionError(request=self._response.request) from error
        if perf_counter() - asked >= WAITED:
            await self._rounds.enter()
            self._turn.begin()
        self._is_over = part is None
        try:
            for data in self._events_in(part):
                if data.startswith(_DONE):
                    await self._drain()
                    break
                self._take(data)
            if self._is_over and self._has_choices is False:
                raise Malformed("no event has a choice")
        except Exception as error:  # noqa: BLE001 (raised after what came before it)
            self._failure = error

    def _events_in(self, part: bytes | None) -> Iterable[bytes]:
        """The data of the events that end in a part, or with the body: its last part is None."""
        if self._is_json and not self._body and part is not None:
            if not (part := part.lstrip(BLANKS)):
                return []
            self._is_json = part.startswith(b"{")  # or a stream that is only called so
        if not self._is_json:
            return self._events.end() if part is None else self._events.read(part)
        self._body.append(part or b"")
        return [b"".join(self._body)] if part is None else []

    def _take(self, data: bytes) -> None:
        last = self._waiting[-1] if self._waiting else None
        if data is COMMENT_EVENT and isinstance(last, dict) and COMMENT in last:
            return  # one read may hold tens of thousands, and the first says it all
        chunk = self._chunk(data)
        if isinstance(chunk, dict) and isinstance(last, dict) and _writes(chunk) and _writes(last):
            before, after = (event["choices"][0]["delta"] for event in (last, chunk))
            before["content"] = (before.get("content") or "") + (after.get("content") or "")
        else:
            self._waiting.append(chunk)

    def _chunk(self, data: bytes) -> Event | ChatCompletionChunk:
        is_plain = True
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError:
            event, is_plain = json.loads(data.decode()), False  # NaN, halves of characters
        if type(event) is dict and event.get("usage") is not None:
            event["usage"] = count_of(event["usage"])
        if data is not COMMENT_EVENT and type(event) is dict and event:
            self._has_choices = bool(self._has_choices) or "choices" in event
        if not _is_known(event):
            self._raise_for(event)
            event = self._shapes.usual(event)
            is_plain = is_plain and _is_known(event)
        self._shapes.note(event)
        if self._halves.waits or not is_plain:
            self._halves.join(event)
        return cast("Event", event) if is_plain else ChatCompletionChunk.construct(**event)

    def _raise_for(self, event: Any) -> None:
        """Raise what the SDK does for an error; vLLM sends one that is all of the event."""
        if type(event) is not dict:
            return
        error = event if event.get("object") == "error" else event.get("error")
        if error:
            message = error.get("message") if isinstance(error, dict) else None
            said = message if message and isinstance(message, str) else "an error in the stream"
            raise openai.APIError(message=said, request=self._response.request, body=error)

    async def _drain(self) -> None:
        self._is_over = True
        with suppress(httpx2.RequestError, TimeoutError):
            async with asyncio.timeout(LAST_BYTES):
                async for _ in self._parts:
                    pass


def _writes(event: Event) -> bool:
    """Whether a known event does nothing but write text, so that others can be joined to it."""
    if not event["choices"] or event.get("usage"):
        return False
    choice = event["choices"][0]
    if choice.get("finish_reason") or choice.get("logprobs"):
        return False
    return not any(value for name, value in choice["delta"].items() if name not in _TEXT)


def _is_known(event: Any) -> bool:
    """Whether LangChain makes the same of this event as of the SDK's object."""
    if type(event) is not dict or event.get("error") or "type" in event or "chunk" in event:
        return False
    choices = event.get("choices")
    if type(choices) is not list or len(choices) > 1:
        return False
    return not choices or _is_known_choice(choices[0])


def _is_known_choice(choice: Any) -> bool:
    if type(choice) is not dict or choice.get("logprobs") or "message" in choice:
        return False
    delta, reason = choice.get("delta"), choice.get("finish_reason")
    if type(delta) is not dict or "text" in delta:
        return False
    if not (reason is None or type(reason) is str):
        return False
    if is_no_reason(reason) or not is_first(choice):
        return False
    content, role = delta.get("content"), delta.get("role")
    return (
        (content is None or type(content) is str)
        and (role is None or role == "assistant")
        and not (delta.get("tool_calls") or delta.get("function_call") or delta.get("id"))
    )
