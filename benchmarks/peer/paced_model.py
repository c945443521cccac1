"""The model of both servers: Chat Completions that come at a steady pace, each token with its time.

    python -m benchmarks.peer.paced_model PORT

Each token is a word, in an event and a write of its own. The first word of an answer is the number
of its stream. `GET /next?words=500&a_second=50` says how long the answers to further requests are,
and `&prose=1` that they have sentences; `GET /streams` how many are under way; `GET /times/17` when
stream 17 was asked for and when each of its words was sent: microseconds of the monotonic clock,
which is one for all processes of a machine, as little-endian int64.
"""

from __future__ import annotations

import asyncio
import sys
from array import array
from time import monotonic_ns
from typing import cast
from urllib.parse import parse_qs, urlsplit

SENTENCE = "Point {} is the point on the ground where no moment of any force acts on it"
"""Each one in prose has another number."""
WORDS = SENTENCE.split()
FIRST = "Stream"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
ABOUT = b'{"id":"c","object":"chat.completion.chunk","created":0,"model":"paced","choices":['
DELTA = ABOUT + b'{"index":0,"delta":{"content":"%b"},"finish_reason":null}],"usage":null}'
LAST = ABOUT + b'{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}'
COUNT = ABOUT + b'],"usage":{"prompt_tokens":900,"completion_tokens":%d,"total_tokens":%d}}'
KEPT = 2000
"""Streams whose times are kept."""


def now() -> int:
    """Microseconds."""
    return monotonic_ns() // 1000


class Plan:
    """What the next answers are like, and the times of those before."""

    def __init__(self) -> None:
        self.words, self.every, self.is_prose = 100, 0.02, False
        self.times: dict[int, array[int]] = {}
        self.under_way = 0

    def begin(self) -> int:
        """The number of a new stream."""
        number = next(reversed(self.times), 0) + 1
        self.times[number] = array("q", [now()])
        self.times.pop(number - KEPT, None)
        return number

    def change(self, query: str) -> None:
        """Take the wishes of a request."""
        given = {name: float(value) for name, (value, *_) in parse_qs(query).items()}
        self.words = int(given.get("words", self.words))
        self.every = 1 / given["a_second"] if "a_second" in given else self.every
        self.is_prose = bool(given.get("prose"))


class Connection(asyncio.Protocol):
    """One request after another."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._got = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._out = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer a request once it is whole."""
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end:
            return
        _, _, size = head.lower().partition(b"content-length:")
        if size and len(body) < int(size.split(b"\r\n")[0]):
            return
        self._got = b""
        method, target, _ = head.split(b" ", 2)
        if method == b"POST":
            self._stream()
        else:
            self._say(target.decode())

    def connection_lost(self, _: Exception | None) -> None:
        """The client has gone."""
        self._end()

    def _say(self, target: str) -> None:
        parts = urlsplit(target)
        if parts.path == "/next":
            self._plan.change(parts.query)
        answer = str(self._plan.under_way).encode()
        if parts.path.startswith("/times/"):
            answer = self._plan.times[int(parts.path[7:])].tobytes()
        self._out.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)

    def _stream(self) -> None:
        plan = self._plan
        number = plan.begin()
        self._words, self._every = plan.words, plan.every
        self._is_prose = plan.is_prose
        self._number = number
        self._times = plan.times[number]
        self._sent = 0
        plan.under_way += 1
        self._out.write(HEAD)
        self._due = asyncio.get_running_loop().time()
        self._next()

    def _next(self) -> None:
        event = DELTA % self._word().encode()
        self._times.append(now())
        self._event(event)
        self._sent += 1
        if self._sent >= self._words:
            self._event(LAST)
            self._event(COUNT % (self._sent, self._sent + 900))
            self._event(b"[DONE]")
            self._out.write(b"0\r\n\r\n")
            self._end()
            return
        self._due += self._every
        self._timer = asyncio.get_running_loop().call_at(self._due, self._next)

    def _word(self) -> str:
        if not self._sent:
            return f"{FIRST}{self._number}: "
        sentence, place = divmod(self._sent - 1, len(WORDS))
        if place == 1:
            return f"{self._number}{sentence:03} "
        if self._is_prose and place == len(WORDS) - 1:
            return f"{WORDS[place]}. "
        return f"{WORDS[place]} "

    def _event(self, data: bytes) -> None:
        self._out.write(b"%x\r\ndata: %b\n\n\r\n" % (len(data) + 8, data))

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._plan.under_way -= 1


async def main(port: int) -> None:
    """Serve until the process is ended."""
    plan = Plan()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(plan), "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
