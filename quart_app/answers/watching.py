"""What may watch answers: the rooms above offer it, and answers call it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from langchain_core.callbacks import BaseCallbackHandler

from chains.question import Question
from quart_app.answers.answer_log import AnswerLog
from quart_app.protocol.server_messages import ServerMessage


class AnswerWatcher(Protocol):
    """Watches one answer, from its question to the last frame that is sent of it."""

    @property
    def callbacks(self) -> list[BaseCallbackHandler]:
        """For the config of the answer's chain."""

    def frame(self, message: ServerMessage) -> None:
        """A frame of the answer was sent to a reader."""

    def end(self, log: AnswerLog) -> None:
        """The answer has ended with this log."""


class Watch(Protocol):
    """Gives each answer its watcher."""

    def begin(
        self, query_id: str, question: Question, *, client_query_id: str | None, session_id: str
    ) -> AnswerWatcher:
        """The watcher of the answer to a question that was just accepted."""


class Watches:
    """Several watches as one."""

    def __init__(self, *watches: Watch) -> None:
        self._watches = watches

    def begin(
        self, query_id: str, question: Question, *, client_query_id: str | None, session_id: str
    ) -> AnswerWatchers:
        """A watcher of each."""
        return AnswerWatchers(
            watch.begin(query_id, question, client_query_id=client_query_id, session_id=session_id)
            for watch in self._watches
        )


class AnswerWatchers:
    """Several watchers of one answer as one."""

    def __init__(self, watchers: Iterable[AnswerWatcher]) -> None:
        self._watchers = tuple(watchers)

    @property
    def callbacks(self) -> list[BaseCallbackHandler]:
        """Those of all."""
        return [callback for watcher in self._watchers for callback in watcher.callbacks]

    def frame(self, message: ServerMessage) -> None:
        """A frame of the answer was sent to a reader."""
        for watcher in self._watchers:
            watcher.frame(message)

    def end(self, log: AnswerLog) -> None:
        """The answer has ended with this log."""
        for watcher in self._watchers:
            watcher.end(log)
