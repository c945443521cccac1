"""Fifty readers for half an hour at two servers that share a Redis: nothing grows, nothing stays.

Rounds of the same length, each followed by a rest without a reader, in which the servers say what
they hold. SCHOLIAST_TEST_MINUTES is the length of all rounds, without the rests.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest

from quart_app.shared.redis_link import MOST_CALLS
from tests.support.counted_servers import CountedServer, Held, counted
from tests.support.fault_proxy import FaultProxy, trickle
from tests.support.folders import copy_folder
from tests.support.redis_server import RedisServer
from tests.support.resuming import Forgotten, Received, ResumingClient
from tests.support.scripted_openai import ScriptedOpenAI, Step
from tests.support.sharing import SECRET

MINUTES = float(os.environ.get("SCHOLIAST_TEST_MINUTES", "30"))
ROUNDS, READERS = 6, 50
THINKING = 1.0, 12.0
"""Seconds between an answer and the next question, at least and at most."""
SEED = 20261130
WINDOW = 5
"""Seconds that answers are kept; after that, and five more, their memory is given back."""
REST = 65
"""Seconds. Connections to the model are kept for 30 s, and may be closed as much later."""
KEPT = MOST_CALLS + 1
"""Connections to Redis that a server may open at any time, and then keeps."""
GROWTH = 1.02
"""Of memory after the first round, which warms up."""
FORGOTTEN = "forgotten"
GOOD = "completed", "cancelled", "CONTENT_NOT_FOUND"
MOST_FAILED = 0.01
"""Of all questions: while Redis does not answer in time, what is written elsewhere cannot be found,
and on a busy machine that happens."""
QUESTIONS = (
    "What is the zero moment point?",
    "How does a robot keep its balance?",
    "Why is that?",
    "Which actuators does a humanoid have?",
)
WORDS: list[Step] = [step for number in range(60) for step in (f"word {number}, ", 0.05)]


@dataclass
class Seen:
    """How questions ended, and what readers did meanwhile."""

    ends: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)


class LongReader:
    """One who asks, thinks, reloads, cancels or is on a slow line, by `random`."""

    def __init__(self, urls: list[str], random: Random, seen: Seen) -> None:
        self._urls = urls
        self._random = random
        self._seen = seen
        self._client = ResumingClient(random.choice(urls), on_text=self._see, on_loss=self._move)
        self._deed, self._left = "read", 0

    async def read(self, until: float) -> None:
        """Ask and read on and on, then close the page; the session goes on in the next round."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._random.uniform(0, THINKING[1]))
        async with self._client:
            while loop.time() < until:
                deeds, weights = ("read", "reload", "cancel", "slow"), (5, 2, 2, 1)
                [self._deed] = self._random.choices(deeds, weights)
                self._seen.deeds[self._deed] += 1
                self._left = self._random.randrange(1, 30)
                self._seen.ends[await self._ending()] += 1
                await asyncio.sleep(self._random.uniform(*THINKING))

    async def _ending(self) -> str:
        try:
            received = await (self._ask_slowly() if self._deed == "slow" else self._ask())
        except Forgotten:
            return FORGOTTEN
        assert received.end is not None
        return str(received.end.get("status", received.end.get("code")))

    async def _ask(self) -> Received:
        return await self._client.ask(self._random.choice(QUESTIONS))

    async def _ask_slowly(self) -> Received:
        """By a line of its own, which takes 4 KB a second."""
        where, kept = urlsplit(self._random.choice(self._urls)), self._client.url
        assert where.hostname
        assert where.port
        self._client.abort()
        async with FaultProxy((where.hostname, where.port), *[trickle(400, 0.1)] * 3) as proxy:
            self._client.url = f"http://127.0.0.1:{proxy.port}/"
            try:
                return await self._ask()
            finally:
                self._client.url = kept
                self._client.abort()

    def _see(self, text: str) -> None:
        """Do it after so many chunks."""
        self._left -= bool(text)
        if text and self._left == 0 and self._deed == "reload":
            self._client.abort()
        if text and self._left == 0 and self._deed == "cancel":
            self._client.cancel()

    def _move(self) -> None:
        if self._deed != "slow":
            self._client.url = self._random.choice(self._urls)


def grown(before: Held, after: Held) -> list[str]:
    """What there is more of, in words."""
    tasks = after.tasks - before.tasks
    said = [f"{number} × {name}" for name, number in tasks.items()]
    if after.files > before.files + KEPT:
        said.append(f"files {before.files} → {after.files}")
    if after.threads > before.threads:
        said.append(f"threads {before.threads} → {after.threads}")
    if after.memory > GROWTH * before.memory:
        said.append(f"memory {before.memory >> 10} → {after.memory >> 10} KiB")
    return said


def line_of(held: Held) -> str:
    """For people."""
    counts = f"{held.files} files, {held.threads} threads, {held.tasks.total()} tasks"
    return f"{held.memory / 2**20:.1f} MiB, {counts}"


async def one_round(servers: list[CountedServer], readers: list[LongReader]) -> list[Held]:
    """What the servers hold after it."""
    until = asyncio.get_running_loop().time() + 60 * MINUTES / ROUNDS
    async with asyncio.TaskGroup() as group:
        for reader in readers:
            group.create_task(reader.read(until))
    await asyncio.sleep(REST)
    return [await server.count() for server in servers]


@pytest.mark.slow
@pytest.mark.timeout(60 * MINUTES + ROUNDS * REST + 600)
async def test_fifty_readers_for_half_an_hour_leave_nothing_behind(
    example_folder: Path, tmp_path: Path, own_redis: RedisServer
) -> None:
    seen, rounds = Seen(), list[list[Held]]()
    async with ScriptedOpenAI(WORDS) as endpoint:
        settings = {
            "REDIS_URL": own_redis.url,
            "SCHOLIAST_SESSION_SECRET": SECRET,
            "SCHOLIAST_MODEL": "scripted",
            "OPENAI_BASE_URL": endpoint.base_url,
            "SCHOLIAST_RESUME_WINDOW": str(WINDOW),
            **dict.fromkeys(("SCHOLIAST_LIMIT_QUESTIONS", "SCHOLIAST_LIMIT_MESSAGES"), "off"),
        }
        with ExitStack() as stack:
            servers = []
            for name in ("one", "other"):
                copy_folder(example_folder, tmp_path / name / ".scholiast")
                servers.append(stack.enter_context(counted(tmp_path / name, **settings)))
            urls = [server.url for server in servers]
            readers = [LongReader(urls, Random(SEED + number), seen) for number in range(READERS)]
            for _ in range(ROUNDS):
                rounds.append(await one_round(servers, readers))
                print(*map(line_of, rounds[-1]), dict(seen.ends), sep=" | ", flush=True)  # noqa: T201
            logs = "".join(server.log for server in servers)
    print(json.dumps({"seed": SEED, **seen.deeds}))  # noqa: T201
    assert "Traceback" not in logs
    for first, last in zip(rounds[0], rounds[-1], strict=True):
        assert grown(first, last) == []
    failed = seen.ends.total() - sum(seen.ends[end] for end in GOOD)
    assert failed <= MOST_FAILED * seen.ends.total(), seen.ends
