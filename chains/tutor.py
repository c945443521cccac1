"""From a question to its cited answer, as one LangChain Runnable.

The chain has an `astream` of its own rather than being composed with ``|``: an output parser
would cost a thread hop a chunk, eight times the model's own streaming. Callbacks and config pass
through all the same, so a tracer sees chain, retriever, prompt and model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, cast

from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from typing_extensions import override

from chains.draft import Draft
from chains.errors import ServiceUnavailable
from chains.events import Answer, Delta, Event, Finish, PromptVersion, Sources
from chains.grounding import ground
from chains.inputs import evidence, prompt_inputs
from chains.models import Model, describe
from chains.passages import Passage
from chains.prompts import Prompt
from chains.question import Question
from chains.relevance import require_relevant
from chains.retriever import BookRetriever
from chains.tracing import traced

RETRIEVAL_TIMEOUT = 10.0
"""Seconds for embedding the question and searching the index."""


class TutorChain(Runnable[Question, Any]):
    """Answers questions about the book.

    `astream` yields one Sources, then Deltas, then one Finish; `ainvoke` returns the same as
    one Answer. Raises ContextNotFound, ContentNotFound and ServiceUnavailable.
    """

    def __init__(self, retriever: BookRetriever, prompt: Prompt, model: Model) -> None:
        self.retriever = retriever
        self.prompt = prompt
        self.model = model

    @override
    async def astream(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Event]:
        inputs: dict[str, object] = {"question": input.text, "page": input.page}
        async with traced(self.get_name(), inputs, config) as (config, run):
            passages = await self._retrieve(input, config)
            sources = tuple(passage.source(index) for index, passage in enumerate(passages, 1))
            yield Sources(sources)
            messages = await self._render(input, passages, config)
            draft = Draft(sources, sum(len(message.text) for message in messages))
            async with aclosing(self._generate(messages, config)) as chunks:
                async for chunk in chunks:
                    for delta in draft.write(chunk):
                        yield delta
            for delta in draft.end():
                yield delta
            finish = self._finish(draft, passages)
        try:
            yield finish
        finally:  # who leaves here has the whole answer
            await run.on_chain_end({"answer": draft.text})

    @override
    async def ainvoke(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Answer:
        events = [event async for event in self.astream(input, config, **kwargs)]
        return Answer(
            text="".join(event.content for event in events if isinstance(event, Delta)),
            sources=next(event.sources for event in events if isinstance(event, Sources)),
            finish=next(event for event in events if isinstance(event, Finish)),
        )

    @override
    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        raise NotImplementedError("TutorChain is asynchronous: use ainvoke or astream.")

    async def warm(self) -> None:
        """Do once what the first question would otherwise wait for; asks no model anything."""
        await self.retriever.ainvoke("What is this book about?")

    async def _retrieve(self, question: Question, config: RunnableConfig) -> list[Passage]:
        try:
            async with asyncio.timeout(RETRIEVAL_TIMEOUT):
                found = await self.retriever.ainvoke(
                    question.search_text, config, question=question
                )
        except TimeoutError:
            reason = f"no result within {RETRIEVAL_TIMEOUT:.0f} s"
            raise ServiceUnavailable("index", reason) from None
        passages = cast("list[Passage]", found)
        require_relevant(question, passages)
        return passages[: self.model.sources]

    async def _render(
        self, question: Question, passages: Sequence[Passage], config: RunnableConfig
    ) -> list[BaseMessage]:
        async def render(inputs: dict[str, Any]) -> list[BaseMessage]:
            return self.prompt.messages(inputs, question.history)

        prompt = RunnableLambda(render, name=f"prompt {self.prompt.name}")
        inputs = prompt_inputs(question, passages)
        messages: list[BaseMessage] = await prompt.ainvoke(inputs, config)
        messages[-1].additional_kwargs["evidence"] = evidence(question, passages)
        return messages

    async def _generate(
        self, messages: list[BaseMessage], config: RunnableConfig
    ) -> AsyncGenerator[AIMessageChunk]:
        """The model's chunks; an end that the model did not announce is a failure."""
        finished = False
        stream = self.model.chat.astream(messages, config, **self.model.options(self.prompt))
        try:
            async with aclosing(cast("AsyncGenerator[AIMessageChunk]", stream)) as chunks:
                async for chunk in chunks:
                    finished = finished or "finish_reason" in chunk.response_metadata
                    yield chunk
        except self.model.errors as error:
            raise ServiceUnavailable("model", describe(error)) from error
        if not finished:
            raise ServiceUnavailable("model", "its answer broke off")

    def _finish(self, draft: Draft, passages: Sequence[Passage]) -> Finish:
        tokens, estimated = draft.tokens
        return Finish(
            status="truncated" if draft.finish_reason == "length" else "completed",
            total_tokens=tokens,
            tokens_estimated=estimated,
            sources_used=len(draft.cited),
            grounding=ground(draft.text, [passage.page_content for passage in passages]),
            prompt=PromptVersion(self.prompt.name, self.prompt.version),
            model=self.model.label,
            index_version=passages[0].book.version,
        )
