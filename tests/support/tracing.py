"""Answers that are traced, and what they are made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from pydantic import SecretStr

from chains.answering.condense import load_condense_prompt
from chains.answering.inputs import PROMPT_INPUTS
from chains.errors import ScholiastError
from chains.events import Delta, Sources
from chains.index.library import Library
from chains.index.retriever import BookRetriever
from chains.models.opening import open_model
from chains.prompts.prompt import load_prompt
from chains.question import Question
from chains.tutor import TutorChain
from quart_app.answers.answer_log import AnswerLog
from quart_app.protocol.server_messages import (
    ResponseChunk,
    ResponseChunkData,
    ResponseEnd,
    ResponseEndData,
    ResponseStart,
    ResponseStartData,
    ServerMessage,
)
from quart_app.settings import WebSettings
from quart_app.trace.record import (
    Asked,
    Outcome,
    Trace,
)
from quart_app.trace.recorder import Recorder
from quart_app.trace.trace_folder import read_all
from quart_app.trace.tracer import Tracer
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.scripted_tutor import BASIS, FINISH, SOURCE

QUERY = f"query_{1:032x}"
ZMP = Question("What is the zero moment point?")
PROMPTS = {"answer": load_prompt("answer", WebSettings.model_construct(), PROMPT_INPUTS)}
NOW = datetime.now(UTC)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def tracing(
    folder: Path, *, linger: float = 0.5, clock: Callable[[], float] = monotonic
) -> AsyncIterator[Tracer]:
    """A tracer; after the block all is written."""
    tracer = Tracer(folder, PROMPTS, linger=linger, clock=clock)
    yield tracer
    await tracer.close()


async def traced(
    library: Library, endpoint: ScriptedOpenAI, question: Question, folder: Path
) -> Trace:
    """What is kept of a question to the real chain, whose model is at `endpoint`."""
    settings = WebSettings.model_construct(
        model="scripted", openai_base_url=endpoint.base_url, openai_api_key=SecretStr("key")
    )
    log = AnswerLog()
    async with open_model(settings) as model, tracing(folder) as tracer:
        condensing = load_condense_prompt(settings)
        tutor = TutorChain(BookRetriever(library=library), PROMPTS, model, lambda: condensing)
        recorder = begin(tracer, question)
        try:
            async for event in tutor.astream(question, {"callbacks": recorder.callbacks}):
                log.add(event)
        except ScholiastError as error:
            log.fail(error)
        recorder.end(log)
    (trace,) = read_all(folder)
    return trace


async def kept(folder: Path) -> list[Trace]:
    """The traces, as soon as there are any."""

    def look() -> list[Trace]:
        while not (traces := read_all(folder)):
            sleep(0.005)
        return traces

    return await asyncio.wait_for(asyncio.to_thread(look), 60)


def begin(tracer: Tracer, question: Question = ZMP) -> Recorder:
    return tracer.begin(QUERY, question, client_query_id=None, session_id="session_1")


def ended(text: str = "") -> AnswerLog:
    """An answer that came through."""
    log = AnswerLog()
    for event in (Sources((SOURCE,), BASIS), Delta(text), FINISH):
        log.add(event)
    return log


def start() -> ServerMessage:
    return ResponseStart(
        ResponseStartData(QUERY, "session_1", "secret-token", -1, 9, (SOURCE,), None)
    )


def chunk(seq: int, content: str) -> ServerMessage:
    return ResponseChunk(ResponseChunkData(QUERY, seq, content, False, (SOURCE,)))


def ending() -> ServerMessage:
    return ResponseEnd(
        ResponseEndData(
            QUERY, 0, "completed", 2, 1, 12, False, 1, FINISH.grounding, FINISH.prompt, "fake",
            "v1", "0",
        )
    )  # fmt: skip


def made(number: int, accepted: datetime = NOW) -> Trace:
    """A trace of nothing much."""
    return Trace(
        query_id=f"query_{number:032x}",
        session="0",
        accepted=accepted.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        server_version="0",
        asked=Asked("What?"),
        prompt="answer",
        version=None,
        outcome=Outcome("completed", 1.0),
    )
