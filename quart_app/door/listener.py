"""Where the server listens: what hypercorn.toml says, the socket, and its address."""

from __future__ import annotations

import errno
import logging
import re
import socket
import sys
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from hypercorn.config import Config, Sockets
from typing_extensions import override

from chains.bad_values import refuse_zone
from chains.errors import SettingError, os_words
from chains.index.beacon import find_server
from quart_app.door.connection import TooMany, arrive, leave
from quart_app.door.proxies import Network

CONFIG_FILE = Path("hypercorn.toml")
DEFAULTS: dict[str, Any] = {
    "bind": "localhost:8000",
    "graceful_timeout": 20,
    "loglevel": "warning",
    "ssl_handshake_timeout": 10,
    "include_server_header": False,
}
MESSAGE_SIZE = "websocket_max_message_size"
UNUSED = {"daemon", "debug", "pid_path", "umask", "use_reloader", "worker_class"}
"""Settings for Hypercorn's own command, such as those for a process that detaches."""
OURS = {"root_path": "SCHOLIAST_ROOT_PATH", "workers": "SCHOLIAST_WORKERS"}
"""What has a setting of ours in place of Hypercorn's."""
PROTOCOLS = ("alpn_", "h2_", "quic_")
"""How the names of settings for other protocols begin. The server speaks HTTP/1.1 alone: what
bounds frames and connections is made for it."""
PROPERTIES = {"bind", "insecure_bind"}
KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPALIVE": 5, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3}
"""Seconds of silence until the first probe (macOS has its own name for it), seconds until the
next, and how many: a client that has vanished while idle is gone within 15 s."""
USER_TIMEOUT = 10_000
"""Milliseconds that sent data may stay unacknowledged, or unsent as the client reads nothing."""
LONGEST = 253
"""Characters of the name of a host, as DNS has it."""
ADDRESS = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:/]+)):(?P<port>\d{1,5})")


class TlsListener(socket.socket):
    """Drops what is too much before its TLS handshake: a `Connection` begins only after that.

    asyncio accepts by it; on Windows it does not.
    """

    __slots__ = ()

    @override
    def accept(self) -> tuple[socket.socket, Any]:
        accepted, peer = super().accept()
        arriving = Arriving(fileno=accepted.detach())
        try:
            arrive(arriving.fileno(), peer)
        except TooMany:
            arriving.close()
            raise ConnectionAbortedError from None  # which asyncio passes over
        return arriving, peer


class Arriving(socket.socket):
    """Counted until it is closed, or a `Connection`."""

    __slots__ = ()

    @override
    def close(self) -> None:
        leave(self.fileno())
        super().close()


def read_config(frame_bytes: int) -> Config:
    """hypercorn.toml in the working directory, on top of our defaults. Raises SettingError.

    A frame may have so many bytes if the file says nothing else; it may not say fewer, in which
    not every question would fit.
    """
    given = _read_file()
    for name, value in given.items():
        _check(name, value)
    if given.get(MESSAGE_SIZE, frame_bytes) < frame_bytes:
        raise _wrong(f"{MESSAGE_SIZE} is {frame_bytes} or more, so that every question fits")
    config = Config.from_mapping({**DEFAULTS, MESSAGE_SIZE: frame_bytes, **given})
    config.alpn_protocols = ["http/1.1"]
    try:
        for name in ("hypercorn.error", "hypercorn.access"):
            logging.getLogger(name).setLevel(config.loglevel.upper())
        if bool(config.certfile) != bool(config.keyfile):
            raise ValueError("certfile and keyfile go together")
        config.create_ssl_context()
    except (OSError, TypeError, ValueError) as error:
        raise _wrong(_reason(error)) from None
    # Its own handlers would print a line twice, and codes that a client sent as they are.
    if config.errorlog == "-":
        config.errorlog = logging.getLogger("hypercorn.error")
    if config.accesslog == "-":
        config.accesslog = logging.getLogger("hypercorn.access")
    return config


def listen(config: Config, host: str | None, port: int | None, data: Path) -> socket.socket:
    """A socket that listens at `address_of` these; clients wait in its queue for the app.

    Raises SettingError where the address cannot be had, also when the server of the `data`
    folder has it already.
    """
    host, port = address_of(config, host, port)
    try:
        refuse_zone(host)
    except ValueError as error:
        raise SettingError(f"{host[:LONGEST]} is not listened on: {error}.") from None
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SettingError(
            f"{host[:LONGEST]} is no address to listen on; name one of this machine, such as "
            "localhost or 0.0.0.0, by --host or SCHOLIAST_HOST."
        ) from None
    # Of localhost's two, the one that every machine has.
    family, kind, *_, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    listener = socket.socket(family, kind)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _notice_losses(listener)
        listener.bind(address)
        listener.listen(config.backlog)
    except OSError as error:
        listener.close()
        raise SettingError(_taken(data, host, port, error)) from None
    return listener


def hand_over(listener: socket.socket, config: Config) -> None:
    """Let Hypercorn serve at the listener, and count what comes for TLS before its handshake."""
    config.bind = [f"fd://{listener.detach()}"]
    made = config.create_sockets

    def create_sockets() -> Sockets:
        sockets = made()
        secure = [TlsListener(fileno=plain.detach()) for plain in sockets.secure_sockets]
        return Sockets([*secure], sockets.insecure_sockets, sockets.quic_sockets)

    setattr(config, "create_sockets", create_sockets)  # noqa: B010 (mypy)


def address_of(config: Config, host: str | None, port: int | None) -> tuple[str, int]:
    """Host and port to listen on: for what is None, that of ``bind``. Raises SettingError.

    An IPv6 address may have the brackets that it has in a URL.
    """
    if len(config.bind) != 1 or not (bound := ADDRESS.fullmatch(config.bind[0])):
        raise _wrong("bind is one address, such as localhost:8000")
    if int(bound["port"]) > 65535:
        raise _wrong(f"there is no port {bound['port']}")
    port = int(bound["port"]) if port is None else port
    host = host or bound["v6"] or bound["host"]
    return host.removeprefix("[").removesuffix("]"), port


def url_of(listener: socket.socket, config: Config, root_path: str | None = None) -> str:
    """What to open in a browser, with a slash at the end."""
    host, port = listener.getsockname()[:2]
    everywhere = ("127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104 (recognized, not bound to)
    name = "localhost" if host in everywhere else host
    name = f"[{name}]" if ":" in name else name
    return f"{'https' if config.ssl_enabled else 'http'}://{name}:{port}{root_path or ''}/"


def check_tls(config: Config, proxies: Collection[Network]) -> None:
    """Raise SettingError where no connection could be secure, neither to here nor to a proxy."""
    if not config.ssl_enabled and not proxies:
        raise SettingError(
            "SCHOLIAST_REQUIRE_TLS would refuse everybody: give certfile and keyfile in "
            f"{CONFIG_FILE}, or name the proxy that has them in SCHOLIAST_TRUSTED_PROXIES."
        )


def _notice_losses(listener: socket.socket) -> None:
    """Let the system end connections whose client has vanished; accepted sockets inherit it.

    A websocket would wait for good: nobody misses the pong to Hypercorn's pings.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {**KEEPALIVE, "TCP_USER_TIMEOUT": USER_TIMEOUT}
    for name, value in options.items():
        if hasattr(socket, name):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _read_file() -> dict[str, Any]:
    try:
        return tomllib.loads(CONFIG_FILE.read_text("utf-8")) if CONFIG_FILE.exists() else {}
    except OSError as error:
        raise SettingError(os_words(error)) from None
    except ValueError as error:
        raise _wrong(str(error)) from None


def _check(name: str, value: object) -> None:
    if name in UNUSED or name.startswith(PROTOCOLS):
        raise _wrong(f"{name} has no effect here")
    if name in OURS:
        raise _wrong(f"{name} is set by {OURS[name]}")
    if name not in PROPERTIES and not _is_plain(name):
        raise _wrong(f"Hypercorn has no setting {name}")
    default = getattr(Config(), name)
    if not _fits(value, default):
        raise _wrong(f"{name} = {value!r} is not of the kind of {default!r}")


def _is_plain(name: str) -> bool:
    """Whether it is an attribute of the class, and neither private nor a method."""
    return name in vars(Config) and name[0] != "_" and not hasattr(vars(Config)[name], "__get__")


def _fits(value: object, default: object) -> bool:
    if isinstance(default, (int, float)) and not isinstance(default, bool):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, list):
        return isinstance(value, (str, list))
    return default is None or isinstance(value, type(default))


def _wrong(problem: str) -> SettingError:
    return SettingError(f"{CONFIG_FILE}: {problem}; correct it or remove the line.")


def _reason(error: Exception) -> str:
    return os_words(error).removesuffix(".") if isinstance(error, OSError) else str(error)


def _taken(data: Path, host: str, port: int, error: OSError) -> str:
    """Why the socket cannot be had, and what to do."""
    where = f"Port {port} on {host} cannot be had ({error.strerror})"
    if (server := find_server(data)) and f":{port}/" in server.url:
        return f"{where}: the server of this book runs at {server}."
    if error.errno == errno.EADDRINUSE:
        return f"{where}; stop what uses it, or take another one with --port or SCHOLIAST_PORT."
    return f"{where}; take another one with --host and --port."
