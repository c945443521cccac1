"""Hypercorn in this process: from a free address to a clean stop.

The command-line server of Hypercorn cannot drain (it cuts or hangs what streams), so the app is
served by `hypercorn.asyncio.serve` with a shutdown of ours: at SIGTERM or SIGINT idle sockets
get 1012 at once, answers finish within ``graceful_timeout``, then services close, then exit.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from types import FrameType
from typing import Any

import hypercorn.asyncio
from hypercorn.config import Config
from hypercorn.typing import Framework

from chains.index.beacon import beacon, require_no_server
from chains.memory import give_memory_back
from chains.name_lookups import part_name_lookups
from quart_app import create_app
from quart_app.answers.running import Answers
from quart_app.door.connection import bound_connections, cut
from quart_app.door.descriptors import Room, make_room, shortages_on_one_line
from quart_app.door.hosts import hosts_of
from quart_app.door.listener import (
    address_of,
    check_tls,
    hand_over,
    listen,
    read_config,
    url_of,
)
from quart_app.door.repairs import install_repairs
from quart_app.fleet.post import SIGNALS, Post, on_line
from quart_app.protocol.bounds import FRAME_BYTES
from quart_app.services import Services, open_services
from quart_app.settings import WebSettings

log = logging.getLogger("scholiast.serve")

LAST_WORDS = 1.0
"""Seconds for the endings of answers that did not finish within ``graceful_timeout``, and then
for connections to close."""
NEW_OBJECTS = 10_000
"""After so many the youngest are collected; Python's 700 cost an eighth of the time under load."""
SWITCH_INTERVAL = 0.0005
"""Seconds that a thread which searches or judges keeps Python from the event loop. The loop gives
it away with each read and write of a socket; with Python's 5 ms it waited longer than it worked."""
REST = 5.0
"""Seconds between two looks at whether answers are kept."""

OpenServices = Callable[[WebSettings, int], AbstractAsyncContextManager[Services]]
"""`open_services`, or what a test has in its place: settings, and bytes of the longest frame."""


async def serve(
    settings: WebSettings,
    *,
    announce: Callable[[str, Services], None],
    post: Post | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; a second one ends the process at once.

    `announce` gets the server's address once it can be asked. A worker of
    `quart_app.supervisor` has a `post`. Raises SettingError where hypercorn.toml is wrong or the
    address cannot be had, and what `open_services` raises.
    """
    stop = asyncio.Event()
    async with on_line(post, stop.set) if post else nullcontext(lambda: None) as say_ready:

        def ready(url: str, services: Services) -> None:
            _favour_the_loop()
            _stop_on_signals(stop)
            announce(url, services)
            say_ready()

        def opening(
            settings: WebSettings, frame_bytes: int
        ) -> AbstractAsyncContextManager[Services]:
            if post is None and not settings.qdrant_url:
                require_no_server(settings.data)
            return open_services(settings, frame_bytes, post=post)

        await _run(settings, read_config(FRAME_BYTES), stop, ready, opening, post)


@asynccontextmanager
async def serving(
    settings: WebSettings, opening: OpenServices = open_services
) -> AsyncIterator[str]:
    """A server for the length of the block, on a free port of this machine; yields its address.

    Its services are those that `opening` opens. Raises what `serve` raises.
    """
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    settings = settings.model_copy(update={"host": "127.0.0.1", "port": 0})
    config = read_config(FRAME_BYTES)
    config.certfile = config.keyfile = None  # a certificate is for another name than this address
    running = _run(settings, config, stop, lambda url, _: ready.set_result(url), opening)
    server = asyncio.create_task(running)
    try:
        either: set[asyncio.Future[Any]] = {ready, server}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await server  # raises what went wrong
        yield ready.result()
    finally:
        stop.set()
        await server


async def _run(
    settings: WebSettings,
    config: Config,
    stop: asyncio.Event,
    ready: Callable[[str, Services], None],
    opening: OpenServices,
    post: Post | None = None,
) -> None:
    if settings.require_tls:
        check_tls(config, settings.trusted_proxies)
    install_repairs()
    part_name_lookups()
    room = make_room(Room(settings.max_connections, settings.answers_at_work))
    bound_connections(room.connections, settings.limit_connections, settings.trusted_proxies)
    bounds = {"max_connections": room.connections, "max_answers": room.answers}
    settings = settings.model_copy(update=bounds)
    with _listener(settings, config, post) as listener:
        url = url_of(listener, config, settings.root_path)
        settings = _with_hosts(settings, config, listener.getsockname()[0])
        async with opening(settings, config.websocket_max_message_size) as services:
            app = create_app(lambda: nullcontext(services))  # before anybody waits for the loop
            hand_over(listener, config)
            # What finds a worker finds its parent.
            found = nullcontext() if post else beacon(settings.data, url)
            with found, shortages_on_one_line():
                ready(url, services)
                await _serve_app(app, services, config, stop)


def _listener(settings: WebSettings, config: Config, post: Post | None) -> socket.socket:
    if post is not None:
        return socket.socket(fileno=post.listener)
    return listen(config, settings.host, settings.port, settings.data)


def _with_hosts(settings: WebSettings, config: Config, bound: str) -> WebSettings:
    """The settings with the names by which a server at the address `bound` may be asked."""
    name, _ = address_of(config, settings.host, settings.port)
    is_behind_proxy = bool(settings.trusted_proxies)
    rules = hosts_of(bound, name, settings.allowed_hosts, is_behind_proxy=is_behind_proxy)
    return settings.model_copy(update={"allowed_hosts": rules})


async def _serve_app(
    app: Framework, services: Services, config: Config, stop: asyncio.Event
) -> None:
    async def drained() -> None:
        await stop.wait()
        await _drain(services, config)
        # From Python 3.12 on a server waits for its connections to close, however long it takes.
        loop = asyncio.get_running_loop()
        config.graceful_timeout = 2 * LAST_WORDS  # its own, for what is left
        loop.call_later(LAST_WORDS, cut, config)
        limit.reschedule(loop.time() + 2 * LAST_WORDS)

    tidying = asyncio.create_task(_tidy(services.answers))
    try:
        async with asyncio.timeout(None) as limit:
            await hypercorn.asyncio.serve(app, config, shutdown_trigger=drained)
    except TimeoutError:
        if not limit.expired():
            raise
    finally:
        tidying.cancel()


async def _tidy(answers: Answers) -> None:
    """Collect garbage and give memory back whenever the last answer is kept no longer.

    Under load only the youngest objects are looked at, and the C library keeps what was freed.
    """
    were_kept = False
    while True:
        await asyncio.sleep(REST)
        if were_kept and not len(answers):
            gc.collect()
            await asyncio.to_thread(give_memory_back)
        were_kept = len(answers) > 0


def _favour_the_loop() -> None:
    """Keep the garbage collector and the other threads from stopping the event loop for long.

    The collector would look through 250,000 objects of libraries again and again under load, for
    150 ms each time: it leaves alone what is there for good, and looks at new objects less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)
    sys.setswitchinterval(SWITCH_INTERVAL)


async def _drain(services: Services, config: Config) -> None:
    """Let answers finish, and end those that wait or take too long."""
    services.answers.end_waiting()
    leaving = asyncio.create_task(_leave(services))
    done, _ = await asyncio.wait([leaving], timeout=config.graceful_timeout)
    if not done:
        await services.answers.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(leaving, LAST_WORDS)


async def _leave(services: Services) -> None:
    await services.connections.drain()
    await services.answers.until_unwanted()


def _stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` at the first signal; the second has its usual effect."""
    loop = asyncio.get_running_loop()
    usual = signal.getsignal(signal.SIGINT)  # of `asyncio.run`, which cancels the main task

    def now(number: int, frame: FrameType | None) -> None:
        logging.getLogger("asyncio").disabled = True  # a trace of each connection that is cut
        if callable(usual):
            usual(number, frame)

    def first() -> None:
        log.info("stopping when the answers under way have ended; once more stops at once")
        stop.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        signal.signal(signal.SIGINT, now)

    for number in SIGNALS:
        try:
            loop.add_signal_handler(number, first)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
