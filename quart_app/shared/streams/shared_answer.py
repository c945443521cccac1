"""An answer of this server whose log is brought into a stream, and how far that is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from quart_app.answers.kept_answer import RunningAnswer
from quart_app.shared.streams.entries import encode, entry_of

RENEWED = 10.0
"""Seconds after which the expiry of a stream is put off while it is in use."""


@dataclass(frozen=True, slots=True)
class Addition:
    """An entry for a stream; `confirm` is called when it stands there."""

    data: bytes
    is_last: bool
    confirm: Callable[[], None]


@dataclass(eq=False, slots=True)
class SharedAnswer:
    """How far an answer stands in its `stream`; `renewed` is when its expiry was last put off."""

    answer: RunningAnswer
    stream: str
    renewed: float
    sent: int = 0
    has_sources: bool = False
    has_thinking: bool = False
    has_ending: bool = False
    may_end: bool = False
    is_lost: bool = False
    """Whether the stream has to be opened anew."""
    is_expiry_due: bool = False
    bytes: int = 0
    entries: int = 0

    @property
    def is_running(self) -> bool:
        """Whether its ending is not due yet."""
        return not self.may_end

    @property
    def waits(self) -> bool:
        """Whether the log has more than the stream."""
        log = self.answer.log
        return (
            self.sent < len(log.deltas)
            or (log.sources is not None and not self.has_sources)
            or (log.thinking is not None and not self.has_thinking)
            or (self.may_end and not self.has_ending)
        )

    def expires(self, now: float) -> bool:
        """Whether the stream would expire before long, and must not."""
        is_in_use = not self.has_ending or self.answer.followers > 0
        return self.is_expiry_due or (is_in_use and now - self.renewed >= RENEWED)

    def was_renewed(self, now: float) -> None:
        """Its expiry was put off."""
        self.renewed, self.is_expiry_due = now, False

    def next(self) -> Addition | None:
        """What to write next; None where nothing waits."""
        if not self.waits:
            return None
        log = self.answer.log
        entry = entry_of(
            log,
            self.sent,
            with_sources=not self.has_sources,
            with_thinking=not self.has_thinking,
            with_ending=self.may_end,
            book=self.answer.book,
        )
        data = encode(entry)
        has_ending = entry.ended is not None or entry.failed is not None
        sent = self.sent + len(entry.contents)
        has = log.sources is not None, log.thinking is not None, has_ending
        return Addition(data, has_ending, partial(self._confirm, sent, has, len(data)))

    def begin_again(self) -> None:
        """The stream was opened anew: nothing stands in it."""
        self.sent = self.bytes = self.entries = 0
        self.has_sources = self.has_thinking = self.has_ending = self.is_lost = False

    def _confirm(self, sent: int, has: tuple[bool, bool, bool], size: int) -> None:
        self.sent = sent
        self.has_sources, self.has_thinking, self.has_ending = has
        self.bytes += size
        self.entries += 1
