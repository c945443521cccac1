"""What /api/book says of the page that asks, over a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from typing_extensions import override
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from chains.errors import StoreError
from chains.index.book import Book
from chains.index.library import Library
from quart_app.chat.connections import TOO_MANY
from quart_app.door.proxies import parse_network
from quart_app.serve import serving
from quart_app.services import Services, open_services
from quart_app.settings import WebSettings

BOOK = "https://book.example"
EVIL = "https://evil.example"
PROXY = {"trusted_proxies": (parse_network("127.0.0.1"),)}
HTTPS = {"X-Forwarded-Proto": "https"}

Serve = Callable[..., AbstractAsyncContextManager[AsyncClient]]


@pytest.fixture
def serve(example: WebSettings) -> Serve:
    """A client of a server with these settings, whose Host is book.example."""

    @asynccontextmanager
    async def served(**settings: Any) -> AsyncIterator[AsyncClient]:
        changed = example.model_copy(update={"allowed_hosts": {"book.example"}} | settings)
        async with (
            serving(changed) as url,
            AsyncClient(base_url=url, trust_env=False, headers={"Host": "book.example"}) as http,
        ):
            yield http

    return served


def seen(answer: Response) -> dict[str, object]:
    request: dict[str, object] = answer.json()["request"]
    assert request.keys() == {"scheme", "host", "origin_allowed"}
    return request


async def handshake(http: AsyncClient, headers: dict[str, str]) -> bool:
    """Whether the socket opens with these headers."""
    port = http.base_url.port
    address = f"ws://book.example:{port}/ws/chat"
    try:
        async with connect(
            address, host="127.0.0.1", port=port, additional_headers=headers, proxy=None
        ):
            return True
    except InvalidStatus as refused:
        assert refused.response.status_code == 403
        return False


async def test_scheme_and_host_are_those_that_the_server_saw(serve: Serve) -> None:
    async with serve(**PROXY) as http:
        plain = seen(await http.get("api/book"))
        forwarded = seen(await http.get("api/book", headers=HTTPS))
    assert plain == {"scheme": "http", "host": "book.example", "origin_allowed": True}
    assert forwarded == plain | {"scheme": "https"}


@pytest.mark.parametrize("is_required", [False, True])
async def test_the_book_says_of_an_origin_what_the_socket_would(
    serve: Serve, is_required: bool
) -> None:
    settings = {"allowed_origins": {BOOK}, "require_origin": is_required}
    async with serve(**PROXY, **settings) as http:
        own = f"http://book.example:{http.base_url.port}"
        host = {"Host": f"book.example:{http.base_url.port}"}
        for origin in (own, own.replace("http", "https"), BOOK, EVIL, "null", "", "*", None):
            headers = {} if origin is None else {"Origin": origin}
            for more in ({}, HTTPS):
                facts = seen(await http.get("api/book", headers=host | headers | more))
                opens = await handshake(http, headers | more)
                assert facts["origin_allowed"] == opens, (origin, more)


async def test_an_own_page_that_a_browser_names_in_the_referer_alone_is_judged_by_it(
    serve: Serve,
) -> None:
    async with serve(require_origin=True) as http:

        async def ask(**headers: str) -> object:
            answer = await http.get("api/book", headers=headers)
            assert answer.status_code == 200
            return seen(answer)["origin_allowed"]

        assert await ask(Referer="http://book.example/page?a#b") is True
        assert await ask(Referer=f"{BOOK}/page") is False  # TLS ends at a proxy that is not trusted
        assert await ask(Referer="about:blank") is False
        assert await ask() is False


@pytest.mark.parametrize("origin", [EVIL, "null", "http://book.example:8080"])
async def test_a_page_that_may_not_open_the_socket_reads_that_and_nothing_of_the_book(
    serve: Serve, origin: str
) -> None:
    async with serve() as http:
        answer = await http.get("api/book", headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "origin" in answer.headers["Vary"].lower()
    assert answer.json().keys() == {"error", "request"}
    assert seen(answer)["origin_allowed"] is False


async def test_every_page_reads_why_the_book_is_not_shown(
    serve: Serve, example: WebSettings
) -> None:
    async with serve() as http:
        for _ in range(60):
            await http.get("api/book", headers={"Origin": EVIL})
        answers = [await http.get("api/book", headers={"Origin": EVIL})]

    @asynccontextmanager
    async def opening(settings: WebSettings, frame_bytes: int) -> AsyncIterator[Services]:
        async with open_services(settings, frame_bytes) as services:
            yield replace(services, libraries={"": LostLibrary()})

    async with serving(example, opening) as url, AsyncClient(base_url=url, trust_env=False) as http:
        answers += [await http.get("api/book", headers={"Origin": url.rstrip("/")})]
    assert [answer.status_code for answer in answers] == [429, 503]
    assert [seen(answer)["origin_allowed"] for answer in answers] == [False, True]
    assert all(answer.headers["Access-Control-Allow-Origin"] == "*" for answer in answers)


async def test_the_book_says_when_there_is_no_place_for_a_socket(serve: Serve) -> None:
    async with serve(limit_connections=1) as http:

        async def wait() -> object:
            return (await http.get("api/book")).json().get("retry_after")

        address = f"ws://127.0.0.1:{http.base_url.port}/ws/chat"
        assert await wait() is None
        async with connect(address, proxy=None) as socket:
            await socket.recv()
            assert await wait() == TOO_MANY.retry_after
            with pytest.raises(InvalidStatus, match="429"):
                await connect(address, proxy=None)


class LostLibrary(Library):
    """One whose index is gone."""

    def __init__(self) -> None:
        """It has no store."""

    @override
    async def read_book(self) -> Book:
        raise StoreError("There is no book.")
