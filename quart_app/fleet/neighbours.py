"""What workers of one server ask of each other, by sockets in a folder for their owner alone.

A request is one msgpack message behind its length, and so is the answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from quart_app.fleet.post import Post

log = logging.getLogger("scholiast.workers")

LENGTH = 4
LONGEST = 1 << 24
"""Bytes of a message."""
LONGEST_WAIT = 60.0
"""Seconds for an answer: a restored index may be large."""


class Call(msgspec.Struct, tag="call"):
    """A request of HTTP for the app of another worker: an ASGI scope and the body."""

    scope: dict[str, Any]
    body: bytes


class Figures(msgspec.Struct, tag="figures"):
    """Asks for what the worker counts, in the format of OpenMetrics."""


class Reply(msgspec.Struct):
    """What a worker answers; of `Figures`, the body alone."""

    body: bytes
    status: int = 200
    headers: list[tuple[bytes, bytes]] = []


Question = Call | Figures
Answer = Callable[[Question], Awaitable[Reply]]


class NotThere(Exception):
    """The worker that was asked does not answer."""


class Neighbours:
    """The workers of this server, seen from the one with this `post`."""

    def __init__(self, post: Post) -> None:
        self.post = post

    async def ask(self, number: int, question: Question, wait: float = LONGEST_WAIT) -> Reply:
        """The answer of the worker with that number. Raises NotThere."""
        try:
            async with asyncio.timeout(wait):
                reader, writer = await asyncio.open_unix_connection(self.post.socket_of(number))
                try:
                    await _write(writer, msgspec.msgpack.encode(question))
                    return msgspec.msgpack.decode(await _read(reader), type=Reply)
                finally:
                    writer.close()
        except (OSError, EOFError, msgspec.MsgspecError) as error:  # TimeoutError is an OSError
            raise NotThere(f"worker {number} does not answer") from error

    @asynccontextmanager
    async def answering(self, answer: Answer) -> AsyncIterator[None]:
        """Answer what the others ask, for the length of the block."""

        async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                question = msgspec.msgpack.decode(await _read(reader), type=Question)
                await _write(writer, msgspec.msgpack.encode(await answer(question)))
            except (OSError, EOFError) as error:  # who asked waits no longer
                log.debug("a question of another worker was not answered: %s", error)
            except Exception:
                log.exception("a question of another worker failed")
            finally:
                writer.close()

        place = self.post.socket_of(self.post.number)
        async with await asyncio.start_unix_server(reply, place):
            yield


async def _write(writer: asyncio.StreamWriter, message: bytes) -> None:
    writer.write(len(message).to_bytes(LENGTH) + message)
    await writer.drain()


async def _read(reader: asyncio.StreamReader) -> bytes:
    """A message. Raises EOFError where it is cut, or too long to be one of ours."""
    length = int.from_bytes(await reader.readexactly(LENGTH))  # IncompleteReadError is an EOFError
    if length > LONGEST:
        raise EOFError
    return await reader.readexactly(length)
