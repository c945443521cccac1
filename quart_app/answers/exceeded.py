"""That a limit was reached, as a reader is to learn it."""

from __future__ import annotations

from dataclasses import dataclass

from quart_app.protocol.messages import Reason

QUESTIONS, CONVERSATIONS = "questions", "conversations from your address"


@dataclass(frozen=True, slots=True)
class Exceeded:
    """Which limit was reached, and in how many whole seconds, 1 or more, to try again; `what`
    is counted by it, in words for a reader."""

    reason: Reason
    retry_after: int
    what: str = QUESTIONS

    @property
    def message(self) -> str:
        """All of it in words for a reader."""
        wait = in_words(self.retry_after)
        return f"Too many {self.what} in one {self.reason}. Ask again in {wait}."


def in_words(seconds: int) -> str:
    """A time to wait, rounded up.

    >>> in_words(6), in_words(150), in_words(16_000)
    ('6 s', '3 minutes', '5 hours')
    """
    if seconds < 2 * 60:
        return f"{seconds} s"
    if seconds <= 2 * 3600:
        return f"{-(-seconds // 60)} minutes"
    return f"{-(-seconds // 3600)} hours"
