"""A chat model without a language model: it answers with the sources' own sentences."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from typing_extensions import override

from chains.models.quotes.evidence import EVIDENCE, Evidence
from chains.models.quotes.quotation import quote

MAX_WORDS = 120
NO_EVIDENCE = (
    "I can only quote from the sources of a book, and none came with this message. "
    "Connect a language model to talk about anything else."
)
HELD_BACK = (
    "What the book has on this is the solution of an exercise. Try it first, and ask for the "
    "solution to see it."
)
NO_SENTENCES = "{section} covers this, but has no sentence that can be quoted; see there [1]."


class QuotingChatModel(BaseChatModel):
    """Answers with sentences of the Evidence on the last HumanMessage, each with its ``[n]``.

    Call options: `max_words` (120) bounds the quotation, `lead_in` is a line put in front of it,
    `lead_in_unsure` another one where it is not sure that the quotation answers; `{section}` in
    them is the heading that the quotation begins with. Others, such as `temperature`, are accepted
    and have no effect. Each chunk is a sentence, a block of code or a row of a table; usage counts
    words, since there are no tokens.

    >>> import asyncio
    >>> asyncio.run(QuotingChatModel().ainvoke("Hello")).text[:43]
    'I can only quote from the sources of a book'
    """

    @property
    def _llm_type(self) -> str:
        return "quotes"

    @override
    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        name = kwargs.get("model", "quotes")
        return params | LangSmithParams(ls_provider="scholiast", ls_model_name=name)

    @override
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        from langchain_core.language_models.chat_models import generate_from_stream

        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    @override
    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in _chunks(messages, stop, **kwargs):
            if run_manager is not None:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    @override
    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(messages, stop, **kwargs):
            if run_manager is not None:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk
            await asyncio.sleep(0)  # lets the socket send this sentence before the next is chosen


def _chunks(
    messages: Sequence[BaseMessage],
    stop: list[str] | None = None,
    lead_in: str = "",
    lead_in_unsure: str = "",
    max_words: int | None = None,
    **_: Any,
) -> Iterator[ChatGenerationChunk]:
    """The answer as chunks; the last one is empty and carries usage and finish reason."""
    written = 0
    for piece in _until(stop, _answer(messages, max_words or MAX_WORDS, lead_in, lead_in_unsure)):
        written += len(piece.split())
        yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
    read = sum(len(message.text.split()) for message in messages)
    end = AIMessageChunk(
        content="",
        chunk_position="last",
        response_metadata={"finish_reason": "stop", "model_name": "quotes"},
        usage_metadata=UsageMetadata(
            input_tokens=read, output_tokens=written, total_tokens=read + written
        ),
    )
    yield ChatGenerationChunk(message=end)


def _answer(
    messages: Sequence[BaseMessage], max_words: int, lead_in: str, lead_in_unsure: str
) -> Iterator[str]:
    evidence = _evidence(messages)
    if evidence is None or not (evidence.sources or evidence.quiz or evidence.held_back):
        yield NO_EVIDENCE
        return
    if evidence.quiz or not evidence.sources:
        yield evidence.quiz or HELD_BACK
        return
    pieces = quote(evidence, max_words, lead_in, lead_in_unsure)
    first = next(pieces, None)
    if first is None:
        section = evidence.sources[0].section
        yield NO_SENTENCES.format(section=f"The section “{section[-1]}”" if section else "The book")
        return
    yield first
    yield from pieces


def _evidence(messages: Sequence[BaseMessage]) -> Evidence | None:
    last = next((m for m in reversed(messages) if isinstance(m, HumanMessage)), None)
    found = last.additional_kwargs.get(EVIDENCE) if last is not None else None
    return found if isinstance(found, Evidence) else None


def _until(stop: list[str] | None, pieces: Iterator[str]) -> Iterator[str]:
    """The pieces up to the first stop word, which may not straddle two of them."""
    for piece in pieces:
        ends = [piece.index(word) for word in stop or () if word in piece]
        yield piece[: min(ends)] if ends else piece
        if ends:
            return
