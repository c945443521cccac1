"""The client of the widget, in Node, with the real server and a network that fails."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from typing_extensions import override

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.conftest import settings_of
from tests.support.fault_proxy import CLIENT, CUT, NONE, RESET, SERVER, FaultProxy, black_hole, cut
from tests.support.folders import copy_folder
from tests.support.node import run, widget_node
from tests.support.scripted_openai import ScriptedOpenAI, Step
from widget.node import FOLDER

QUESTION = "What is the zero moment point?"
PIECES = ("Der Nullmomentpunkt ", "hält ", "🦾 ", "\n\n  – 漢字", ", e\u0301", ". ")
SEED = 20261125
CUTS = 20
PATIENCE = 90
"""Seconds for all answers of a test together."""
BUILD = """
import { buildSync } from "esbuild";
buildSync({
  entryPoints: ["test/against_server.ts"], outfile: process.argv[1],
  bundle: true, platform: "node", format: "esm",
});
"""

Seen = dict[str, Any]


class Moment(asyncio.Event):
    """A step of a script at which something is done."""

    def __init__(self, do: Callable[[], None]) -> None:
        super().__init__()
        self._do = do

    @override
    async def wait(self) -> Literal[True]:
        self._do()
        return True


def script(number: int) -> list[Step]:
    """An answer of its own for each number, slow enough to be cut."""
    steps: list[Step] = [f"Nr. {number}: "]
    for piece in PIECES * 3:
        steps += [piece, 0.008]
    return [*steps, f"Ende {number}."]


def text_of(steps: list[Step]) -> str:
    return "".join(step for step in steps if isinstance(step, str))


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of a reader that asks."""
    node = widget_node().node
    built = tmp_path_factory.mktemp("reader") / "reader.mjs"
    done = run([*node, "--input-type=module", "-e", BUILD, str(built)], FOLDER)
    assert done.returncode == 0, done.stderr
    version = subprocess.run([*node, "--version"], capture_output=True, text=True, check=True)
    is_new = int(version.stdout[1:].partition(".")[0]) >= 22  # it has a WebSocket of its own
    return [*node, *([] if is_new else ["--experimental-websocket"]), str(built)]


@asynccontextmanager
async def server(settings: WebSettings, endpoint: ScriptedOpenAI) -> AsyncIterator[tuple[str, int]]:
    """Where one listens that answers by the endpoint."""
    update: dict[str, object] = {
        "limit_questions": (),
        "limit_connections": None,
        "limit_messages": None,
    }
    update |= {"model": "scripted", "openai_base_url": endpoint.base_url}
    async with serving(settings.model_copy(update=update)) as url:
        where = urlsplit(url)
        assert where.hostname
        assert where.port
        yield where.hostname, where.port


async def read(reader: list[str], port: int, count: int, reloading: float = 0) -> list[Seen]:
    """What a reader saw of so many answers, who reloads with that chance at each piece."""
    url = f"http://127.0.0.1:{port}/"
    process = await asyncio.create_subprocess_exec(
        *reader, url, QUESTION, str(count), str(reloading),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            said, wrong = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, wrong.decode()
    return [json.loads(line) for line in said.splitlines()]


def check(answers: list[Seen], expected: list[str]) -> None:
    """Every answer is whole, to the byte."""
    for seen in answers:
        assert (seen["state"], seen["status"]) == ("ended", "completed"), seen
        assert sha256(seen["text"].encode()).hexdigest() == seen["sha256"], seen
    assert [seen["text"] for seen in answers] == expected


async def test_twenty_random_cuts_and_reloads_change_no_byte(
    example: WebSettings, reader: list[str]
) -> None:
    random = Random(SEED)
    count = CUTS
    scripts = [script(number) for number in range(count + 1)]
    async with (
        ScriptedOpenAI(*scripts) as endpoint,
        server(example, endpoint) as target,
        FaultProxy(target) as proxy,
    ):
        undisturbed = await read(reader, proxy.port, 1)
        passed = dict(proxy.passed)
        sides = random.choices([SERVER, CLIENT], [4, 1], k=3 * CUTS)
        proxy.plan.extend(
            cut(random.randrange(passed[side]), side, random.choice([CUT, RESET])) for side in sides
        )
        answers = await read(reader, proxy.port, count, reloading=0.03)
    check([*undisturbed, *answers], list(map(text_of, scripts)))
    assert len(endpoint.requests) == count + 1, "a question ran twice"
    assert proxy.broken >= CUTS
    assert sum(seen["reloads"] for seen in answers) > 0
    assert sum(seen["restarts"] for seen in answers) == 0


async def test_a_silent_network_is_handled_like_a_cut_one(
    example: WebSettings, reader: list[str]
) -> None:
    scripts = [script(0), script(1)]
    async with (
        ScriptedOpenAI(*scripts) as endpoint,
        server(example, endpoint) as target,
        FaultProxy(target) as proxy,
    ):
        undisturbed = await read(reader, proxy.port, 1)
        passed = dict(proxy.passed)
        proxy.plan += [black_hole(passed[SERVER] - 900), black_hole(100, CLIENT), NONE]
        answers = await read(reader, proxy.port, 1)
    check([*undisturbed, *answers], list(map(text_of, scripts)))
    assert (proxy.broken, len(endpoint.requests)) == (2, 2)


async def test_a_question_that_a_new_server_does_not_know_is_sent_again(
    example: WebSettings, example_folder: Path, tmp_path: Path, reader: list[str]
) -> None:
    copy_folder(example_folder, data := tmp_path / "data")
    second = script(2)

    def move() -> None:
        proxy.target = new

    async with (
        ScriptedOpenAI(script(0), [Moment(move), *script(1)]) as endpoint,
        ScriptedOpenAI(second) as other,
        server(example, endpoint) as target,
        server(settings_of(data), other) as new,
        FaultProxy(target) as proxy,
    ):
        await read(reader, proxy.port, 1)
        proxy.plan.append(cut(proxy.passed[SERVER] - 900))
        answers = await read(reader, proxy.port, 1)
    check(answers, [text_of(second)])
    assert answers[0]["restarts"] == 1
    assert (len(endpoint.requests), len(other.requests)) == (2, 1)
