"""Many readers at once, readers at odds, and clocks that are set."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from urllib.parse import urlsplit

import pytest

from quart_app.answers.rates import parse_rates
from quart_app.answers.session_store import SessionStore
from quart_app.answers.session_tokens import SessionTokens
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.fault_proxy import FaultProxy, reset
from tests.support.resuming import ResumingClient
from tests.support.scripted_openai import HANG, ScriptedOpenAI, Step
from tests.support.scripted_tutor import whole_answer
from tests.support.sessions import Server
from tests.support.talking import client, receive, send, until_end

ZMP = "What is the zero moment point?"
MANY = 500
NEEDED_FILES = 4 * MANY
"""Of this process, which has both ends of each socket."""
HOUR = 3600


@asynccontextmanager
async def answering(
    settings: WebSettings, endpoint: ScriptedOpenAI, **update: object
) -> AsyncIterator[str]:
    """A server that answers by the endpoint, without limits."""
    off = {"limit_questions": (), "limit_connections": None, "limit_messages": None}
    model = {"model": "scripted", "openai_base_url": endpoint.base_url, "max_answers": 2 * MANY}
    async with serving(settings.model_copy(update={**off, **model, **update})) as url:
        yield url


@contextmanager
def many_files() -> Iterator[None]:
    """As many open files as hundreds of sockets with both their ends need."""
    resource = pytest.importorskip("resource", reason="Windows sets no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = NEEDED_FILES + 500
    assert hard == resource.RLIM_INFINITY or hard >= needed, f"raise `ulimit -Hn` to {needed}"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("many", [60, pytest.param(MANY, marks=pytest.mark.slow)])
async def test_many_clients_that_come_back_together_all_get_their_answer(
    example: WebSettings, many: int
) -> None:
    goes_on = asyncio.Event()
    heard = asyncio.Semaphore(0)

    def hear(text: str) -> None:
        if text.startswith("Half"):
            heard.release()

    script: list[Step] = ["Half an answer – ", goes_on, "and 🦾 the rest."]
    async with AsyncExitStack() as stack:
        stack.enter_context(many_files())
        endpoint = await stack.enter_async_context(ScriptedOpenAI(script))
        url = await stack.enter_async_context(answering(example, endpoint))
        readers = [
            await stack.enter_async_context(ResumingClient(url, on_text=hear)) for _ in range(many)
        ]
        asking = [asyncio.create_task(reader.ask(ZMP)) for reader in readers]
        for _ in readers:
            await heard.acquire()
        for reader in readers:
            reader.abort()
        asyncio.get_running_loop().call_later(0.5, goes_on.set)
        answers = await asyncio.gather(*asking)
    assert {received.text for received in answers} == {"Half an answer – and 🦾 the rest."}
    assert [received.resumptions for received in answers] == [1] * many
    assert len({received.query_id for received in answers}) == len(endpoint.requests) == many


async def test_a_client_that_resets_mid_stream_frees_its_place_and_may_resume(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    script: list[Step] = [f"{number} 🦾 " for number in range(50)]
    script[25:25] = [0.2]
    async with (
        ScriptedOpenAI(script) as endpoint,
        answering(example, endpoint, max_connections=1) as url,
    ):
        where = urlsplit(url)
        assert where.hostname
        assert where.port
        async with (
            FaultProxy((where.hostname, where.port), reset(9000)) as proxy,
            ResumingClient(f"http://127.0.0.1:{proxy.port}/") as reader,
        ):
            received = await reader.ask(ZMP)
        assert (proxy.broken, received.resumptions, len(endpoint.requests)) == (1, 1, 1)
    assert received.text == "".join(step for step in script if isinstance(step, str))
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_two_sockets_in_one_session_ask_resume_and_cancel_as_one_reader(
    example: WebSettings,
) -> None:
    scripts: list[list[Step]] = [["One half. ", HANG], ["Two, whole."]]
    async with (
        ScriptedOpenAI(*scripts) as endpoint,
        answering(example, endpoint) as url,
        client(url) as one,
        client(url) as two,
    ):
        welcome = (await receive(one))["data"]
        await receive(two)
        keys = {name: welcome[name] for name in ("session_id", "session_token")}
        await send(one, "question", {"question": ZMP})
        first = [await receive(one), await receive(one)]
        await send(two, "question", {"question": ZMP, **keys})
        second = await until_end(two)
        assert second[0]["data"]["session_id"] == keys["session_id"]
        assert second[-1]["data"]["status"] == "completed"
        query_id = first[0]["data"]["query_id"]
        await send(two, "resume", {**keys, "query_id": query_id, "last_seq": -1})
        resumed = [await receive(two) for _ in range(3)]
        assert [m["type"] for m in resumed] == ["resumed", "response_start", "response_chunk"]
        assert resumed[1]["data"]["sources"] == first[0]["data"]["sources"]
        assert resumed[2]["data"]["content"] == first[1]["data"]["content"]
        await send(two, "cancel", {"query_id": query_id})
        for socket in (one, two):
            end = (await until_end(socket))[-1]["data"]
            assert (end["query_id"], end["status"]) == (query_id, "cancelled")


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_that_is_set_by_an_hour_troubles_nobody(
    hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time

    def wall_clock() -> float:
        return time.time()

    server = Server(WebSettings.model_construct(limit_questions=parse_rates("2/hour")))
    server.sessions._tokens = SessionTokens("a secret for tests", 24 * HOUR, wall_clock)
    async with server.connected() as reader:
        start = await reader.start(client_query_id="mine")
        monkeypatch.setattr(time, "time", lambda: real() + hours * HOUR)
        server.tutor.say("An answer ")
        assert (await reader.get("response_chunk"))["content"] == "An answer "
        async with server.connected() as other:
            other.send("resume", **reader.keys, query_id=start["query_id"], last_seq=0)
            assert (await other.get("resumed"))["recovered"] is True
            server.tutor.say(*whole_answer("goes on.")[1:])
            for socket in (reader, other):
                text, end = await socket.read()
                assert (text, end["status"]) == ("goes on.", "completed")
                assert 0 <= end["response_time_ms"] < 10_000
            server.tutor.say(*whole_answer("And another."))
            other.ask(**reader.keys)
            again = await other.get("response_start")
            assert again["session_id"] == start["session_id"]
            assert (await other.read())[0] == "And another."
            reader.ask()
            error = await reader.get("error")
            assert (error["reason"], HOUR // 2 - 5 < error["retry_after"] <= HOUR) == ("hour", True)
        assert not reader.running.done()
    await server.answers.close()


@pytest.mark.parametrize(("hours", "opens"), [(23, True), (-23, True), (25, False)])
def test_a_token_holds_within_its_life_whatever_the_clock_does(hours: int, opens: bool) -> None:
    now = time.time()
    issued = SessionTokens("a secret for tests", 24 * HOUR, lambda: now)
    checked = SessionTokens("a secret for tests", 24 * HOUR, lambda: now + hours * HOUR)
    session_id = SessionStore.new_id()
    assert checked.opens(session_id, issued.issue(session_id)) is opens
