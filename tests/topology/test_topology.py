"""Readers of two servers behind a proxy: whatever happens to one, no answer is without an end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
import pytest_asyncio

from tests.support.resuming import Forgotten, Received, ResumingClient
from tests.support.scripted_openai import ScriptedOpenAI, Step
from tests.support.topology import Server, Topology, caddy, topology

pytestmark = pytest.mark.asyncio(loop_scope="module")

ZMP = "What is the zero moment point?"
WORDS: list[Step] = [step for n in range(40) for step in (f"word {n}, ", 0.05)]
READERS = 6
TOKEN = "a token of metrics that is long enough"
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}
METRICS = ("metrics", "/metrics", "%6detrics", "metrics?a=b", "books/wood/metrics")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    example_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Topology]:
    folder = tmp_path_factory.mktemp("topology")
    async with ScriptedOpenAI(WORDS) as model:
        settings = {
            "SCHOLIAST_MODEL": "scripted",
            "OPENAI_BASE_URL": model.base_url,
            "SCHOLIAST_METRICS_TOKEN": TOKEN,
        }
        with topology(folder, example_folder, **settings) as running:
            yield running


async def comes_through(url: str, trust: ssl.SSLContext, below: str) -> None:
    """Fetch a page, what only operators and authors may have, and an answer."""
    async with httpx2.AsyncClient(base_url=url + below, verify=trust, trust_env=False) as http:
        page = await http.get("")
        assert page.status_code == 200
        assert f'src="/{below}widget.js"' in page.text
        for path in METRICS:
            answer = await http.get(f"{url}{below}{path}", headers=OPERATOR)
            assert answer.status_code == 404, path
        assert (await http.get("api/ingest/none")).status_code == 401
    async with ResumingClient(url + below, trust=trust) as reader:
        received = await reader.ask(ZMP)
    assert received.end is not None
    assert received.end["status"] == "completed"
    assert received.start is not None
    assert urlsplit(received.start["sources"][0]["url"]).path.startswith(f"/{below}book/")


def patient(site: Topology, show: Callable[[str], object] = len) -> ResumingClient:
    """A reader who tries for two minutes: on a busy machine a server takes one to start."""
    return ResumingClient(site.url, on_text=show, trust=site.trust, most_connections=150)


async def ending(reader: ResumingClient) -> Received:
    """How a question ends. One that was lost for good is asked once more, as the widget does."""
    try:
        return await reader.ask(ZMP)
    except Forgotten:
        return await reader.ask(ZMP)


def is_honest(received: Received) -> bool:
    """Whether it is a whole answer, or an error that says to ask again."""
    end = received.end or {}
    return end.get("status") == "completed" or end.get("code") == "SERVICE_UNAVAILABLE"


async def restart(server: Server) -> int:
    """Let it drain, and start it again; its exit code."""
    code = await asyncio.to_thread(server.stop)
    server.begin()
    await asyncio.to_thread(server.ready)
    return code


@pytest.mark.parametrize("below", ["", "tutor/"])
async def test_pages_and_answers_come_through_at_the_root_and_below_a_path(
    site: Topology, below: str
) -> None:
    await comes_through(site.url, site.trust, below)


@pytest.mark.parametrize("below", ["", "tutor/"])
async def test_the_same_comes_through_caddy(site: Topology, tmp_path: Path, below: str) -> None:
    with caddy(tmp_path, site.servers) as (url, trust):
        await comes_through(url, trust, below)


async def test_each_server_shows_its_figures_to_who_asks_it_itself(site: Topology) -> None:
    async with httpx2.AsyncClient(trust_env=False, headers=OPERATOR) as http:
        for server in site.servers:
            answer = await http.get(f"http://127.0.0.1:{server.port}/metrics")
            assert "scholiast_questions_total" in answer.text


async def test_a_plain_request_is_sent_to_the_secure_address(site: Topology) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"http://127.0.0.1:{site.plain}/book/?a=b")
    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://127.0.0.1/book/?a=b"


async def test_a_server_that_is_killed_in_mid_answer_leaves_no_reader_without_an_end(
    site: Topology,
) -> None:
    under_way = asyncio.Barrier(READERS + 1)

    async def read() -> tuple[Received, int]:
        seen = asyncio.Event()

        def show(text: str) -> None:
            if text:
                seen.set()

        async with patient(site, show) as reader:
            asking = asyncio.create_task(ending(reader))
            await seen.wait()
            await under_way.wait()
            received = await asking
            # The conversation goes on, wherever the reader is now.
            after = await ending(reader) if reader.losses else received
            assert after.end is not None
            assert after.end["status"] == "completed"
            return received, reader.losses

    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        readers = [group.create_task(read()) for _ in range(READERS)]
        await under_way.wait()
        await asyncio.to_thread(site.servers[0].kill)
    ends = [task.result() for task in readers]
    assert [end for end, _ in ends if not is_honest(end)] == []
    lost = [losses for _, losses in ends if losses]
    assert 0 < len(lost) < READERS  # both had some, as nginx spreads them
    site.servers[0].begin()
    await asyncio.to_thread(site.servers[0].ready)


async def test_a_restart_of_one_after_the_other_under_load_loses_no_question(
    site: Topology,
) -> None:
    over, ends = asyncio.Event(), list[Received]()

    async def read() -> None:
        async with patient(site) as reader:
            while not over.is_set():
                ends.append(await ending(reader))

    async with asyncio.timeout(180), asyncio.TaskGroup() as group:
        for _ in range(READERS):
            group.create_task(read())
        for server in site.servers:
            before = len(ends)
            assert await restart(server) == 0
            async with asyncio.timeout(60):
                while len(ends) < before + READERS:  # noqa: ASYNC110 -- they all go on
                    await asyncio.sleep(0.05)
        over.set()
    assert [end.end for end in ends if not is_honest(end)] == []
    assert sum((end.end or {}).get("status") == "completed" for end in ends) >= 2 * READERS
