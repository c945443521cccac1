"""What the server works with, opened in one place and closed in reverse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from chains.answering.condense import load_condense_prompt
from chains.answering.inputs import PROMPT_INPUTS
from chains.embeddings.provider import open_embeddings
from chains.index.library import Library
from chains.index.retriever import BookRetriever
from chains.index.store import open_store
from chains.models.model import Model, Timeouts
from chains.models.opening import open_model
from chains.models.spending import Spend, spend_freely
from chains.prompts.prompt import Prompt, load_prompt
from chains.tutor import ANSWER, TutorChain
from quart_app.answers.budget import Budget
from quart_app.answers.limit_store import LimitStore
from quart_app.answers.limits import Limits
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.answers.session_tokens import SessionTokens, load_secret
from quart_app.chat.connections import ConnectionManager
from quart_app.door.challenge import load_challenge
from quart_app.door.inbox import App
from quart_app.metrics.loop_lag import watching_loop
from quart_app.metrics.metrics import Metrics
from quart_app.protocol.bounds import FRAME_BYTES
from quart_app.settings import WebSettings
from quart_app.trace.tracer import open_tracer


@dataclass(frozen=True)
class Services:
    """Everything that a route may need."""

    settings: WebSettings
    library: Library
    model: Model
    answers: Answers
    sessions: SessionStore
    limits: Limits
    connections: ConnectionManager
    metrics: Metrics
    frame_bytes: int
    """The longest frame that a client may send."""
    challenge: App | None = None
    """What each request has to pass first; see `quart_app.door.challenge`."""


@asynccontextmanager
async def open_services(
    settings: WebSettings, frame_bytes: int = FRAME_BYTES, timeouts: Timeouts | None = None
) -> AsyncIterator[Services]:
    """Open index, embeddings, prompt, model, sessions.

    Raises SettingError, StoreError, and ServiceUnavailable where the index does not answer. The
    model gets the `timeouts` that fit it, where none are given.
    """
    challenge = load_challenge(settings.challenge) if settings.challenge else None
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        stack.enter_context(watching_loop(metrics.loop_lag.observe))
        limits = limits_of(settings, LimitStore())
        opening = open_tutor(settings, timeouts, limits.everybody.spend)
        tutor = await stack.enter_async_context(opening)
        sessions = _sessions_of(settings)
        tracer = open_tracer(settings.data, tutor.prompts, is_on=settings.trace)
        if tracer is not None:
            stack.push_async_callback(tracer.close)
        answers = Answers(
            tutor,
            sessions,
            window=settings.resume_window,
            at_work=settings.answers_at_work,
            watch=tracer,
            metrics=metrics,
        )
        stack.push_async_callback(answers.close)
        yield Services(
            settings,
            tutor.retriever.library,
            tutor.model,
            answers,
            sessions,
            limits,
            ConnectionManager(settings.max_connections, limits.connections),
            metrics,
            frame_bytes,
            challenge,
        )


@asynccontextmanager
async def open_tutor(
    settings: WebSettings, timeouts: Timeouts | None = None, spend: Spend = spend_freely
) -> AsyncIterator[TutorChain]:
    """Open prompts, embeddings, index and model, and search once, which is slow the first time.

    Raises and takes what `open_services` does; `spend` gets the tokens of each call of the model.
    """
    prompts = load_prompts(settings)
    condensing = load_condense_prompt(settings)
    embeddings = open_embeddings(settings)
    with open_store(settings, embeddings) as store:
        async with open_model(settings, timeouts) as model:
            retriever = BookRetriever(library=Library(store))
            tutor = TutorChain(retriever, prompts, model, condensing, spend, settings.gate)
            await tutor.warm()
            yield tutor


def load_prompts(settings: WebSettings) -> dict[str, Prompt]:
    """The prompt for answers and its variants, by name. Raises SettingError."""
    names = sorted({ANSWER} | settings.prompt_variants)
    return {name: load_prompt(name, settings, PROMPT_INPUTS) for name in names}


def _sessions_of(settings: WebSettings) -> SessionStore:
    secret = load_secret(settings.data, settings.session_secret)
    return SessionStore(SessionTokens(secret, settings.session_lifetime), settings.session_lifetime)


def limits_of(settings: WebSettings, store: LimitStore) -> Limits:
    """The limits that the settings name, counted in `store`."""
    return Limits(
        store,
        questions=settings.limit_questions,
        sessions=settings.limit_sessions,
        messages=settings.limit_messages,
        connections=settings.limit_connections,
        by_session=settings.limit_key == "session",
        everybody=Budget(settings.limit_all, settings.budget_tokens),
    )
