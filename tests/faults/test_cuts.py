"""Connections are cut wherever it may be: every answer arrives all the same, to the byte.

At one server, and at two that share a Redis, of which each connection gets one by chance.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support import talking
from tests.support.counted_servers import counted
from tests.support.fault_proxy import (
    CLIENT,
    CUT,
    RESET,
    SERVER,
    Fault,
    FaultProxy,
    Side,
    black_hole,
    cut,
)
from tests.support.folders import copy_folder
from tests.support.redis_server import RedisServer
from tests.support.resuming import Received, ResumingClient
from tests.support.scripted_openai import ScriptedOpenAI, Step
from tests.support.sharing import SECRET

ZMP = "What is the zero moment point?"
PIECES = (
    "Der Nullmomentpunkt ",
    "hält ",
    "🦾 das Gleichgewicht",
    " – 漢字",
    ", e\u0301",
    ".\n\n",
)
PARALLEL = 12
UNLIMITED = (
    "SCHOLIAST_LIMIT_QUESTIONS",
    "SCHOLIAST_LIMIT_CONNECTIONS",
    "SCHOLIAST_LIMIT_MESSAGES",
)
SEED = 20261125


def script(number: int) -> list[Step]:
    """An answer like no other, with bytes that a cut may part; slow enough to be cut."""
    steps: list[Step] = [f"Nr. {number}: "]
    for piece in PIECES * 3:
        steps += [piece, 0.004]
    return [*steps, f"Ende {number}."]


def text_of(steps: list[Step]) -> str:
    return "".join(step for step in steps if isinstance(step, str))


@dataclass(frozen=True)
class Network:
    """Servers of the example book, and the proxies that stand before them."""

    urls: Sequence[str]
    random: Random = field(default_factory=lambda: Random(SEED))

    @asynccontextmanager
    async def client(self, *plan: Fault) -> AsyncIterator[tuple[ResumingClient, FaultProxy]]:
        random = Random(self.random.random())
        async with (
            FaultProxy(lambda: address_of(random.choice(self.urls)), *plan) as proxy,
            ResumingClient(f"http://127.0.0.1:{proxy.port}/") as client,
        ):
            yield client, proxy


def address_of(url: str) -> tuple[str, int]:
    where = urlsplit(url)
    assert where.hostname
    assert where.port
    return where.hostname, where.port


@asynccontextmanager
async def network(
    site: Sequence[WebSettings], endpoint: ScriptedOpenAI | None = None
) -> AsyncIterator[Network]:
    """The servers answer by the endpoint; without one, they quote."""
    update: dict[str, object] = {
        "limit_questions": (),
        "limit_connections": None,
        "limit_messages": None,
    }
    if endpoint is not None:
        update |= {"model": "scripted", "openai_base_url": endpoint.base_url}
    async with AsyncExitStack() as stack:
        servers = [serving(settings.model_copy(update=update)) for settings in site]
        yield Network([await stack.enter_async_context(server) for server in servers])


Opening = Callable[[ScriptedOpenAI], AbstractAsyncContextManager[Network]]
"""Opens a network that answers by an endpoint."""


async def whole_conversation(net: Network) -> tuple[str, dict[Side, int]]:
    """The text of an answer that nothing cuts, and how many bytes of each side that takes."""
    async with net.client() as (client, proxy):
        received = await client.ask(ZMP)
        return received.text, dict(proxy.passed)


def random_faults(random: Random, passed: dict[Side, int]) -> list[Fault]:
    """One to three cuts, each anywhere in a conversation."""
    sides = random.choices([SERVER, CLIENT], [4, 1], k=random.choice([1, 1, 1, 2, 3]))
    return [
        cut(random.randrange(passed[side]), side, random.choice([CUT, RESET])) for side in sides
    ]


async def cut_at_random(open_network: Opening, most: int) -> None:
    """Conversations with `most` random cuts; the model is asked once for each of them."""
    random = Random(SEED)
    scripts = [script(number) for number in range(2 * most)]  # more than there are plans
    busy = asyncio.Semaphore(PARALLEL)
    async with ScriptedOpenAI(*scripts) as endpoint, open_network(endpoint) as net:
        text, passed = await whole_conversation(net)
        plans: list[list[Fault]] = []
        while sum(map(len, plans)) < most * 1.5:  # an answer may end before its second cut
            plans.append(random_faults(random, passed))

        async def converse(plan: list[Fault]) -> tuple[Received, int]:
            async with busy, net.client(*plan) as (client, proxy):
                try:
                    received = await client.ask(ZMP)
                    assert received.end
                    assert received.end.get("status") == "completed", received.end
                except Exception as error:
                    error.add_note(f"seed {SEED}, plan {plan}")
                    raise
                return received, proxy.broken

        results = await asyncio.gather(*map(converse, plans))
    texts = sorted([text, *(received.text for received, _ in results)])
    assert texts == sorted(map(text_of, scripts[: len(texts)]))
    assert len(endpoint.requests) == len(texts)
    cuts = sum(broken for _, broken in results)
    resumed = sum(received.resumptions for received, _ in results)
    print(f"seed {SEED}: {cuts} cuts in {len(plans)} answers, {resumed} resumed")  # noqa: T201
    assert cuts >= most
    assert resumed >= most // 3


async def test_a_hundred_random_cuts_change_no_byte(example: WebSettings) -> None:
    await cut_at_random(partial(network, [example]), 100)


async def test_forty_random_cuts_change_no_byte_between_two_servers(
    pair: Sequence[WebSettings],
) -> None:
    await cut_at_random(partial(network, pair), 40)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_thousand_random_cuts_change_no_byte(example: WebSettings) -> None:
    await cut_at_random(partial(network, [example]), 1000)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_thousand_random_cuts_change_no_byte_between_two_processes(
    example_folder: Path, tmp_path: Path, redis: RedisServer
) -> None:
    @asynccontextmanager
    async def processes(endpoint: ScriptedOpenAI) -> AsyncIterator[Network]:
        settings = {
            "REDIS_URL": redis.url,
            "SCHOLIAST_SESSION_SECRET": SECRET,
            "SCHOLIAST_MODEL": "scripted",
            "OPENAI_BASE_URL": endpoint.base_url,
            **dict.fromkeys(UNLIMITED, "off"),
        }
        with ExitStack() as stack:
            for name in ("one", "other"):
                copy_folder(example_folder, tmp_path / name / ".scholiast")
            servers = [
                stack.enter_context(counted(tmp_path / name, **settings))
                for name in ("one", "other")
            ]
            yield Network([server.url for server in servers])

    await cut_at_random(processes, 1000)


async def test_an_answer_that_is_cut_ten_times_reads_as_if_nothing_had_happened(
    site: Sequence[WebSettings],
) -> None:
    async with ScriptedOpenAI(script(1)) as endpoint, network(site, endpoint) as net:
        _, passed = await whole_conversation(net)
        # A new connection brings a few hundred bytes more before it comes to the answer.
        plan = [cut(passed[SERVER] * (4 + number % 3) // 16) for number in range(10)]
        async with net.client(*plan) as (client, proxy):
            received = await client.ask(ZMP)
    assert received.text == text_of(script(1))
    assert (proxy.broken, client.losses, len(endpoint.requests)) == (10, 10, 2)


async def test_every_cut_within_a_quoted_answer_changes_no_byte(
    site: Sequence[WebSettings],
) -> None:
    random = Random(SEED)
    async with network(site) as net:
        text, passed = await whole_conversation(net)
        for _ in range(30):
            async with net.client(*random_faults(random, passed)) as (client, _):
                assert (await client.ask(ZMP)).text == text


async def test_silence_is_left_behind_like_a_cut(site: Sequence[WebSettings]) -> None:
    async with ScriptedOpenAI(script(1)) as endpoint, network(site, endpoint) as net:
        _, passed = await whole_conversation(net)
        plan = [black_hole(passed[SERVER] // 2), black_hole(100, CLIENT)]
        async with net.client(*plan) as (client, proxy):
            client.patience = 0.5
            received = await client.ask(ZMP)
    assert received.text == text_of(script(1))
    assert (proxy.broken, len(endpoint.requests)) == (2, 2)


async def test_over_a_slow_line_frames_grow_and_no_byte_changes(example: WebSettings) -> None:
    more_than_buffers_hold: list[Step] = [f"{number} " + "🦾" * 900 for number in range(100)]
    asked = {"question": ZMP, "client_query_id": "mine"}
    async with (
        ScriptedOpenAI(more_than_buffers_hold) as endpoint,
        network([example], endpoint) as net,
        talking.client(net.urls[0], is_narrow=True) as slow,
        talking.client(net.urls[0]) as fast,
    ):
        await talking.receive(fast)
        welcome = (await talking.receive(slow))["data"]
        keys = {name: welcome[name] for name in ("session_id", "session_token")}
        await slow.send(json.dumps({"type": "question", "data": asked}))
        assert (await talking.receive(slow))["type"] == "response_start"
        slow.transport.pause_reading()
        quick = await talking.ask(fast, **asked, **keys)
        slow.transport.resume_reading()
        late = [await talking.receive(slow)]
        while late[-1]["type"] != "response_end":
            late.append(await talking.receive(slow))
    assert talking.text_of(late) == talking.text_of(quick) == text_of(more_than_buffers_hold)
    assert len(endpoint.requests) == 1
    assert len(late) < len(quick)
    assert max(len(message["data"].get("content", "")) for message in late) > 10_000
