"""An answer with what its model itself wrote, before citations were set right."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, cast

from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.runnables import RunnableConfig
from msgspec import Struct
from typing_extensions import override

from chains.events import Event, Finish
from chains.models.spending import estimated_tokens
from chains.prompts.prompt import Prompt
from chains.question import Question
from chains.tutor import ANSWER, TutorChain
from quart_app.evaluation.comparing.comparison_watch import Watching
from quart_app.evaluation.outcomes import Outcome, observe
from quart_app.evaluation.rows import Row


class Answered(Struct, frozen=True):
    """What came of a question; `said` is the model's own text, `tokens` are `prompt_tokens` and
    `answer_tokens`, counted by the model unless they are `estimated`."""

    outcome: Outcome
    said: str = ""
    tokens: int | None = None
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    estimated: bool = False

    @property
    def failed(self) -> bool:
        """Whether there is no answer though the question was to be answered: the model or the
        index did not, or broke off. It says nothing of the prompt."""
        return self.outcome.error is not None


async def answer(
    tutor: TutorChain,
    prompt: Prompt,
    row: Row,
    watching: Watching = Watching(),  # noqa: B008  # it keeps nothing
) -> Answered:
    """Ask the question of a row with this prompt. A failure is an outcome, too."""
    heard = _Heard(tutor, prompt, lambda words: watching.write(row, words))
    outcome = await observe(heard, row)
    if heard.tokens is None:
        return Answered(outcome, heard.said)
    asked = min(heard.asked, heard.tokens)
    return Answered(outcome, heard.said, heard.tokens, asked, heard.tokens - asked, heard.estimated)


class _Heard(TutorChain):
    """A chain for one question that keeps what its model says."""

    def __init__(self, tutor: TutorChain, prompt: Prompt, write: Callable[[int], object]) -> None:
        super().__init__(
            tutor.retriever, {ANSWER: prompt}, tutor.model, tutor.condensing, tutor.spend,
            tutor.strictness,
        )  # fmt: skip
        self.said = ""
        self.asked = 0  # tokens of the prompt
        self.tokens: int | None = None
        self.estimated = False
        self._write = write

    @override
    async def astream(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Event]:
        events = cast("AsyncGenerator[Event]", super().astream(input, config, **kwargs))
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Finish):
                    self.tokens, self.estimated = event.total_tokens, event.tokens_estimated
                yield event

    @override
    async def _generate(
        self, messages: list[BaseMessage], prompt: Prompt, config: RunnableConfig
    ) -> AsyncGenerator[AIMessageChunk]:
        self.asked = estimated_tokens(messages)
        async with aclosing(super()._generate(messages, prompt, config)) as chunks:
            async for chunk in chunks:
                if chunk.usage_metadata:
                    self.asked = chunk.usage_metadata["input_tokens"]
                self.said += chunk.text
                self._write(self.said.count(" ") + 1)
                yield chunk
