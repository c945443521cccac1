"""Sessions whose time passes when a test says so, and a tutor that waits for each of its words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.runnables import RunnableConfig
from typing_extensions import override

from chains.events import Delta, Event, Sources
from chains.question import Question
from quart_app.answers.answer_queue import AnswerQueue
from quart_app.answers.limit_store import LimitStore
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.answers.session_tokens import SessionTokens
from quart_app.settings import WebSettings
from quart_app.sharing import limits_of
from tests.support.scripted_tutor import BASIS, FINISH, SOURCE, ScriptedTutor
from tests.support.sessions import Server

TURNS = 40
"""Rounds of the event loop after which nothing goes on by itself any more."""
AT_WORK = 100
"""Answers, which is more than a test asks for at once."""


class StoppedLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still."""

    now = 1000.0

    @override
    def time(self) -> float:
        return self.now


async def settle() -> None:
    """Let everything happen that needs no time."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def until(is_so: Callable[[], bool]) -> None:
    """Return once it is so: where nothing can be awaited that says it."""
    while not is_so():  # noqa: ASYNC110 -- there is no event
        await asyncio.sleep(0)


class AskedModel:
    """One run of the tutor: it says what a test makes it say."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.script: asyncio.Queue[Event | Exception] = asyncio.Queue()
        self.has_sources = False
        self.is_over = False

    def find_sources(self) -> None:
        if not self.has_sources:
            self.script.put_nowait(Sources((SOURCE,), BASIS))
        self.has_sources = True

    def say(self, text: str) -> None:
        self.find_sources()
        self.script.put_nowait(Delta(text))

    def finish(self) -> None:
        self.find_sources()
        self.script.put_nowait(replace(FINISH, sources_used=0))

    def fail(self, error: Exception) -> None:
        self.script.put_nowait(error)


class PatientTutor(ScriptedTutor):
    """Keeps its runs apart, by the question's text."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: dict[str, AskedModel] = {}

    @override
    async def astream(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Event]:
        assert input.text not in self.runs, "the model was asked twice"
        run = self.runs[input.text] = AskedModel(input)
        try:
            while True:
                event = await run.script.get()
                if isinstance(event, Exception):
                    raise event
                yield event
                if event == replace(FINISH, sources_used=0):
                    return
        finally:
            run.is_over = True


@dataclass
class StoppedServer(Server):
    """What sessions share, by the clock of the running loop."""

    settings: WebSettings = field(
        default_factory=lambda: WebSettings.model_construct(
            limit_questions=(),
            limit_messages=None,
            resume_window=60.0,
            idle_timeout=300.0,
            session_lifetime=600,
        )
    )
    tutor: PatientTutor = field(default_factory=PatientTutor)

    @override
    def __post_init__(self) -> None:
        clock, lifetime = asyncio.get_running_loop().time, self.settings.session_lifetime
        tokens = SessionTokens("a secret for tests", lifetime, clock)
        self.sessions = SessionStore(tokens, lifetime, clock)
        self.answers = Answers(self.tutor, self.sessions, window=self.settings.resume_window)
        self.answers.queue = AnswerQueue(AT_WORK)  # no pace: while time stands, none may begin
        self.limits = limits_of(self.settings, LimitStore())
