"""What deploy/ describes, as processes: two servers behind nginx with TLS, and their Redis.

Each server has a data folder of its own, since there is no Qdrant server here.
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.support.commands import Served, started, until_open
from tests.support.folders import copy_folder
from tests.support.nginx import PORT, ROOT, nginx
from tests.support.programs import find_program
from tests.support.redis_server import RedisServer, redis_server

DEPLOY = ROOT / "deploy"


def free_port() -> int:
    """A port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Server:
    """One of them, at a port that it keeps; it can be killed, and stopped and started again."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.port = free_port()
        self._folder = folder
        self._variables = {**variables, "SCHOLIAST_PORT": str(self.port)}
        self._running = ExitStack()
        self._served: Served | None = None

    def begin(self) -> None:
        """Start its process."""
        self._process = self._running.enter_context(
            started(self._folder, "serve", **self._variables)
        )

    def ready(self) -> None:
        """Wait until it serves."""
        self._served = until_open(self._process, self._folder)

    def kill(self) -> None:
        """End it at once, as a loss of power does."""
        self._running.close()

    def stop(self) -> int:
        """Let it drain; its exit code."""
        assert self._served is not None
        code, _ = self._served.end(signal.SIGTERM)
        self._running.close()
        return code


@contextmanager
def caddy(folder: Path, servers: tuple[Server, Server]) -> Iterator[tuple[str, ssl.SSLContext]]:
    """A real Caddy with deploy/Caddyfile before the servers: its address, and whom to trust."""
    trust, certificate = _certificate(folder)
    url = f"https://127.0.0.1:{free_port()}"
    text = (DEPLOY / "Caddyfile").read_text()
    for written, meant in {
        "app1:8000": f"127.0.0.1:{servers[0].port}",
        "app2:8000": f"127.0.0.1:{servers[1].port}",
        "book.example {": f"{url} {{\n\ttls {certificate} {certificate}",
    }.items():
        assert written in text, written
        text = text.replace(written, meant)
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\n{text}")
    command = [find_program("caddy"), "run", "--adapter", "caddyfile"]
    homes = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    with subprocess.Popen(
        [*command, "--config", str(folder / "Caddyfile")],
        env={**os.environ, **homes},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = any("serving initial configuration" in line for line in process.stderr)
        reading = threading.Thread(target=process.stderr.read)  # so that its log never fills
        reading.start()
        try:
            assert said
            yield f"{url}/", trust
        finally:
            process.terminate()
            reading.join()


@dataclass(frozen=True)
class Topology:
    """What readers see: `url` ends with a slash, `trust` knows its certificate."""

    url: str
    trust: ssl.SSLContext
    servers: tuple[Server, Server]
    redis: RedisServer
    plain: int
    """The port that is not secure."""


@contextmanager
def topology(folder: Path, data: Path, **variables: str) -> Iterator[Topology]:
    """All of it in an empty folder, with copies of a data folder and these settings."""
    trust, certificate = _certificate(folder)
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server())
        shared = {
            "REDIS_URL": redis.url,
            "SCHOLIAST_SESSION_SECRET": "the same on both of the servers",
            "SCHOLIAST_TRUSTED_PROXIES": "127.0.0.1",
            "SCHOLIAST_LIMIT_QUESTIONS": "off",
        }
        servers = (
            _server(folder / "1", data, shared | variables),
            _server(folder / "2", data, shared | variables),
        )
        for server in servers:
            stack.callback(server.kill)
            server.begin()
        for server in servers:
            server.ready()
        plain = free_port()
        (folder / "nginx").mkdir()
        text = rendered((DEPLOY / "nginx.conf").read_text(), servers, plain, certificate)
        port = stack.enter_context(nginx(folder / "nginx", text))
        yield Topology(f"https://127.0.0.1:{port}/", trust, servers, redis, plain)


def rendered(text: str, servers: tuple[Server, Server], plain: int, certificate: Path) -> str:
    """What deploy/ says, at home in a test."""
    for written, meant in {
        "app1:8000": f"127.0.0.1:{servers[0].port}",
        "app2:8000": f"127.0.0.1:{servers[1].port}",
        "listen 443 ssl;": f"listen 127.0.0.1:{PORT} ssl;",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "/etc/nginx/tls/book.pem": str(certificate),
        "/etc/nginx/tls/book.key": str(certificate),
    }.items():
        assert written in text, written
        text = text.replace(written, meant)
    return text


def _server(folder: Path, data: Path, variables: dict[str, str]) -> Server:
    copy_folder(data, folder / ".scholiast")
    return Server(folder, variables)


def _certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    authority, trust = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trust)
    file = folder / "book.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(file)
    return trust, file
