"""The copy of an answer that another server writes, as far as it was read from its stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from typing_extensions import override

from chains.errors import ServiceUnavailable
from quart_app.answers.kept_answer import KeptAnswer
from quart_app.shared.loop_time import now as loop_now
from quart_app.shared.streams.entries import CLIENT, DATA, SERVER, Gap, copy_entry, decode

MISSING = 2.5
"""Seconds after which an answer is given up where Redis knows no sign of life of its server."""
UNSEEN = 6.0
"""Seconds after which it is given up where Redis could not be asked."""
LOST = "the server that wrote the answer cannot be found"
START = b"0-0"
"""Before the first entry of a stream."""

Entries = Sequence[tuple[bytes, dict[bytes, bytes]]]
"""Of a stream: each with its id."""


@dataclass(eq=False)
class AnswerCopy(KeptAnswer):
    """An answer that is followed here and written by `server`.

    Its log gets what is read from its `stream`, of which `read` is the last entry so far.
    """

    stream: str = field(kw_only=True)
    server: str = ""
    named_book: str = ""
    read: bytes = START
    asked_for: float = 0.0
    """When its server was last asked to go on, or to stop."""
    is_broken: bool = False
    """Whether it ended without the ending that its server wrote."""
    _seen: float = field(default_factory=loop_now)
    _missing: float | None = None

    @property
    @override
    def book(self) -> str:
        return self.named_book

    @property
    @override
    def is_behind(self) -> bool:
        return self.log.ending is None or self.is_broken

    def take(self, entries: Entries) -> None:
        """Write what was read into the log; what cannot be understood ends it."""
        try:
            for number, fields in entries:
                self.read = number
                if DATA in fields:
                    entry = decode(fields[DATA])
                    self.named_book = entry.book or self.named_book
                    copy_entry(entry, self.log)
                else:
                    self.server = fields[SERVER].decode()
                    self.client_query_id = fields[CLIENT].decode() or None
        except (Gap, KeyError, msgspec.MsgspecError, UnicodeDecodeError):
            self.fail("its stream cannot be read")

    def keep_place(self, last: Entries) -> None:
        """Read from the start again where the `last` entry of the stream comes before what was
        read: Redis lost the stream, and made it again by a clock that is behind."""
        for number, _ in last:
            if _place(number) < _place(self.read):
                self.read = START

    def look(self, *, is_alive: bool | None) -> None:
        """Whether its stream is there and its server lives; None if Redis could not be asked.

        The log ends with an error where that was not so for too long.
        """
        now = loop_now()
        if is_alive:
            self._seen, self._missing = now, None
            return
        if is_alive is False and self._missing is None:
            self._missing = now
        is_lost = self._missing is not None and now - self._missing >= MISSING
        if is_lost or now - self._seen >= UNSEEN:
            self.fail(LOST)

    def fail(self, reason: str) -> None:
        """End the log with an error, after which asking again may help."""
        if self.log.ending is None:
            self.is_broken = True
            self.log.fail(ServiceUnavailable("server", reason))


def _place(number: bytes) -> tuple[int, ...]:
    """Of an entry in its stream, from its id."""
    return tuple(map(int, number.split(b"-")))
