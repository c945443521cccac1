"""Until when a model is waited for."""

from __future__ import annotations

from langchain_core.messages import AIMessageChunk

from chains.models.model import Timeouts
from chains.models.signs_of_life import is_sign

FIRST, GAP, THINK = (f"SCHOLIAST_MODEL_TIMEOUT{end}" for end in ("", "_GAP", "_THINK"))


class Patience:
    """The moment until which something has to come of one answer.

    Text allows the pause between two pieces from then on. A sign of life allows the same silence
    as before once more, until all the time without text from first signs on comes to
    `timeouts.think`. What says nothing, such as a role or an empty delta, allows nothing. Moments
    are in seconds of one clock; `deadline` is that of the first sign.

    >>> patience = Patience(Timeouts(first=30, think=300), deadline=30)
    >>> patience.hear(AIMessageChunk(content="", additional_kwargs={"thought": True}), now=10)
    >>> patience.deadline
    40
    """

    def __init__(self, timeouts: Timeouts, deadline: float) -> None:
        self.deadline = deadline
        self.setting = FIRST
        """The one that bounds it now."""
        self._between = timeouts.between
        self._silence, self._silence_setting = timeouts.first, self.setting
        self._to_think = timeouts.think
        self._begun: float | None = None

    def hear(self, chunk: AIMessageChunk, now: float) -> None:
        """Take note of what has come now."""
        if chunk.text:
            if self._begun is not None:
                self._to_think -= now - self._begun
                self._begun = None
            self._silence, self._silence_setting = self._between, GAP
            self.deadline, self.setting = now + self._silence, self._silence_setting
        elif is_sign(chunk):
            self._begun = now if self._begun is None else self._begun
            silent, bound = now + self._silence, self._begun + self._to_think
            if min(silent, bound) > self.deadline:
                self.deadline = min(silent, bound)
                self.setting = THINK if bound < silent else self._silence_setting
