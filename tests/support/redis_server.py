"""A real redis-server on a free port of this machine, which keeps nothing on disk."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from redis import Redis

from tests.support.programs import find_program

PATIENCE = 30.0
"""Seconds until it answers."""


class RedisServer:
    """One that can be killed, stopped and started again, at the same `url`."""

    def __init__(self, folder: Path, options: tuple[str, ...]) -> None:
        self._program = find_program("redis-server")
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> Redis:
        """To look into it, and to change its configuration."""
        return Redis(port=self.port, decode_responses=True)

    def start(self) -> None:
        """Start it, and wait until it answers, if only to refuse."""
        command = [self._program, "--port", str(self.port), "--bind", "127.0.0.1"]
        quiet = ["--save", "", "--appendonly", "no", "--dir", str(self._folder), "--logfile", "log"]
        self._process = subprocess.Popen(
            [*command, *quiet, *self._options], stdout=subprocess.DEVNULL
        )
        until = monotonic() + PATIENCE
        while not self._answers():
            said = self._folder / "log"
            ended = self._process.poll() is not None or monotonic() > until
            assert not ended, said.read_text() if said.exists() else "no log"
            sleep(0.01)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def freeze(self) -> None:
        """Let it answer nothing, and keep its connections."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)) as raw:
            raw.sendall(b"PING\r\n")
            return raw.recv(7) in (b"+PONG\r\n", b"-NOAUTH")
        return False


@contextmanager
def redis_server(*options: str) -> Iterator[RedisServer]:
    """One for the length of the block; `options` as on its command line.

    Where it is not installed the test is skipped, and fails in CI.
    """
    with TemporaryDirectory() as folder:
        server = RedisServer(Path(folder), options)
        try:
            server.start()
            yield server
        finally:
            server.kill()
