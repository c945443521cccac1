"""Clients that vanish without a word, or never read: how long they keep what they had."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from quart_app.door import connection
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import ROOT, served
from tests.support.raw_websocket import has_room, raw_client, text
from tests.support.scripted_openai import ScriptedOpenAI, Step

VANISHED, READS_NOTHING = 15.0, 30.0
"""Seconds after which a client of either kind must be gone, on a quiet machine."""
BUSY = 3
"""How many times longer it may take on a busy one; without a bound it would take hours."""
HERE, THERE = "198.18.77.1", "198.18.77.2"
"""Addresses for tests of networks: RFC 2544."""
QUESTION = text(
    json.dumps({"type": "question", "data": {"question": "What is the zero moment point?"}})
)

CLIENT = """
import asyncio, sys
from tests.support.raw_websocket import raw_client, text

async def stay(url, question):
    async with raw_client(url) as client:
        client.writer.write(question)
        while question and (await client.message())["type"] != "response_chunk":
            pass
        print("ready", flush=True)
        await client.reader.read(-1)

asyncio.run(stay(sys.argv[1], sys.stdin.buffer.read()))
"""


class Elsewhere:
    """A machine of its own as far as the network goes, on a cable to this one."""

    def __init__(self, name: str) -> None:
        self.name = name

    def cut(self) -> None:
        """Pull the cable: nothing comes from there any more, not even an end."""
        ip("-n", self.name, "link", "set", "there", "down")

    @contextmanager
    def client(self, url: str, sent: bytes) -> Iterator[None]:
        """A reader over there who has sent this, and had a part of an answer if it was anything."""
        command = ["ip", "netns", "exec", self.name, sys.executable, "-c", CLIENT, url]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        ) as process:
            try:
                assert process.stdin
                assert process.stdout
                process.stdin.write(sent)
                process.stdin.close()
                assert process.stdout.readline() == b"ready\n"
                yield
            finally:
                process.kill()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """A network namespace, which root may make."""
    name = f"scholiast-{os.getpid()}"
    here = f"sch{os.getpid()}"
    try:
        ip("netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        need = f"a network namespace cannot be made: run as root on Linux, with iproute2 ({error})"
        if os.environ.get("CI"):
            pytest.fail(need)
        pytest.skip(need)
    try:
        ip("link", "add", here, "type", "veth", "peer", "name", "there", "netns", name)
        ip("address", "add", f"{HERE}/30", "dev", here)
        ip("link", "set", here, "up")
        ip("-n", name, "address", "add", f"{THERE}/30", "dev", "there")
        ip("-n", name, "link", "set", "there", "up")
        yield Elsewhere(name)
    finally:
        ip("netns", "delete", name)  # and the cable with it


def ip(*arguments: str) -> None:
    """The command of iproute2."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=10)


async def test_clients_that_vanish_are_gone_in_15_seconds_idle_or_streaming(
    alone: Path, example_data: Path, elsewhere: Elsewhere
) -> None:
    words: list[Step] = ["word ", 0.05] * 10_000
    async with ScriptedOpenAI(words) as endpoint:
        variables = variables_of(endpoint, example_data, SCHOLIAST_HOST=HERE)
        with served(alone, **variables, SCHOLIAST_MAX_CONNECTIONS="2") as server:
            url = server.url

            def vanish() -> float:
                with elsewhere.client(url, b""), elsewhere.client(url, QUESTION):
                    elsewhere.cut()
                    return asyncio.run(seconds_until_two_have_room(url))

            took = await asyncio.to_thread(vanish)
    assert 1 < took <= BUSY * VANISHED


async def test_a_client_that_reads_nothing_is_gone_in_30_seconds(
    alone: Path, example_data: Path
) -> None:
    more_than_buffers_hold: list[Step] = ["\N{ROBOT FACE} " * 1000] * 100
    async with ScriptedOpenAI(more_than_buffers_hold) as endpoint:
        variables = variables_of(endpoint, example_data)
        with served(alone, **variables, SCHOLIAST_MAX_CONNECTIONS="1") as server:
            async with raw_client(server.url, is_narrow=True) as client:
                client.writer.transport.pause_reading()  # type: ignore[attr-defined]
                client.writer.write(QUESTION)
                await has_room(server.url, BUSY * READS_NOTHING)


async def seconds_until_two_have_room(url: str) -> float:
    """How long it took until the places of two were free."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await has_room(url, BUSY * VANISHED)
    async with raw_client(url):
        await has_room(url, BUSY * VANISHED)
    return loop.time() - began


def variables_of(endpoint: ScriptedOpenAI, data: Path, **more: str) -> dict[str, str]:
    """The settings of a server that answers by the endpoint."""
    return {
        "SCHOLIAST_DATA": str(data),
        "SCHOLIAST_MODEL": "scripted",
        "OPENAI_BASE_URL": endpoint.base_url,
        **more,
    }


@pytest.mark.parametrize("header", ["", "Upgrade: x\r\nConnection: upgrade\r\n"])
async def test_a_client_that_leaves_within_an_answer_holds_no_place(
    example: WebSettings, header: str
) -> None:
    settings = example.model_copy(update={"limit_connections": None})
    sent = f"GET /healthz HTTP/1.1\r\nHost: localhost\r\n{header}\r\n".encode()
    async with serving(settings) as url:
        where = urlsplit(url)
        for _ in range(50):
            _, writer = await asyncio.open_connection(where.hostname, where.port)
            writer.write(sent)
            writer.transport.abort()
        while True:
            await asyncio.sleep(0.05)
            if not connection._OPEN:
                break
