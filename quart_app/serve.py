"""Hypercorn in this process: the listening socket, readiness, and the way out.

The command-line server of Hypercorn cannot drain (it cuts or hangs what streams), so the app is
served by `hypercorn.asyncio.serve` with a shutdown of ours: at SIGTERM or SIGINT idle sockets
get 1012 at once, answers finish within ``graceful_timeout``, then services close, then exit.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import hypercorn.asyncio
from hypercorn.config import Config
from hypercorn.protocol import ws_stream

from chains.errors import SettingError
from quart_app import create_app
from quart_app.beacon import beacon
from quart_app.services import Services, open_services
from quart_app.settings import WebSettings

CONFIG_FILE = Path("hypercorn.toml")
DEFAULTS: dict[str, Any] = {
    "bind": "localhost:8000",
    "graceful_timeout": 20,
    "loglevel": "warning",
    "websocket_max_message_size": 64 * 1024,
}
LAST_WORDS = 2.0
"""Seconds for the endings of answers that did not finish within ``graceful_timeout``."""

# permessage-deflate costs twice the CPU and 180 KiB a connection, and has no switch.
setattr(ws_stream, "server_extensions_handshake", lambda *_: None)  # noqa: B010 (mypy)


async def serve(
    settings: WebSettings,
    *,
    announce: Callable[[str, Services], None],
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or `stop`.

    `announce` gets the server's address once it can be asked. Raises SettingError where
    hypercorn.toml is wrong or the address cannot be had, and what `open_services` raises.
    """
    config, stop = _read_config(), stop or asyncio.Event()
    with _listen(settings, config) as listener:
        url = _url(config, listener)
        async with open_services(settings) as services:
            app = create_app(lambda: nullcontext(services))
            _stop_on_signals(stop)
            config.bind = [f"fd://{listener.detach()}"]
            with beacon(settings.data, url):
                announce(url, services)
                await hypercorn.asyncio.serve(
                    app, config, shutdown_trigger=lambda: _drain(stop, services, config)
                )


@asynccontextmanager
async def serving(settings: WebSettings) -> AsyncIterator[str]:
    """A server for the length of the block, on a free port of this machine; yields its address.

    Raises what `serve` raises.
    """
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    settings = settings.model_copy(update={"host": "127.0.0.1", "port": 0})
    server = asyncio.create_task(
        serve(settings, announce=lambda url, _: ready.set_result(url), stop=stop)
    )
    server.add_done_callback(lambda _: ready.cancel())
    await asyncio.wait([ready])
    if ready.cancelled():
        await server  # raises what went wrong
    try:
        yield ready.result()
    finally:
        stop.set()
        await server


async def _drain(stop: asyncio.Event, services: Services, config: Config) -> None:
    """Wait for `stop`; then let answers finish, and end those that take too long."""
    await stop.wait()
    leaving = asyncio.create_task(services.connections.drain())
    done, _ = await asyncio.wait([leaving], timeout=config.graceful_timeout)
    if not done:
        await services.answers.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(leaving, LAST_WORDS)


def _read_config() -> Config:
    """hypercorn.toml in the working directory, on top of our defaults."""
    try:
        text = CONFIG_FILE.read_text("utf-8") if CONFIG_FILE.exists() else ""
        given = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SettingError(f"{CONFIG_FILE}: {error}; correct it or remove the file.") from None
    if unknown := sorted(name for name in given if not hasattr(Config, name)):
        raise SettingError(f"{CONFIG_FILE}: Hypercorn has no setting {', '.join(unknown)}.")
    return Config.from_mapping({**DEFAULTS, **given})


def _listen(settings: WebSettings, config: Config) -> socket.socket:
    """A listening socket; clients that come before the app is ready wait in its queue."""
    bound = config.bind[0].rsplit(":", 1)
    host = settings.host or bound[0].strip("[]")
    port = settings.port if settings.port is not None else int(bound[1])
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
    except OSError as error:
        raise SettingError(f"{host} is no address to listen on ({error}); see --host.") from None
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(config.backlog)
    except OSError as error:
        listener.close()
        raise SettingError(
            f"Port {port} on {host} cannot be had ({error.strerror}); stop what uses it, "
            "or take another one with --port or SCHOLIAST_PORT."
        ) from None
    return listener


def _url(config: Config, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    everywhere = ("127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104 (recognized, not bound to)
    name = "localhost" if host in everywhere else host
    name = f"[{name}]" if ":" in name else name
    return f"{'https' if config.ssl_enabled else 'http'}://{name}:{port}/"


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
