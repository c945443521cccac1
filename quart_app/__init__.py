"""The server of Scholiast: `create_app` puts it together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from quart import Quart

    from quart_app.door.inbox import App
    from quart_app.services import Services


LONGEST_BODY = 64 * 1024
"""Bytes of a request's body that are kept until it is answered. Those that are read are JSON."""


def create_app(
    open_services: Callable[[], AbstractAsyncContextManager[Services]], widget: Path | None = None
) -> Quart:
    """The app, whose services are open while it serves; the only wiring there is.

    `widget` is the folder of the built widget, where it is another than that of the package.
    Imports wait until here, so that ``scholiast --help`` does not pay for a server.
    """
    from quart import Quart

    from quart_app.door.inbox import Inboxes
    from quart_app.routes.current import SERVICES
    from quart_app.routes.file_parts import PartsResponse
    from quart_app.routes.rate_limiter import AtomicRateLimiter
    from quart_app.routes.sockets.inbox_websocket import InboxWebsocket

    app = Quart(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.response_class = PartsResponse
    app.websocket_class = InboxWebsocket
    within = Inboxes(app.asgi_app)
    limiter = AtomicRateLimiter()
    limiter.init_app(app)
    _add_routes(app, widget)

    @app.while_serving
    async def hold_services():  # type: ignore[no-untyped-def]
        async with (
            open_services() as services,
            _answering_neighbours(within, services),
            _beside(within, services) as inner,
        ):
            app.extensions[SERVICES] = services
            limiter.count_in(services.limits.store)
            app.asgi_app = _door(inner, services)  # type: ignore[assignment, method-assign]
            yield

    return app


@asynccontextmanager
async def _beside(app: App, services: Services) -> AsyncIterator[App]:
    """The app with /mcp beside it, where the settings want that."""
    settings = services.settings
    if not settings.mcp:
        yield app
        return
    from chains.index.retriever import BookRetriever
    from quart_app.assistants.book_tools import BookTools
    from quart_app.assistants.mcp_door import Rules, assistants
    from quart_app.door.root_path import BOOK

    tools = {
        name: BookTools(
            BookRetriever(library=library),
            settings.gate,
            (name, "") if name == services.books.default else (name,),
        )
        for name, library in services.libraries.items()
    }
    rules = Rules(settings.allowed_origins, settings.require_origin, services.limits)
    async with assistants(
        app, rules, lambda scope: tools[services.books.find(scope.get(BOOK))]
    ) as both:
        yield both


def _door(app: App, services: Services) -> App:
    """What stands before the app, the outermost last."""
    from quart_app.door.challenge import Challenged
    from quart_app.door.hosts import KnownHosts
    from quart_app.door.proxies import SecureOnly, TrustedProxies
    from quart_app.door.root_path import BookPaths, RootPath

    settings, neighbours = services.settings, services.neighbours
    if neighbours is not None and not neighbours.post.is_first:
        from quart_app.fleet.forwarding import Forwarding

        app = Forwarding(app, neighbours, LONGEST_BODY)
    app = BookPaths(app, services.books.names)
    refused = services.metrics.refused_connections

    def count(status: int) -> None:
        refused.labels(str(status)).inc()

    if services.challenge is not None:
        app = Challenged(app, services.challenge, count)
    if settings.allowed_hosts:
        app = KnownHosts(app, settings.allowed_hosts, count)
    if settings.require_tls:
        app = SecureOnly(app, count)
    return TrustedProxies(RootPath(app, settings.root_path), settings.trusted_proxies)


def _answering_neighbours(app: App, services: Services) -> AbstractAsyncContextManager[None]:
    """Does what other workers of this server ask for, for the length of the block."""
    if services.neighbours is None:
        return nullcontext()
    from quart_app.fleet.forwarding import call
    from quart_app.fleet.neighbours import Call, Question, Reply
    from quart_app.routes.scrape import figures_of

    async def answer(question: Question) -> Reply:
        if isinstance(question, Call):
            return await call(app, question)
        return Reply((await figures_of(services)).encode())

    return services.neighbours.answering(answer)


def _add_routes(app: Quart, widget: Path | None) -> None:
    from quart_app.pages.bundle import FOLDER, read_bundle
    from quart_app.routes.api import api
    from quart_app.routes.authoring.authors import authors
    from quart_app.routes.authoring.prompt_files import prompt_files
    from quart_app.routes.authoring.prompt_runs import prompt_runs
    from quart_app.routes.chat import chat
    from quart_app.routes.cors import share
    from quart_app.routes.error_pages import explain_errors
    from quart_app.routes.headers import add_headers
    from quart_app.routes.health import health
    from quart_app.routes.scrape import scrape
    from quart_app.routes.site import site
    from quart_app.routes.widget import embed

    share(app)
    add_headers(app)
    explain_errors(app)
    embedding = embed(read_bundle(widget or FOLDER))
    for_authors = (authors, prompt_files, prompt_runs)
    for blueprint in (api, *for_authors, chat, embedding, health, scrape, site):
        app.register_blueprint(blueprint)
