"""The post of a worker: what its parent has given it."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

READY = b"ready\n"
"""What a worker sends to its parent once it serves."""
STOP = b"stop\n"
"""What the parent sends to it. The end of the line says the same: the parent was killed."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What stops a server."""


@dataclass(frozen=True)
class Post:
    """A worker's number, from 1 on; the files of the socket where all listen and of its line to
    the parent; and the folder where the workers' own sockets are.

    >>> Post.parse(str(Post(2, 7, 9, Path("with, a comma"))))
    Post(number=2, listener=7, line=9, folder=PosixPath('with, a comma'))
    """

    number: int
    listener: int
    line: int
    folder: Path

    def __str__(self) -> str:
        return f"{self.number},{self.listener},{self.line},{self.folder}"

    @classmethod
    def parse(cls, text: str) -> Post:
        """The post that was written as a text. Raises ValueError."""
        number, listener, line, folder = text.split(",", 3)
        return cls(int(number), int(listener), int(line), Path(folder))

    @property
    def is_first(self) -> bool:
        """Whether it is the one that owns the index and does what authors ask for."""
        return self.number == 1

    def socket_of(self, number: int) -> Path:
        """Where the worker of that number answers its neighbours."""
        return self.folder / f"{number}.socket"

    def others(self) -> list[int]:
        """The numbers of the other workers."""
        there = (int(path.stem) for path in self.folder.glob("*.socket"))
        return sorted(number for number in there if number != self.number)


@asynccontextmanager
async def on_line(post: Post, stop: Callable[[], None]) -> AsyncIterator[Callable[[], None]]:
    """Yields what sends to the parent that this worker serves; then the parent can `stop` it.

    `stop` is also called when the parent is gone.
    """
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=post.line))

    async def listen() -> None:
        with suppress(OSError):
            await reader.readline()
        stop()

    listening: asyncio.Task[None] | None = None

    def serve() -> None:
        nonlocal listening
        writer.write(READY)
        listening = asyncio.create_task(listen())

    try:
        yield serve
    finally:
        if listening is not None:
            listening.cancel()
        writer.close()
