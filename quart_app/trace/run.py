"""A run of the chain, as its callbacks report it: condensing, search, gate, calls of the model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.documents import Document
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from msgspec.structs import replace
from typing_extensions import override

from chains.errors import ScholiastError
from chains.models.failures import describe
from quart_app.trace.record import Call, Candidate, Condensed, Gate, Message, Retrieval

OPTIONS = ("temperature", "max_tokens", "max_completion_tokens", "lead_in", "max_words")
"""Of what a model is called with; the rest may hold secrets."""
LEFT = (asyncio.CancelledError, GeneratorExit)
"""What ends a run whose caller wants no more of it."""


class RunRecorder(AsyncCallbackHandler):
    """Keeps what a TutorChain reports of one run; `elapsed` gives milliseconds."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self.condensed: Condensed | None = None
        self.retrieval: Retrieval | None = None
        self.gate: Gate | None = None
        self.calls: dict[UUID, Call] = {}
        self._elapsed = elapsed

    @override
    async def on_custom_event(self, name: str, data: Any, **kwargs: Any) -> None:
        match name:
            case "condensed":
                self.condensed = Condensed(data["question"], data["by"], self._elapsed())
            case "candidates" if self.retrieval is not None:
                found = msgspec.convert(data, tuple[Candidate, ...])
                self.retrieval = replace(self.retrieval, candidates=found)
            case "gate":
                self.gate = msgspec.convert({**data, "at_ms": self._elapsed()}, Gate)

    # Search

    @override
    async def on_retriever_start(
        self, serialized: dict[str, Any], query: str, **kwargs: Any
    ) -> None:
        self.retrieval = Retrieval(query, self._elapsed())

    @override
    async def on_retriever_end(self, documents: Sequence[Document], **kwargs: Any) -> None:
        if self.retrieval is not None:
            self.retrieval = replace(self.retrieval, ended_ms=self._elapsed())

    @override
    async def on_retriever_error(self, error: BaseException, **kwargs: Any) -> None:
        if self.retrieval is not None:
            self.retrieval = replace(self.retrieval, ended_ms=self._elapsed(), error=_reason(error))

    # Model

    @override
    async def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        given = kwargs.get("invocation_params") or {}
        self.calls[run_id] = Call(
            purpose="condense" if kwargs.get("name") == "condense" else "answer",
            model=str((metadata or {}).get("ls_model_name") or given.get("model") or "quotes"),
            messages=tuple(map(message, messages[0])),
            asked_ms=self._elapsed(),
            options={
                name: given[name]
                for name in OPTIONS
                if isinstance(given.get(name), (str, int, float))
            },
        )

    @override
    async def on_llm_new_token(
        self, token: str | list[str | dict[str, Any]], *, run_id: UUID, **kwargs: Any
    ) -> None:
        call = self.calls.get(run_id)
        if token and call is not None:
            now = self._elapsed()
            first = now if call.first_ms is None else call.first_ms
            self.calls[run_id] = replace(call, first_ms=first, last_ms=now, pieces=call.pieces + 1)

    @override
    async def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        call = self.calls.get(run_id)
        if call is None:
            return
        call = replace(call, ended_ms=self._elapsed())
        generation = response.generations[0][0] if response.generations else None
        if isinstance(generation, ChatGeneration):
            usage = getattr(generation.message, "usage_metadata", None) or {}
            reason = generation.message.response_metadata.get("finish_reason")
            call = replace(
                call,
                input_tokens=usage.get("input_tokens"),
                output_tokens=usage.get("output_tokens"),
                finish_reason=reason if isinstance(reason, str) else None,
            )
        self.calls[run_id] = call

    @override
    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        call = self.calls.get(run_id)
        if call is not None:
            # SDK errors may repeat the key; `describe` does not.
            reason = _reason(error) if isinstance(error, LEFT) else describe(error)
            self.calls[run_id] = replace(call, ended_ms=self._elapsed(), error=reason)


def message(given: BaseMessage) -> Message:
    """Role and text of a message."""
    return Message(given.type, str(given.text))  # LangChain has a type of its own for it


def _reason(error: BaseException) -> str:
    if isinstance(error, LEFT):
        return "left before its end"
    return str(error) if isinstance(error, ScholiastError) else type(error).__name__
