"""One question as a tree of OpenTelemetry spans: question, and in it condense, retrieve and model.

They carry figures and names, never a word of the question, of the book or of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.documents import Document
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from opentelemetry.trace import Span, Status, StatusCode, Tracer, set_span_in_context
from typing_extensions import override

from chains.question import Question
from quart_app.answers.answer_log import AnswerLog, Ended, Failed
from quart_app.answers.watching import Watch
from quart_app.protocol.server_messages import ResponseChunk, ServerMessage


class Spans(Watch):
    """Gives each answer its spans."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @override
    def begin(
        self, query_id: str, question: Question, *, client_query_id: str | None, session_id: str
    ) -> QuestionSpans:
        """The spans of a question that was just accepted."""
        root = self._tracer.start_span("question")
        root.set_attribute("scholiast.query_id", query_id)
        root.set_attribute("scholiast.selections", len(question.selections))
        root.set_attribute("scholiast.turns", len(question.history))
        return QuestionSpans(self._tracer, root)


class QuestionSpans:
    """Watches one answer."""

    def __init__(self, tracer: Tracer, root: Span) -> None:
        self._root = root
        self._steps = StepSpans(tracer, root)
        self._has_text = False
        self.callbacks: list[BaseCallbackHandler] = [self._steps]

    def frame(self, message: ServerMessage) -> None:
        """Note when the first words were sent."""
        if isinstance(message, ResponseChunk) and not self._has_text:
            self._has_text = True
            self._root.add_event("first chunk")

    def end(self, log: AnswerLog) -> None:
        """End the question, and what is still open of it."""
        self._steps.close()
        match log.ending:
            case Ended(finish=finish):
                self._root.set_attribute("scholiast.status", finish.status)
                self._root.set_attribute("scholiast.sources_used", finish.sources_used)
                self._root.set_attribute("scholiast.sentences", finish.grounding.sentences)
                self._root.set_attribute("scholiast.supported", finish.grounding.supported)
                self._root.set_attribute("scholiast.prompt", finish.prompt.name)
                self._root.set_attribute("scholiast.index_version", finish.index_version)
            case Failed(error=error):
                self._root.set_attribute("scholiast.status", "failed")
                _fail(self._root, error)
        self._root.end()


class StepSpans(AsyncCallbackHandler):
    """Makes spans of what a TutorChain reports of one run."""

    def __init__(self, tracer: Tracer, root: Span) -> None:
        self._tracer = tracer
        self._context = set_span_in_context(root)
        self._open: dict[UUID, Span] = {}

    def close(self) -> None:
        """End the steps whose end was not reported, as where the answer is cancelled."""
        while self._open:
            self._open.popitem()[1].end()

    def _begin(self, run_id: UUID, name: str) -> Span:
        self._open[run_id] = self._tracer.start_span(name, self._context)
        return self._open[run_id]

    def _end(self, run_id: UUID, attributes: Mapping[str, Any]) -> None:
        span = self._open.pop(run_id, None)
        if span is not None:
            span.set_attributes({name: it for name, it in attributes.items() if it is not None})
            span.end()

    def _end_failed(self, run_id: UUID, error: BaseException) -> None:
        if run_id in self._open:
            _fail(self._open[run_id], error)
        self._end(run_id, {})

    @override
    async def on_retriever_start(
        self, serialized: dict[str, Any], query: str, *, run_id: UUID, **kwargs: Any
    ) -> None:
        self._begin(run_id, "retrieve")

    @override
    async def on_retriever_end(
        self, documents: Sequence[Document], *, run_id: UUID, **kwargs: Any
    ) -> None:
        self._end(run_id, {"scholiast.chunks": len(documents)})

    @override
    async def on_retriever_error(
        self, error: BaseException, *, run_id: UUID, **kwargs: Any
    ) -> None:
        self._end_failed(run_id, error)

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
        name = "condense" if kwargs.get("name") == "condense" else "model"
        span = self._begin(run_id, name)
        span.set_attribute(
            "gen_ai.request.model", str((metadata or {}).get("ls_model_name") or "quotes")
        )

    @override
    async def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        generation = response.generations[0][0] if response.generations else None
        message = generation.message if isinstance(generation, ChatGeneration) else None
        usage = getattr(message, "usage_metadata", None) or {}
        self._end(
            run_id,
            {
                "gen_ai.usage.input_tokens": usage.get("input_tokens"),
                "gen_ai.usage.output_tokens": usage.get("output_tokens"),
            },
        )

    @override
    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._end_failed(run_id, error)


def _fail(span: Span, error: BaseException) -> None:
    """What kind of error it was; its text may hold anything."""
    span.set_status(Status(StatusCode.ERROR, type(error).__name__))
    span.set_attribute("error.type", type(error).__name__)
