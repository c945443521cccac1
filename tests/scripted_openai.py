"""A fake of an OpenAI-compatible server: a real HTTP server that answers by a script.

It stands in for the model wherever a test is about timing or failure. It speaks
``/v1/chat/completions``, streamed and not, and ``/v1/models``.

    async with ScriptedOpenAI(["The ZMP ", "is a point [1]."]) as server:
        ...  # OPENAI_BASE_URL = server.base_url
        assert server.requests[0].body["stream"]

A script is a list of steps: text (one delta), seconds (a pause), an `asyncio.Event` (wait for
the test to set it), `Status` (an HTTP error, as the first step), `Finish` (another finish
reason), `HANG` (say nothing more until the client leaves), `CUT` (drop the connection). Every
request plays the next script; the last one is played again and again.
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
    """An error answer. `message` and `code` are what the endpoint says in its body."""

    status: int
    code: str | None = None
    message: str = "scripted"
    retry_after: int | None = None


@dataclass(frozen=True)
class Finish:
    """The finish reason of the answer, where it is not ``stop``."""

    reason: str


class Break(Enum):
    """Ways to leave an answer unfinished."""

    HANG = "hang"
    CUT = "cut"


HANG, CUT = Break.HANG, Break.CUT

Step = str | float | asyncio.Event | Status | Finish | Break


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

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, t: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

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
        play = self._stream if request.body.get("stream") else self._complete
        return await play(request, _play(script, reader), writer)

    async def _complete(
        self, request: Request, steps: AsyncIterator[str | Finish], writer: asyncio.StreamWriter
    ) -> bool:
        said = [step async for step in steps]
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
        self, request: Request, steps: AsyncIterator[str | Finish], writer: asyncio.StreamWriter
    ) -> bool:
        writer.write(_head(200, "text/event-stream", ["Transfer-Encoding: chunked"]))
        await writer.drain()
        count, reason = 0, "stop"
        await self._event(writer, {"role": "assistant", "content": ""})
        async for step in steps:
            if isinstance(step, Finish):
                reason = step.reason
            else:
                count += 1
                await self._event(writer, {"content": step})
        await self._event(writer, {}, reason)
        if (request.body.get("stream_options") or {}).get("include_usage"):
            last = self._envelope("chat.completion.chunk", [])
            await _send_event(writer, json.dumps(last | {"usage": _usage(request, count)}))
        await _send_event(writer, "[DONE]")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _event(
        self, writer: asyncio.StreamWriter, delta: dict[str, str], reason: str | None = None
    ) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        await _send_event(writer, json.dumps(self._envelope("chat.completion.chunk", [choice])))

    def _envelope(self, kind: str, choices: list[Any]) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "object": kind,
            "created": 0,
            "model": self.model,
            "choices": choices,
        }


async def _play(script: list[Step], reader: asyncio.StreamReader) -> AsyncIterator[str | Finish]:
    for step in script:
        if isinstance(step, (str, Finish)):
            yield step
        elif isinstance(step, asyncio.Event):
            await step.wait()
        elif isinstance(step, (int, float)):
            await asyncio.sleep(step)
        else:
            if step is HANG:
                await reader.read()
            raise ConnectionAbortedError


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
    error = {"message": status.message, "type": "scripted", "param": None, "code": status.code}
    after = [] if status.retry_after is None else [f"Retry-After: {status.retry_after}"]
    return await _send_json(writer, status.status, {"error": error}, after)


async def _send_json(
    writer: asyncio.StreamWriter, status: int, value: object, headers: list[str] | None = None
) -> bool:
    body = json.dumps(value).encode()
    length = [f"Content-Length: {len(body)}"]
    writer.write(_head(status, "application/json", length + (headers or [])) + body)
    await writer.drain()
    return True


async def _send_event(writer: asyncio.StreamWriter, data: str) -> None:
    event = f"data: {data}\n\n".encode()
    writer.write(b"%x\r\n%s\r\n" % (len(event), event))
    await writer.drain()


def _head(status: int, kind: str, headers: list[str]) -> bytes:
    first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    return "\r\n".join([first, f"Content-Type: {kind}", *headers, "", ""]).encode()
