"""Server-sent events, told apart in the bytes of a stream."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator

import orjson

from chains.models.signs_of_life import COMMENT

COMMENT_EVENT = orjson.dumps({"choices": [], COMMENT: True})
"""The data of a comment."""


class EventReader:
    r"""Server-sent events in bytes that come in any parts; a comment is an event, too.

    Names, ids and times of events mean nothing here. An event without data is a sign of life like
    a comment, and where blank lines between events are left out, each line that is all of an
    object is one. See https://html.spec.whatwg.org/multipage/server-sent-events.html.

    >>> reader = EventReader()
    >>> [*reader.read(b"data: 1\n\nda"), *reader.read(b"ta:2\r"), *reader.read(b"\n\r\n")]
    [b'1', b'2']
    """

    def __init__(self) -> None:
        self._line: list[bytes] = []
        """Parts of a line that has not ended; joined once, since it may be long."""
        self._data: list[bytes] = []
        self._skips_line_feed = False
        self._is_first = True

    def read(self, part: bytes) -> Iterator[bytes]:
        """The data of the events that end in this part, in order."""
        if self._skips_line_feed:
            part = part.removeprefix(b"\n")
        self._skips_line_feed = part.endswith(b"\r")
        if b"\n" not in part and b"\r" not in part:
            self._line.append(part)
            return
        lines = b"".join([*self._line, part]).splitlines()
        self._line = [] if part.endswith((b"\n", b"\r")) else [lines.pop()]
        for line in lines:
            yield from self._read_line(line)

    def end(self) -> Iterator[bytes]:
        """What ends where the stream does: a comment, or an event that lacks its blank line. One
        that was cut is dropped."""
        if line := b"".join(self._line):
            yield from self._read_line(line)
        if _is_json(data := b"\n".join(self._data)):
            yield data

    def _read_line(self, line: bytes) -> Iterator[bytes]:
        if self._is_first:
            self._is_first, line = False, line.removeprefix(BOM_UTF8)
        if line.startswith(b"data:"):
            if self._data and _is_json(data := b"\n".join(self._data)):
                yield data
                self._data = []
            self._data.append(line[5:].removeprefix(b" "))
        elif line.startswith(b":"):
            yield COMMENT_EVENT
        elif not line and self._data:
            yield b"\n".join(self._data) if any(self._data) else COMMENT_EVENT
            self._data = []
        elif line == b"data":
            self._data.append(b"")


def _is_json(data: bytes) -> bool:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return True
