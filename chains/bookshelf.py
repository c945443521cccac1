"""The books of one server as one tutor: each question goes to the tutor of its book."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.runnables import RunnableConfig
from typing_extensions import override

from chains.events import Basis, Event
from chains.index.passages import Passage
from chains.question import Question
from chains.tutor import TutorChain


class Bookshelf(TutorChain):
    """The tutor of the `default` book, which sends questions about others to theirs.

    `tutors` are those of all books by name, the default one among them. A book gets the turns of
    a conversation that were about it, and none of another's.
    """

    def __init__(self, default: str, tutors: Mapping[str, TutorChain]) -> None:
        own = tutors[default]
        super().__init__(
            own.retriever, own.prompts, own.model, own.condensing, own.spend, own.strictness
        )
        self.default = default
        self.tutors = tutors
        self.libraries = {name: one.retriever.library for name, one in tutors.items()}

    @override
    def astream(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Event]:
        history = tuple(turn for turn in input.history if turn.book == input.book)
        asked = replace(input, history=history)
        return self._tutor(input).astream(asked, config, **kwargs)

    @override
    async def starters(self, asked: Question) -> tuple[str, ...]:
        return await self._tutor(asked).starters(asked)

    @override
    def basis(self, question: Question | None = None, passages: Sequence[Passage] = ()) -> Basis:
        return self._tutor(question).basis(question, passages)

    def _tutor(self, question: Question | None) -> TutorChain:
        return self.tutors[self.default if question is None else question.book]
