"""Nothing that readers, models or authors do holds the event loop for long."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx2
import pytest

from tests.support.commands import Served, run, started_on, until_open
from tests.support.scripted_openai import END, ScriptedOpenAI, Step, choice, delta
from tests.support.talking import ask, client, receive

LONGEST = 10.0
"""Milliseconds of processor time."""
TRIES = 3
"""Of which one has to do: a processor with cold caches needs twice as long."""
MANY = 1000
COUNT = {"prompt_tokens": 2, "completion_tokens": 1, "total_tokens": 3}
HOSTILE: dict[str, list[Step]] = {
    "sentences of a letter": ["A. " * MANY],
    "sentences that are judged": ["No crow eats 3 nuts. " * (MANY // 10)],
    "words without an end": ["[" * MANY * 5],
    "formulas": ["$x " * MANY],
    "Chinese": ["机器人。" * MANY],
    "thoughts": [choice({"reasoning_content": "Hm. "}) * MANY + delta("A gait.") + END],
    "comments": [b": ping\n\n" * MANY * 10 + delta("A gait.") + END],
    "empty deltas": [choice({}) * MANY + delta("A gait.") + END],
    "counts": [choice(usage=COUNT) * MANY + delta("A gait.") + END],
    "deltas all at once": [delta("word ") * MANY + END],
    "a megabyte": [delta("word " * 200_000) + END],
}
MESSAGES = {
    "a message of small objects": json.dumps({"type": "ping", "data": {"x": [{}] * 120_000}}),
    "a message of brackets without an end": "[" * 500_000,
}
ZMP = "What is the zero moment point?"


async def test_nothing_holds_the_event_loop_for_longer_than_10_ms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_DATA", str(tmp_path / "data"))
    book = tmp_path / "book"
    for number in range(3):
        write(book / f"page{number}.md", f"# Page {number}\n\nThe zero moment point is a point.\n")
    assert run("ingest", str(book)).exit_code == 0
    async with ScriptedOpenAI() as endpoint:
        with watched(tmp_path, endpoint) as (server, held):

            async def asked() -> None:
                async with client(server.url) as socket:
                    await receive(socket)
                    await ask(socket, ZMP)

            async def many() -> None:
                await asyncio.gather(*(asked() for _ in range(20)))

            for name, script in HOSTILE.items():
                endpoint._scripts = [script]
                await hold_nothing(name, held, asked)
            await hold_nothing("questions", held, many)
            await hold_nothing("pages", held, lambda: visit(server.url))
            await hold_nothing("a resumed answer", held, lambda: resume(server.url))
            write(book / "page1.md", "# Page 1\n\nA gait repeats.\n")
            for name, message in MESSAGES.items():
                await hold_nothing(name, held, partial(say, server.url, message))
            await hold_nothing("an ingestion", held, lambda: ingest(tmp_path))


async def hold_nothing(name: str, held: Path, act: Callable[[], Awaitable[None]]) -> None:
    """Act, again where something held the loop, and fail where that was so each time."""
    longest = 0.0
    for _ in range(TRIES):
        held.write_text("")
        await act()
        lines = held.read_text().splitlines()
        longest = max((float(line.split()[0]) for line in lines), default=0.0)
        if longest <= LONGEST:
            return
    raise AssertionError(f"{name}: {longest} ms")


@contextmanager
def watched(folder: Path, endpoint: ScriptedOpenAI) -> Iterator[tuple[Served, Path]]:
    """A server that writes to a file what held its loop."""
    held = folder / "held"
    variables = {
        "HELD": str(held),
        "SCHOLIAST_DATA": str(folder / "data"),
        "SCHOLIAST_PORT": "0",
        "SCHOLIAST_LIMIT_QUESTIONS": "off",
        "SCHOLIAST_LIMIT_CONNECTIONS": "off",
        "SCHOLIAST_GATE": "open",
        "SCHOLIAST_MODEL": "scripted",
        "OPENAI_BASE_URL": endpoint.base_url,
    }
    module = "tests.support.held_loop"
    with started_on(subprocess.PIPE, folder, "serve", module=module, **variables) as process:
        yield until_open(process, folder), held


def write(file: Path, text: str) -> None:
    """A page of the book."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


async def visit(url: str) -> None:
    """Look at pages as they are asked for first."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as browser:
        for path in ("", "book/page0", "search?q=point", "readyz", "api/book"):
            assert (await browser.get(path)).is_success, path


async def say(url: str, message: str) -> None:
    """Send a long message, and wait until it was read."""
    async with client(url) as socket:
        await receive(socket)
        await socket.send(message)
        assert (await receive(socket))["type"] in ("pong", "error")


async def resume(url: str) -> None:
    """Ask, leave, and read the answer again from its beginning."""
    async with client(url) as socket:
        session = (await receive(socket))["data"]
        answer = await ask(socket, ZMP)
    query_id = answer[0]["data"]["query_id"]
    token = answer[0]["data"]["session_token"]
    async with client(url) as socket:
        await receive(socket)
        data = {"session_id": session["session_id"], "session_token": token}
        wanted = {**data, "query_id": query_id, "last_seq": -1}
        await socket.send(json.dumps({"type": "resume", "data": wanted}))
        assert (await receive(socket))["data"]["recovered"]
        while (await receive(socket))["type"] != "response_end":
            pass


async def ingest(folder: Path) -> None:
    """Ingest the book beside the server."""
    done = await asyncio.to_thread(run, "ingest", str(folder / "book"))
    assert done.exit_code == 0, done.output
