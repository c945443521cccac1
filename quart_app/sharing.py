"""What of the services several servers may share, opened as the settings say: in Redis, or here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from chains.tutor import TutorChain
from quart_app.answers.budget import Budget
from quart_app.answers.limit_store import LimitStore
from quart_app.answers.limits import Limits
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.answers.session_tokens import SessionTokens, load_secret
from quart_app.answers.watching import Watch
from quart_app.metrics.metrics import Metrics
from quart_app.settings import WebSettings
from quart_app.shared.redis_url import require_sharing

if TYPE_CHECKING:
    from quart_app.shared.redis_link import RedisLink


@asynccontextmanager
async def open_shared(settings: WebSettings) -> AsyncIterator[RedisLink | None]:
    """The way to the Redis that servers share, if any. Raises SettingError where it cannot be."""
    if settings.redis_url is None:
        yield None
        return
    secret = require_sharing(settings.session_secret)
    from quart_app.shared.redis_link import open_redis
    from quart_app.shared.redis_names import RedisNames

    mark = RedisNames(secret).of("", "the mark of a secret")
    async with open_redis(settings.redis_url, mark) as redis:
        yield redis


@asynccontextmanager
async def counted_limits(settings: WebSettings, redis: RedisLink | None) -> AsyncIterator[Limits]:
    """The limits, counted in Redis if there is one; what it is owed is paid at the end."""
    if redis is None or settings.session_secret is None:
        yield limits_of(settings, LimitStore())
        return
    from quart_app.shared.redis_names import RedisNames
    from quart_app.shared.shared_budget import SharedBudget
    from quart_app.shared.shared_limits import SharedLimitStore

    names = RedisNames(settings.session_secret.get_secret_value())
    budget = SharedBudget(redis, names, settings.limit_all, settings.budget_tokens)
    try:
        yield limits_of(settings, SharedLimitStore(redis, names), budget)
    finally:
        await budget.pay()


def limits_of(settings: WebSettings, store: LimitStore, budget: Budget | None = None) -> Limits:
    """The limits that the settings name, counted in `store`, and in `budget` those of all."""
    return Limits(
        store,
        questions=settings.limit_questions,
        sessions=settings.limit_sessions,
        messages=settings.limit_messages,
        connections=settings.limit_connections,
        by_session=settings.limit_key == "session",
        everybody=budget or Budget(settings.limit_all, settings.budget_tokens),
    )


def sessions_of(settings: WebSettings, redis: RedisLink | None) -> SessionStore:
    """Readers' sessions; where there is a Redis, such that all servers know."""
    secret, lifetime = (
        load_secret(settings.data, settings.session_secret),
        settings.session_lifetime,
    )
    tokens = SessionTokens(secret, lifetime)
    if redis is None:
        return SessionStore(tokens, lifetime)
    from quart_app.shared.redis_names import RedisNames
    from quart_app.shared.shared_sessions import SharedSessionStore
    from quart_app.shared.stream_names import StreamNames

    names, window = RedisNames(secret), settings.resume_window
    streams = StreamNames(names, window) if window else None  # else answers end with their socket
    return SharedSessionStore(redis, names, tokens, lifetime, streams)


@asynccontextmanager
async def open_answers(
    settings: WebSettings,
    tutor: TutorChain,
    sessions: SessionStore,
    watch: Watch,
    metrics: Metrics,
) -> AsyncIterator[Answers]:
    """Answers, which other servers can follow where their sessions are shared, too."""
    window, at_work = settings.resume_window, settings.answers_at_work
    if settings.redis_url is not None:
        from quart_app.shared.shared_sessions import SharedSessionStore
        from quart_app.shared.streams.shared_answers import SharedAnswers, sharing

        if isinstance(sessions, SharedSessionStore) and sessions.streams is not None:
            shared = SharedAnswers(
                tutor, sessions, sessions.streams, at_work=at_work, watch=watch, metrics=metrics
            )
            async with sharing(shared):
                yield shared
            return
    answers = Answers(tutor, sessions, window=window, at_work=at_work, watch=watch, metrics=metrics)
    try:
        yield answers
    finally:
        await answers.close()
