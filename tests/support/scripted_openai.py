"""A fake of an OpenAI-compatible server: a real HTTP server that answers by a script.

It stands in for the model wherever a test is about timing or failure. It speaks
``/v1/chat/completions``, streamed and not, and ``/v1/models``.

    async with ScriptedOpenAI(["The ZMP ", "is a point [1]."]) as server:
        ...  # OPENAI_BASE_URL = server.base_url
        assert server.requests[0].body["stream"]

A script is a list of steps: text (one delta), seconds (a pause), an `asyncio.Event` (wait for
the test to set it), `Status` (an HTTP error, as the first step), `Finish` (another finish
reason), `TRICKLE` (from here on, one byte at a time), `WHOLE` (all as JSON, though a stream was
asked for), `HANG` (say nothing more until the client
leaves), `CUT` (drop the connection), `STOP` (end the stream in order, though nothing says that the
answer has ended); `MUTE` and `DROP` are `HANG` and `CUT` before the headers, as the first step.

Bytes are sent as they are. A script that has any says all of it itself: no role comes before it,
and no end after it (`delta` and `END` make some). Every request plays the next script; the last
one is played again and again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Status:
    """An error answer. `message`, `code` and `param` are what the endpoint says in its body."""

    status: int
    code: str | int | None = None
    message: str = "scripted"
    retry_after: int | str | None = None
    param: str | None = None
    location: str | None = None


@dataclass(frozen=True)
class Finish:
    """The finish reason of the answer, where it is not ``stop``."""

    reason: str


class Break(Enum):
    """Ways to leave an answer unfinished."""

    HANG = "hang"
    CUT = "cut"
    STOP = "stop"
    MUTE = "mute"
    DROP = "drop"


class Pace(Enum):
    """How the bytes of a stream are sent."""

    TRICKLE = "one at a time"
    WHOLE = "all at once, as JSON"


HANG, CUT, STOP, MUTE, DROP = Break.HANG, Break.CUT, Break.STOP, Break.MUTE, Break.DROP
TRICKLE, WHOLE = Pace.TRICKLE, Pace.WHOLE

Said = str | bytes | Finish | Pace | Break
Step = Said | float | asyncio.Event | Status

END = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
"""How a stream ends, in bytes."""


def delta(content: object, line_end: str = "\n") -> bytes:
    """A delta in bytes, without escapes."""
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None}
    event = json.dumps({"choices": [choice]}, ensure_ascii=False)
    return f"data: {event}{line_end * 2}".encode()


def choice(delta: object = (), finish_reason: object = None, **others: object) -> bytes:
    """An event in bytes with any delta, any finish reason, and other fields beside the choice."""
    chosen = {"index": 0, "delta": delta or {}, "finish_reason": finish_reason}
    return f"data: {json.dumps({'choices': [chosen], **others})}\n\n".encode()


@dataclass(frozen=True)
class Request:
    """What a client sent; header names in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class ScriptedOpenAI:
    """Serves from `async with` on; with `key`, only to those who bring it."""

    def __init__(
        self, *scripts: list[Step], model: str = "scripted", key: str | None = None
    ) -> None:
        self.requests: list[Request] = []
        self.model = model
        self.connections = 0
        self.open_connections = 0
        self._scripts = list(scripts) or [["Hello."]]
        self._key = key
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self._hanging = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.listen()
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, t: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def listen(self, port: int = 0) -> None:
        """Take connections; again, after `stop_listening`, on the `port` it had."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop_listening(self) -> None:
        """Refuse connections."""
        self._server.close()

    async def until_hanging(self) -> None:
        """Wait until a script hangs."""
        await self._hanging.wait()

    async def until_idle(self) -> None:
        """Wait until no client is connected."""
        await self._idle.wait()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open_connections += 1
        self._idle.clear()
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(await _read(reader), reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.transport.abort()
            self.open_connections -= 1
            if not self.open_connections:
                self._idle.set()

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; whether the connection can take another."""
        self.requests.append(request)
        if self._key and request.headers.get("authorization") != f"Bearer {self._key}":
            message = f"Incorrect API key provided: {request.headers.get('authorization')}"
            return await _send_status(writer, Status(401, "invalid_api_key", message))
        if request.path == "/v1/models":
            listed = {"id": self.model, "object": "model", "owned_by": "tests", "created": 0}
            return await _send_json(writer, 200, {"object": "list", "data": [listed]})
        if request.path != "/v1/chat/completions":
            return await _send_status(writer, Status(404, "not_found"))
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        if script and isinstance(script[0], Status):
            return await _send_status(writer, script[0])
        if script and script[0] in (MUTE, DROP):
            await self._leave(script[0] is MUTE, reader)
        streams = request.body.get("stream") and WHOLE not in script
        play = self._stream if streams else self._complete
        return await play(request, script, reader, writer)

    async def _complete(
        self,
        request: Request,
        script: list[Step],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        said = [step async for step in self._play(script, reader)]
        text = "".join(step for step in said if isinstance(step, str))
        reason = next((step.reason for step in said if isinstance(step, Finish)), "stop")
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": reason,
        }
        answer = self._envelope("chat.completion", [choice])
        return await _send_json(writer, 200, answer | {"usage": _usage(request, len(said))})

    async def _stream(
        self,
        request: Request,
        script: list[Step],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        scripted = any(isinstance(step, bytes) for step in script)
        out = _Stream(writer)
        await out.open()
        count, reason = 0, "stop"
        if not scripted:
            await out.event(self._chunk({"role": "assistant", "content": ""}))
        async for step in self._play(script, reader):
            match step:
                case str():
                    count += 1
                    await out.event(self._chunk({"content": step}))
                case bytes():
                    await out.send(step)
                case Finish():
                    reason = step.reason
                case Pace():
                    out.size = 1
                case Break():
                    await out.close()
                    return True
        if not scripted:
            await out.event(self._chunk({}, reason))
            if (request.body.get("stream_options") or {}).get("include_usage"):
                last = self._envelope("chat.completion.chunk", [])
                await out.event(json.dumps(last | {"usage": _usage(request, count)}))
            await out.event("[DONE]")
        await out.close()
        return True

    async def _play(self, script: list[Step], reader: asyncio.StreamReader) -> AsyncIterator[Said]:
        for step in script:
            if isinstance(step, asyncio.Event):
                await step.wait()
            elif isinstance(step, (int, float)):
                await asyncio.sleep(step)
            elif step in (HANG, CUT):
                await self._leave(step is HANG, reader)
            elif not isinstance(step, Status):
                yield step

    async def _leave(self, wait: bool, reader: asyncio.StreamReader) -> None:
        """Drop the connection, or first `wait` for the client to do so."""
        if wait:
            self._hanging.set()
            await reader.read()
        raise ConnectionAbortedError

    def _chunk(self, delta: dict[str, str], reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return json.dumps(self._envelope("chat.completion.chunk", [choice]))

    def _envelope(self, kind: str, choices: list[Any]) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "object": kind,
            "created": 0,
            "model": self.model,
            "choices": choices,
        }


class _Stream:
    """A chunked body of server-sent events; `size` is how many bytes go into a chunk, 0 for all."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.size = 0
        self._writer = writer

    async def open(self) -> None:
        self._writer.write(_head(200, "text/event-stream", ["Transfer-Encoding: chunked"]))
        await self._writer.drain()

    async def event(self, data: str) -> None:
        await self.send(f"data: {data}\n\n".encode())

    async def send(self, content: bytes) -> None:
        size = self.size or len(content) or 1
        for start in range(0, len(content), size):
            part = content[start : start + size]
            self._writer.write(b"%x\r\n%s\r\n" % (len(part), part))
            await self._writer.drain()
            await asyncio.sleep(0)  # to the socket, before there is more

    async def close(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, json.loads(body) if body else None)


def _usage(request: Request, count: int) -> dict[str, int]:
    prompt = sum(len(str(message["content"]).split()) for message in request.body["messages"])
    return {"prompt_tokens": prompt, "completion_tokens": count, "total_tokens": prompt + count}


async def _send_status(writer: asyncio.StreamWriter, status: Status) -> bool:
    error = {"message": status.message, "type": "scripted", "param": status.param}
    body = {"error": error | {"code": status.code}}
    named = {"Retry-After": status.retry_after, "Location": status.location}
    headers = [f"{name}: {value}" for name, value in named.items() if value is not None]
    return await _send_json(writer, status.status, body, headers)


async def _send_json(
    writer: asyncio.StreamWriter, status: int, value: object, headers: list[str] | None = None
) -> bool:
    body = json.dumps(value).encode()
    length = [f"Content-Length: {len(body)}"]
    writer.write(_head(status, "application/json", length + (headers or [])) + body)
    await writer.drain()
    return True


def _head(status: int, kind: str, headers: list[str]) -> bytes:
    first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    return "\r\n".join([first, f"Content-Type: {kind}", *headers, "", ""]).encode()
