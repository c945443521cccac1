"""A model's answer while it is generated: how long it may take, and what is asked once more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from math import ceil
from typing import Any, cast

from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.runnables import RunnableConfig

from chains.errors import ServiceUnavailable
from chains.models.failures import (
    BrokenOff,
    Malformed,
    NoAnswer,
    TooSlow,
    describe,
    may_pass,
    retry_after,
)
from chains.models.finish_reasons import REFUSAL, ending_of
from chains.models.model import Model
from chains.models.patience import Patience

log = logging.getLogger("scholiast.model")

PAUSE = 0.5
"""Seconds before the second attempt, where the endpoint names none."""
LONGEST_PAUSE = 10.0
"""Seconds; for a longer pause nobody waits: the reader learns when to ask again."""
LAST_WORDS = 2.0
"""Seconds for what follows the end of the text: the count of tokens is worth no longer wait."""


async def generate(
    model: Model,
    messages: Sequence[BaseMessage],
    config: RunnableConfig,
    options: Mapping[str, Any],
) -> AsyncGenerator[AIMessageChunk]:
    """The chunks of the model's answer, which ends with a finish reason that means an ending.

    A failure that may pass, before the first text, is tried once more, after the pause that the
    endpoint asks for. Both attempts share the seconds of `model.timeouts.first`: so no reader
    waits longer than that for a first sign of the model, and one that was silent, or thought, for
    all of it is not asked again, where it would only work twice.

    Raises ServiceUnavailable where the model fails, falls silent, breaks off, calls a tool or
    sends what is no text. Leaving it, or a cancellation, closes the request.
    """
    failures: tuple[type[Exception], ...] = (*model.errors, TimeoutError, BrokenOff, NoAnswer)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + model.timeouts.first
    first_failure: Exception | None = None
    while True:
        begun = False
        try:
            async with aclosing(_attempt(model, messages, config, options, deadline)) as chunks:
                async for chunk in chunks:
                    if not begun and (chunk.text or _ends(chunk)):
                        begun = True
                        _report(first_failure)
                    yield chunk
            return
        except failures as error:
            pause = None if begun or first_failure else _pause(error)
            if pause is None or loop.time() + pause >= deadline:
                raise _unavailable(error) from error
            first_failure = error
        await asyncio.sleep(pause)


async def _attempt(
    model: Model,
    messages: Sequence[BaseMessage],
    config: RunnableConfig,
    options: Mapping[str, Any],
    deadline: float,
) -> AsyncGenerator[AIMessageChunk]:
    """One request. Text and signs of life extend the deadline: no role or empty delta does. A
    refusal ends the answer like a finish reason."""
    failures: tuple[type[Exception], ...] = (*model.errors, TimeoutError)
    now = asyncio.get_running_loop().time
    patience = Patience(model.timeouts, deadline)
    ended = has_text = False
    stream = model.chat.astream(list(messages), config, **options)
    async with aclosing(cast("AsyncGenerator[AIMessageChunk]", stream)) as chunks:
        while True:
            try:
                chunk = await _within(patience, chunks)
                _check(chunk)
            except StopAsyncIteration:
                break
            except failures:
                if ended:
                    return  # the text is whole; only its count of tokens is missing
                raise
            yield chunk
            has_text = has_text or bool(chunk.text)
            if ended:
                continue  # whatever comes now, it has to come soon
            if _ends(chunk):
                _warn_of_thoughts(chunk, has_text)
                ended = True
                patience.deadline = now() + LAST_WORDS
            else:
                patience.hear(chunk, now())
    if not ended:
        raise BrokenOff


async def _within(patience: Patience, chunks: AsyncGenerator[AIMessageChunk]) -> AIMessageChunk:
    limit = asyncio.timeout_at(patience.deadline)
    try:
        async with limit:
            return await anext(chunks)
    except TimeoutError:
        if limit.expired():
            raise TooSlow(patience.setting) from None
        raise
    finally:
        del limit  # it holds the task, and a task that was cancelled holds this frame


def _report(first_failure: Exception | None) -> None:
    """Log a failure after which the second attempt succeeded, since it cost the reader time."""
    if first_failure is not None:
        log.info("asked the model a second time: %s", describe(first_failure))


def _reason(chunk: AIMessageChunk) -> object:
    return chunk.response_metadata.get("finish_reason")


def _ends(chunk: AIMessageChunk) -> bool:
    return _reason(chunk) is not None or REFUSAL in chunk.additional_kwargs


def _warn_of_thoughts(chunk: AIMessageChunk, has_text: bool) -> None:
    if not has_text and ending_of(_reason(chunk)) == "truncated":
        log.warning(
            "the model reached its limit of tokens before its first word; a model that thinks "
            "needs more: raise SCHOLIAST_MAX_TOKENS, or max_tokens in the prompt's front matter"
        )


def _check(chunk: object) -> None:
    """Raise for another role, which the parsers miss, and for what is no answer:
    a call of a tool, and a finish reason that means none."""
    if not isinstance(chunk, AIMessageChunk):
        raise Malformed
    if chunk.tool_call_chunks or "function_call" in chunk.additional_kwargs:
        raise NoAnswer("tool_calls")
    reason = _reason(chunk)
    if reason is not None and ending_of(reason) is None:
        raise NoAnswer(reason)


def _pause(error: Exception) -> float | None:
    """Seconds until the second attempt; None where there is to be none."""
    if not may_pass(error):
        return None
    asked = retry_after(error)
    pause = PAUSE if asked is None else asked
    return pause if pause <= LONGEST_PAUSE else None


def _unavailable(error: Exception) -> ServiceUnavailable:
    seconds = retry_after(error)
    later = None if seconds is None else max(1, ceil(seconds))
    return ServiceUnavailable("model", describe(error), retry_after=later)
