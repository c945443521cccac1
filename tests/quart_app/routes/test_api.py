"""/api over a real server, whose limits go by a clock of the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import quart_rate_limiter
from httpx2 import AsyncClient, Response
from quart import Quart
from quart_rate_limiter import RateLimit, rate_limit
from typing_extensions import override

from chains.errors import StoreError
from chains.index.book import Book
from chains.index.library import Library
from quart_app.answers.limit_store import LimitStore
from quart_app.door.proxies import parse_network
from quart_app.routes.api import api
from quart_app.routes.rate_limiter import AtomicRateLimiter
from quart_app.serve import serving
from quart_app.services import Services, open_services
from quart_app.settings import WebSettings
from quart_app.sharing import limits_of
from tests.support.clocks import Clock, jumped

Connect = Callable[..., AbstractAsyncContextManager[AsyncClient]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connect(example: WebSettings, clock: Clock) -> Connect:
    """A client of a server with these settings, and with these services of its own."""

    @asynccontextmanager
    async def connected(
        settings: dict[str, Any] | None = None, **others: Any
    ) -> AsyncIterator[AsyncClient]:
        @asynccontextmanager
        async def opening(settings: WebSettings, frame_bytes: int) -> AsyncIterator[Services]:
            async with open_services(settings, frame_bytes) as services:
                limits = limits_of(settings, LimitStore(clock))
                yield replace(services, limits=limits, **others)

        changed = example.model_copy(update=settings or {})
        async with (
            serving(changed, opening) as url,
            AsyncClient(base_url=url, trust_env=False) as http,
        ):
            yield http

    return connected


async def test_the_book_that_can_be_asked_is_named(connect: Connect) -> None:
    async with connect() as http:
        answer = await http.get("api/book")
        ready = (await http.get("readyz")).json()
    assert answer.status_code == 200
    facts = answer.json()
    assert facts["book"] == ready["book"]
    named = {"title", "base_url", "index_version", "files", "sections", "chunks", "gate"}
    assert facts["book"].keys() == named
    assert (facts["model"], facts["protocol"], facts["chat"]) == ("quotes", "chat-v1", "/ws/chat")


async def test_sixty_a_minute_pass_and_the_next_gets_the_time_to_wait(
    connect: Connect, clock: Clock
) -> None:
    async with connect() as http:
        for asked in range(1, 61):
            answer = await http.get("api/book")
            assert answer.status_code == 200
            assert headers(answer) == ("60", str(60 - asked), str(asked), None)
        refused = await http.get("api/book")
        assert refused.status_code == 429
        assert headers(refused) == ("60", "0", "60", "1")
        assert refused.json()["error"] == "Too many requests; come again in 1 s."
        assert (await http.get("")).status_code == 200
        clock.forward(0.999)
        assert (await http.get("api/book")).status_code == 429
        clock.forward(0.001)
        assert [(await http.get("api/book")).status_code for _ in range(2)] == [200, 429]


async def test_an_address_has_sixty_however_many_it_asks_at_once(connect: Connect) -> None:
    async with connect() as http:
        answers = await asyncio.gather(*(http.get("api/book") for _ in range(90)))
    assert [answer.status_code for answer in answers].count(200) == 60


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
async def test_setting_the_wall_clock_lets_nobody_in_and_keeps_nobody_out(
    connect: Connect, clock: Clock, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    async with connect() as http:
        await asyncio.gather(*(http.get("api/book") for _ in range(60)))
        monkeypatch.setattr(quart_rate_limiter, "datetime", jumped(jump))
        assert headers(await http.get("api/book")) == ("60", "0", "60", "1")
        clock.forward(1)
        assert (await http.get("api/book")).status_code == 200


async def test_readers_behind_a_trusted_proxy_are_counted_by_their_networks(
    connect: Connect,
) -> None:
    async with connect({"trusted_proxies": (parse_network("127.0.0.1"),)}) as http:

        async def ask(address: str) -> int:
            answer = await http.get("api/book", headers={"X-Forwarded-For": address})
            return answer.status_code

        await asyncio.gather(*(ask(f"2001:db8::{number:x}") for number in range(60)))
        assert await ask("2001:db8::ffff") == 429
        assert await ask("2001:db8:0:1::1") == 200


async def test_a_forged_address_is_no_other_reader(connect: Connect) -> None:
    async with connect() as http:
        forged = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in range(61)]
        answers = await asyncio.gather(*(http.get("api/book", headers=one) for one in forged))
    assert [answer.status_code for answer in answers].count(200) == 60


async def test_a_book_that_cannot_be_read_is_reported_as_json(connect: Connect) -> None:
    async with connect(libraries={"": LostLibrary()}) as http:
        answer = await http.get("api/book")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "cannot be read" in answer.json()["error"]


async def test_of_a_routes_several_limits_all_are_charged_or_none(clock: Clock) -> None:
    app = Quart("limited")
    limiter = AtomicRateLimiter()
    limiter.count_in(LimitStore(clock))
    limiter.init_app(app)
    app.register_blueprint(api)

    @app.get("/rare")
    @rate_limit(limits=[RateLimit(1, timedelta(minutes=1)), RateLimit(2, timedelta(hours=1))])
    async def rare() -> str:
        return "seldom"

    @app.get("/free")
    async def free() -> str:
        return "always"

    async def ask(path: str = "/rare") -> tuple[int, str | None]:
        response = await client.get(path)
        return response.status_code, response.headers.get("Retry-After")

    client = app.test_client()
    assert await ask() == (200, None)
    for _ in range(5):
        assert await ask() == (429, "60")
    clock.forward(60)
    assert await ask() == (200, None)
    assert await ask() == (429, "1740")
    assert await ask("/free") == (200, None)
    clock.forward(1739)
    assert await ask() == (429, "1")
    clock.forward(1)
    assert await ask() == (200, None)


class LostLibrary(Library):
    """One whose index is gone."""

    def __init__(self) -> None:
        """It has no store."""

    @override
    async def read_book(self) -> Book:
        raise StoreError("There is no book; run scholiast ingest.")


def headers(answer: Response) -> tuple[str | None, ...]:
    """The headers of the limit: how many, how many more, seconds to all of them, to the next."""
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After")
    return tuple(answer.headers.get(name) for name in names)
