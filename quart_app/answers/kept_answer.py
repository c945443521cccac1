"""One answer as this server knows it: whose it is, its log, and who follows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from typing_extensions import override

from chains.question import Question
from quart_app.answers.answer_log import AnswerLog
from quart_app.answers.answer_queue import Ticket
from quart_app.answers.watching import AnswerWatcher


@dataclass(eq=False)
class KeptAnswer:
    """The answer to one question, from its acceptance until it is no longer kept."""

    query_id: str
    session_id: str
    client_query_id: str | None
    log: AnswerLog = field(default_factory=AnswerLog)
    watcher: AnswerWatcher | None = None
    followers: int = 0
    is_cancelled: bool = False
    task: asyncio.Task[None] | None = None
    timer: asyncio.TimerHandle | None = None

    @property
    def book(self) -> str:
        """The name of the book that it is about, once that is known here."""
        return ""

    @property
    def ahead(self) -> int | None:
        """How many questions come before this one, where its turn has not come at this server."""
        return None

    @property
    def is_behind(self) -> bool:
        """Whether readers may have got more of it elsewhere than stands in its log here."""
        return False

    async def places(self) -> AsyncGenerator[int]:
        """`ahead` as it changes, until its turn comes."""
        if self.ahead is not None:
            yield self.ahead


@dataclass(eq=False)
class RunningAnswer(KeptAnswer):
    """An answer that this server writes, or has written."""

    question: Question = field(kw_only=True)
    ticket: Ticket = field(kw_only=True)

    @property
    @override
    def book(self) -> str:
        return self.question.book

    @property
    @override
    def ahead(self) -> int | None:
        return self.ticket.ahead

    @override
    async def places(self) -> AsyncGenerator[int]:
        async with aclosing(self.ticket.news()) as news:
            async for ahead in news:
                yield ahead
