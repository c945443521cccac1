"""What the server works with, opened in one place and closed in reverse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.book_names import BookNames
from chains.index.library import Library
from chains.models.model import Model, Timeouts
from chains.prompts.live_prompts import LivePrompts
from chains.prompts.prompt import FOLDER
from chains.prompts.purposes import CONDENSING
from chains.tutor import ANSWER, TutorChain
from quart_app.answers.limits import Limits
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.answers.watching import Watch, Watches
from quart_app.authors.ingestions import Ingestions
from quart_app.authors.token import load_token
from quart_app.chat.connections import ConnectionManager
from quart_app.door.challenge import load_challenge
from quart_app.door.inbox import App
from quart_app.fleet.neighbours import Neighbours
from quart_app.metrics.loop_lag import watching_loop
from quart_app.metrics.metrics import Metrics
from quart_app.protocol.bounds import FRAME_BYTES
from quart_app.settings import WebSettings
from quart_app.sharing import counted_limits, open_answers, open_shared, sessions_of
from quart_app.telemetry.collector import open_spans
from quart_app.trace.tracer import open_tracer
from quart_app.tutors import load_prompts, open_bookshelf
from quart_app.workbench.prompt_folder import PromptFolder

if TYPE_CHECKING:
    from quart_app.fleet.post import Post
    from quart_app.shared.redis_link import RedisLink


@dataclass(frozen=True)
class Services:
    """Everything that a route may need."""

    settings: WebSettings
    libraries: Mapping[str, Library]
    """Those of all books, by name."""
    model: Model
    answers: Answers
    sessions: SessionStore
    limits: Limits
    connections: ConnectionManager
    metrics: Metrics
    frame_bytes: int
    """The longest frame that a client may send."""
    ingestions: Ingestions
    ingest_token: str
    """What authors send; see `quart_app.authors.token`."""
    challenge: App | None = None
    """What each request has to pass first; see `quart_app.door.challenge`."""
    prompts: LivePrompts | None = None
    """Those of the tutor, where they follow their files."""
    prompt_folder: PromptFolder | None = None
    """Where these files are, for who edits them."""
    redis: RedisLink | None = None
    """The way to what several servers share."""
    neighbours: Neighbours | None = None
    """The other workers, where the server has several."""

    @property
    def books(self) -> BookNames:
        """The names of all books, and which is meant where none is named."""
        return BookNames(self.settings.book, frozenset(self.libraries))

    @property
    def library(self) -> Library:
        """That of the book that is meant where none is named."""
        return self.libraries[self.books.default]


@asynccontextmanager
async def open_services(
    settings: WebSettings,
    frame_bytes: int = FRAME_BYTES,
    timeouts: Timeouts | None = None,
    post: Post | None = None,
) -> AsyncIterator[Services]:
    """Open index, embeddings, prompt, model, sessions.

    Raises SettingError, StoreError, and ServiceUnavailable where the index does not answer. The
    model gets the `timeouts` that fit it, where none are given. Of workers, which have a `post`,
    the first alone has the index; the others read copies of it.
    """
    challenge = load_challenge(settings.challenge) if settings.challenge else None
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        stack.enter_context(watching_loop(metrics.loop_lag.observe))
        redis = await stack.enter_async_context(open_shared(settings))
        limits = await stack.enter_async_context(counted_limits(settings, redis))
        prompts = load_prompts(settings)
        reads = {"follow": post is not None and not post.is_first}
        opening = open_bookshelf(settings, timeouts, limits.everybody.spend, prompts, **reads)
        tutor = await stack.enter_async_context(opening)
        sessions = sessions_of(settings, redis)
        watch = await stack.enter_async_context(_watching(settings, tutor))
        opening_answers = open_answers(settings, tutor, sessions, watch, metrics)
        answers = await stack.enter_async_context(opening_answers)
        answers.queue.require = limits.everybody.require_tokens
        ingestions = Ingestions(tutor.libraries, settings)
        stack.push_async_callback(ingestions.close)
        yield Services(
            settings, tutor.libraries, tutor.model, answers, sessions, limits,
            ConnectionManager(settings.max_connections, limits.connections),
            metrics, frame_bytes, ingestions, load_token(settings.data), challenge, prompts,
            _prompt_folder_of(settings), redis, Neighbours(post) if post else None,
        )  # fmt: skip


@asynccontextmanager
async def _watching(settings: WebSettings, tutor: TutorChain) -> AsyncIterator[Watch]:
    """What watches answers, where the settings or the environment ask for any of it."""
    tracer = open_tracer(settings.data, tutor.prompts, is_on=settings.trace)
    async with open_spans() as spans:
        try:
            yield Watches(*(watch for watch in (tracer, spans) if watch is not None))
        finally:
            if tracer is not None:
                await tracer.close()


def _prompt_folder_of(settings: WebSettings) -> PromptFolder:
    in_use = {ANSWER, CONDENSING.name} | settings.prompt_variants
    return PromptFolder(settings.prompts or FOLDER, in_use, settings.model)
