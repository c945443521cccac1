"""A tutor that says what a test makes it say, and when: a fake for timing and failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from typing_extensions import override

from chains.answering.inputs import PROMPT_INPUTS
from chains.events import Basis, Delta, Event, Finish, Grounding, PromptVersion, Source, Sources
from chains.index.passages import Passage
from chains.prompts.prompt import load_prompt
from chains.question import Question
from chains.settings import Settings
from chains.tutor import TutorChain

SOURCE = Source(
    1, f"chunk_{1:032x}", "a.md", "Walking", "Walking > Gait", "Gait", "/book/a#gait", "A gait is."
)
BASIS = Basis(PromptVersion("answer", "0123"), "fake", "v1", ("A gait is.",))
FINISH = Finish("completed", 12, False, 1, Grounding(1, 1), BASIS.prompt, "fake", "v1")


class ScriptedTutor(TutorChain):
    """Yields whatever is put into `script`; an exception in it is raised."""

    def __init__(self) -> None:
        self.prompts = {"answer": load_prompt("answer", Settings.model_construct(), PROMPT_INPUTS)}
        self.script: asyncio.Queue[Event | Exception] = asyncio.Queue()
        self.questions: list[Question] = []
        self.stopped = asyncio.Event()

    @override
    def basis(self, question: Question | None = None, passages: Sequence[Passage] = ()) -> Basis:
        return BASIS

    @override
    async def starters(self, asked: Question) -> tuple[str, ...]:
        return (f"What is on {asked.page}?",)

    def say(self, *events: Event | str | Exception) -> None:
        """Put events into the script, a string as a Delta."""
        for event in events:
            self.script.put_nowait(Delta(event) if isinstance(event, str) else event)

    @override
    async def astream(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Event]:
        self.questions.append(input)
        try:
            while True:
                event = await self.script.get()
                if isinstance(event, Exception):
                    raise event
                yield event
                if isinstance(event, Finish):
                    return
        finally:
            self.stopped.set()


def whole_answer(*words: str) -> list[Event | str]:
    """A script from sources to finish."""
    return [Sources((SOURCE,), BASIS), *words, FINISH]
