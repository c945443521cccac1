"""Files that are sent to clients who leave, or who do not read."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

import pytest
from typing_extensions import override

from ingestion.indexer import ingest
from quart_app import create_app
from quart_app.routes.site import STATIC
from quart_app.serve import serving
from quart_app.services import open_services
from quart_app.settings import WebSettings
from tests.conftest import EXAMPLE_BOOK, settings_of

FIGURE = EXAMPLE_BOOK / "03-motion" / "support-polygon.svg"
LARGE = 16_000_000
"""Bytes; more than a socket takes that nobody reads from."""
P = ParamSpec("P")
T = TypeVar("T")


class Halting(ThreadPoolExecutor):
    """A thread that has opened or read a file, and stops before it hands that over."""

    def __init__(self) -> None:
        super().__init__(1)
        self.stands = asyncio.Event()
        self.goes_on = threading.Event()
        self._loop = asyncio.get_running_loop()

    @override
    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        def halt() -> T:
            result = call(*args, **kwargs)
            if isinstance(result, io.IOBase | bytes):
                self._loop.call_soon_threadsafe(self.stands.set)
                self.goes_on.wait()
            return result

        return super().submit(halt)


def is_open(path: Path) -> bool:
    """Whether this process has the file open."""
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("only Linux lists open files in /proc")
    return any(link.is_file() and link.samefile(path) for link in folder.iterdir())


@pytest.mark.parametrize(
    ("address", "file"),
    [("/static/site.css", STATIC / "site.css"), (f"/figures/03-motion/{FIGURE.name}", FIGURE)],
)
async def test_a_file_is_closed_though_its_client_leaves_while_it_is_opened(
    example: WebSettings, address: str, file: Path
) -> None:
    halting = Halting()
    came: list[dict[str, Any]] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if came:
            return came.pop()
        await halting.stands.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        pass

    async with open_services(example) as services:
        app = create_app(lambda: nullcontext(services))
        async with app.test_app():
            asyncio.get_running_loop().set_default_executor(halting)
            scope = {**SCOPE, "path": address, "raw_path": address.encode()}
            await cast("Any", app)(scope, receive, send)
            halting.goes_on.set()
            await asyncio.get_running_loop().run_in_executor(None, int)  # the thread is through
            assert not is_open(file)


SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 2),
    "extensions": {},
}


async def test_a_client_who_reads_slowly_holds_no_file_and_gets_it_whole(tmp_path: Path) -> None:
    book = tmp_path / "book"
    book.mkdir()
    (book / "one.md").write_text("# One\n\nA figure.\n", "utf-8")
    figure = book / "large.svg"
    figure.write_bytes(bytes(range(250)) * (LARGE // 250))
    settings = settings_of(tmp_path / "data")
    ingest(book, settings)
    async with serving(settings) as url:
        client = socket.create_connection(("127.0.0.1", cast("int", urlsplit(url).port)))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        reader, writer = await asyncio.open_connection(sock=client, limit=4096)
        writer.write(b"GET /figures/large.svg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        body = await reader.readexactly(1_000_000)
        assert not is_open(figure)
        assert body + await reader.readexactly(LARGE - 1_000_000) == figure.read_bytes()
        writer.close()
        await writer.wait_closed()
