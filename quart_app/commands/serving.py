"""`scholiast serve` in one process and in several, and what it prints when it serves."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import TYPE_CHECKING

from quart_app.commands.console import show_line

if TYPE_CHECKING:
    from quart_app.fleet.post import Post
    from quart_app.services import Services
    from quart_app.settings import WebSettings

NOT_SHARED = (
    "scholiast: {} workers without REDIS_URL: each knows its own conversations, answers and limits "
    "alone, so a reader who comes back after a lost connection may have to ask again"
)


def run_alone(settings: WebSettings) -> None:
    """Serve in this process."""
    from quart_app.serve import serve

    _print_warnings()
    asyncio.run(serve(settings, announce=_announce))


def run_workers(settings: WebSettings) -> None:
    """Serve in as many processes as `settings` say; this one is their parent.

    Raises SettingError where they would not keep the limits of all readers.
    """
    from quart_app.supervisor import WorkerFailed, require_one_count, supervise

    require_one_count(settings)
    _print_warnings()
    if settings.redis_url is None:
        show_line(NOT_SHARED.format(settings.workers), fg="yellow", err=True)
    try:
        asyncio.run(supervise(settings, partial(_print_address, settings.workers)))
    except WorkerFailed as failed:
        sys.exit(failed.code)


def run_worker(settings: WebSettings, post: str) -> None:
    """Serve as one of several processes, at the post that the parent has given."""
    from quart_app.fleet.post import Post
    from quart_app.serve import serve

    place = Post.parse(post)
    asyncio.run(serve(settings, announce=partial(_announce_worker, place), post=place))


def _print_warnings() -> None:
    from quart_app.pages.bundle import NOT_BUILT, read_bundle
    from quart_app.settings import WebSettings

    missing = [] if read_bundle() else [NOT_BUILT]
    for line in WebSettings.unknown_variables() + missing:
        show_line(f"scholiast: {line}", fg="yellow", err=True)


def _announce(url: str, services: Services) -> None:
    _print_book(services)
    _print_address(1, url)


def _announce_worker(post: Post, _: str, services: Services) -> None:
    if post.is_first and not post.others():  # when it is started again, all has been said
        _print_book(services)


def _print_book(services: Services) -> None:
    book, model = services.library.book(), services.model
    chapters = "1 chapter" if len(book.files) == 1 else f"{len(book.files)} chapters"
    show_line(f"{book.title}, {chapters}", err=True)
    show_line(f"Model {model.label}", err=True)
    if services.settings.trace:
        folder = services.settings.data / "traces"
        kept = f"Traces: {folder} keeps questions and answers as plain text for a day"
        show_line(kept, fg="yellow", err=True)


def _print_address(workers: int, url: str) -> None:
    if workers > 1:
        show_line(f"{workers} workers", err=True)
    show_line(f"Open {url} (Ctrl-C stops)", bold=True, err=True)
