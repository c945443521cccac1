"""How many files this process may have open: each connection is one, and an answer takes two."""

from __future__ import annotations

import asyncio
import errno
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from quart_app.door.refusals import RareLines

log = logging.getLogger("scholiast.serve")

RESERVED = 256
"""For the index, the log, pages, and what is accepted at once before it can be turned away."""
OF_AN_ANSWER = 2
"""The connection to the model, and that to an endpoint of embeddings or, with `local`, its other
end, which is in this process too."""

SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""Why the system gives no file for a connection; asyncio tries again a second later."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many `connections` of readers there can be, and how many `answers` at work."""

    connections: int
    answers: int

    @property
    def files(self) -> int:
        """The open files of all together."""
        return self.connections + OF_AN_ANSWER * self.answers + RESERVED


def make_room(wanted: Room) -> Room:
    """Raise the soft limit of open files for what is wanted; returns what there is room for."""
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted.files:
        soft = wanted.files if hard == resource.RLIM_INFINITY else min(wanted.files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= wanted.files:
        return wanted
    room = _within(soft, wanted)
    log.warning(
        "the system allows %d open files, %d too few for SCHOLIAST_MAX_CONNECTIONS=%d and "
        "SCHOLIAST_MAX_ANSWERS=%d: there will be at most %d connections and %d answers at a time; "
        "raise the hard limit, as by `ulimit -Hn`",
        soft,
        wanted.files - soft,
        wanted.connections,
        wanted.answers,
        room.connections,
        room.answers,
    )
    return room


def _within(files: int, wanted: Room) -> Room:
    """At most half of the files for answers, the rest for those who wait and read."""
    free = max(0, files - RESERVED)
    answers = max(1, min(wanted.answers, free // (2 * OF_AN_ANSWER)))
    return Room(max(1, min(wanted.connections, free - OF_AN_ANSWER * answers)), answers)


@contextmanager
def shortages_on_one_line() -> Iterator[None]:
    """Say at most once a second that connections cannot be accepted, in the running loop.

    asyncio's own words are a stack trace for each attempt, of which there are hundreds a second.
    """
    loop, lines = asyncio.get_running_loop(), RareLines()
    before = loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if "socket" not in context or getattr(error, "errno", None) not in SHORTAGES:
            (before or type(loop).default_exception_handler)(loop, context)
        elif (others := lines.due("accept")) is not None:
            log.error(
                "a connection cannot be accepted (%s)%s; raise the system's limit of open files, "
                "as by `ulimit -Hn`, or lower SCHOLIAST_MAX_CONNECTIONS",
                getattr(error, "strerror", error),
                others,
            )

    loop.set_exception_handler(handle)
    try:
        yield
    finally:
        loop.set_exception_handler(before)
