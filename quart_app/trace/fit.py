"""How much of a trace goes into its file: what is too long is cut, and the trace says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from quart_app.trace.record import Call, Frame, Message, Retrieval, Trace

MOST_BYTES = 1024 * 1024
SHARES = (1.0, 0.3, 0.1, 0.03, 0.01)
"""Of the lengths below, tried in turn until the trace fits."""
FRAMES, CANDIDATES, CALLS, MESSAGES = 4000, 400, 400, 400
LETTERS = 100_000
"""Of one text."""

Item = TypeVar("Item")


def encode(trace: Trace) -> bytes:
    """The trace as JSON of at most `MOST_BYTES`."""
    for share in SHARES:
        encoded = msgspec.json.encode(_Scissors(share).cut(trace))
        if len(encoded) <= MOST_BYTES:
            break
    return encoded


class _Scissors:
    def __init__(self, share: float) -> None:
        self._share = share
        self._notes: set[str] = set()

    def cut(self, trace: Trace) -> Trace:
        asked = trace.asked
        trace = replace(
            trace,
            asked=replace(asked, history=self._messages(asked.history, "earlier turns")),
            text=self._text(trace.text, "the answer"),
            retrieval=self._retrieval(trace.retrieval),
            calls=tuple(map(self._call, self._items(trace.calls, CALLS, "calls of the model"))),
            frames=tuple(map(self._frame, self._items(trace.frames, FRAMES, "frames"))),
        )
        return replace(trace, left_out=tuple(sorted(self._notes.union(trace.left_out))))

    def _retrieval(self, retrieval: Retrieval | None) -> Retrieval | None:
        if retrieval is None:
            return None
        candidates = self._items(retrieval.candidates, CANDIDATES, "candidates")
        return replace(retrieval, candidates=candidates)

    def _call(self, call: Call) -> Call:
        return replace(call, messages=self._messages(call.messages, "messages of a prompt"))

    def _frame(self, frame: Frame) -> Frame:
        content = frame.content
        return replace(frame, content=content and self._text(content, "contents of frames"))

    def _messages(self, messages: tuple[Message, ...], name: str) -> tuple[Message, ...]:
        kept = self._items(messages, MESSAGES, name)
        return tuple(Message(message.role, self._text(message.text, name)) for message in kept)

    def _text(self, text: str, name: str) -> str:
        most = int(LETTERS * self._share)
        if len(text) <= most:
            return text
        self._notes.add(f"{name}: letters after the first {most} of a text")
        return text[:most]

    def _items(self, items: Sequence[Item], most: int, name: str) -> tuple[Item, ...]:
        """The first and, since things end there, a few of the last."""
        most = max(int(most * self._share), 4)
        if len(items) <= most:
            return tuple(items)
        self._notes.add(f"{name}: {len(items) - most} of {len(items)}")
        last = most // 4
        return (*items[: most - last], *items[-last:])
