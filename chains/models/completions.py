"""Chat Completions as they are read here: langchain-openai's classes, and seven things more.

A refusal is kept, which langchain-openai drops, and so are signs of life, and a finish reason
beside ``delta: null``; an error that refuses is the end of an answer, too; usage is counted once,
however often an endpoint repeats it; the limit of tokens goes into the field that the endpoint
knows; and chunks that nobody will ask for again are not kept.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, cast

import openai
from langchain_core.callbacks import AsyncCallbackManager, AsyncCallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata, add_usage, subtract_usage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config
from langchain_openai import ChatOpenAI
from langchain_openai.chat_models.base import BaseChatOpenAI
from pydantic import PrivateAttr
from typing_extensions import override

from chains.models.finish_reasons import FILTER_CODES, REFUSAL
from chains.models.signs_of_life import signs_of

OLD_LIMIT, NEW_LIMIT = "max_tokens", "max_completion_tokens"


class Completions(BaseChatOpenAI):
    """A model at any endpoint that speaks Chat Completions.

    The limit of tokens is sent as ``max_tokens``, which all such servers know. Where a model of
    OpenAI behind another address (Azure, a gateway) refuses that, it is asked again with
    ``max_completion_tokens``, and gets that from then on.
    """

    _takes_new_limit: bool = PrivateAttr(default=False)

    @override
    async def astream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[AIMessageChunk]:
        """Stream as LangChain does, which keeps all chunks to the end for its callbacks.

        Without callbacks they are let go: a hundred long answers would hold a million objects,
        and the garbage collector would stop the event loop for .4 s to look through them.
        """
        callbacks = ensure_config(config).get("callbacks")
        if AsyncCallbackManager.configure(callbacks, self.callbacks, self.verbose).handlers:
            kept = super().astream(input, config, stop=stop, **kwargs)
            async with aclosing(cast("AsyncGenerator[AIMessageChunk]", kept)) as messages:
                async for message in messages:
                    yield message
            return
        given = self._convert_input(input).to_messages()
        last: AIMessageChunk | None = None
        async with aclosing(self._astream(given, stop, **kwargs)) as chunks:
            async for chunk in chunks:
                last = cast("AIMessageChunk", chunk.message)
                last.response_metadata = {**(chunk.generation_info or {}), **last.response_metadata}
                yield last
        if last is None:
            raise ValueError("no generation chunks were returned")
        yield AIMessageChunk(content="", chunk_position="last")

    @override
    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[ChatGenerationChunk]:
        while True:
            if self._takes_new_limit and OLD_LIMIT in kwargs:
                kwargs[NEW_LIMIT] = kwargs.pop(OLD_LIMIT)
            counter = _Counter()
            stream = super()._astream(messages, stop, run_manager, **kwargs)
            try:
                async with aclosing(cast("AsyncGenerator[ChatGenerationChunk]", stream)) as chunks:
                    async for chunk in chunks:
                        counter.count(chunk.message)
                        yield chunk
                return
            except openai.APIError as error:
                if {str(error.code).casefold(), str(error.type).casefold()} & FILTER_CODES:
                    yield _filtered()
                    return
                if OLD_LIMIT not in kwargs or error.param != OLD_LIMIT:
                    raise
            self._takes_new_limit = True

    @override
    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], *arguments: Any
    ) -> ChatGenerationChunk | None:
        choices = chunk.get("choices")
        if choices and choices[0]["delta"] is None:
            chunk = {**chunk, "choices": [{**choices[0], "delta": {}}]}
        generation = super()._convert_chunk_to_generation_chunk(chunk, *arguments)
        if generation is not None:
            generation.message.additional_kwargs.update(signs_of(chunk))
        if generation is not None and choices and (refusal := _refusal(chunk["choices"][0])):
            generation.message.additional_kwargs[REFUSAL] = refusal
        return generation


class OpenAICompletions(Completions, ChatOpenAI):
    """A model of OpenAI at its own address, whose limit is always ``max_completion_tokens``."""


def _refusal(choice: dict[str, Any]) -> str:
    """What is said instead of an answer: in a field of the delta, or in parts of its content."""
    content = choice["delta"].get("content")
    parts = content if isinstance(content, list) else []
    refusing = [part for part in parts if isinstance(part, dict) and part.get("type") == REFUSAL]
    return "".join(str(said.get(REFUSAL) or "") for said in (choice["delta"], *refusing))


def _filtered() -> ChatGenerationChunk:
    reason = {"finish_reason": "content_filter"}
    return ChatGenerationChunk(message=AIMessageChunk(content=""), generation_info=reason)


class _Counter:
    """LangChain adds up what the chunks of an answer count, and some endpoints repeat the whole
    count in each: so each chunk is left with what is new since the one before."""

    def __init__(self) -> None:
        self._counted: UsageMetadata | None = None

    def count(self, message: BaseMessage) -> None:
        if isinstance(message, AIMessageChunk) and message.usage_metadata:
            new = subtract_usage(message.usage_metadata, self._counted)
            self._counted = add_usage(self._counted, new)
            message.usage_metadata = new
