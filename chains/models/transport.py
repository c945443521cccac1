"""The way of a stream's bytes from an endpoint: aiohttp below the SDK's client.

HTTPX takes 80 µs of processor time for each token, aiohttp 30. And HTTPX gives each part of a body
by itself, however many have come; aiohttp gives all of them at once, so that a server that is late
sends longer pieces. Requests, errors and time limits are those of HTTPX to whoever asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import getproxies

import aiohttp
import httpx2
from typing_extensions import override

from chains.models.turns import Beat

MOST_AT_ONCE = 64 * 1024
"""Bytes of a part of a body."""
_ERRORS: tuple[tuple[type[Exception], type[httpx2.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx2.ConnectTimeout),
    (TimeoutError, httpx2.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx2.ConnectError),
    (aiohttp.ServerDisconnectedError, httpx2.RemoteProtocolError),
    (aiohttp.ClientResponseError, httpx2.RemoteProtocolError),
    (aiohttp.InvalidURL, httpx2.UnsupportedProtocol),
    (aiohttp.ClientError, httpx2.ReadError),
    (OSError, httpx2.ReadError),
)
"""What aiohttp raises and what HTTPX would; the first that fits."""


def transport(*, trust_env: bool, keep_alive: float) -> httpx2.AsyncBaseTransport | None:
    """What a client of HTTPX is to send by; None where the environment names a proxy, which HTTPX
    knows how to ask. An idle connection is kept for `keep_alive` seconds."""
    if trust_env and getproxies():
        return None
    return _Transport(trust_env=trust_env, keep_alive=keep_alive)


class _Transport(httpx2.AsyncBaseTransport):
    """Opens its connections with the first request, in the event loop of that."""

    def __init__(self, *, trust_env: bool, keep_alive: float) -> None:
        self._ssl = httpx2.create_ssl_context(trust_env=trust_env)
        self._keep_alive = keep_alive
        self._beat = Beat()
        self._session: aiohttp.ClientSession | None = None

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        session = self._session = self._session or self._open()
        limits: dict[str, float | None] = request.extensions.get("timeout", {})
        timeout = aiohttp.ClientTimeout(
            connect=limits.get("pool"),
            sock_connect=limits.get("connect"),
            sock_read=limits.get("read"),
        )
        with _as_httpx():
            response = await _send(session, request, timeout)
        return httpx2.Response(
            response.status,
            headers=list(response.raw_headers),
            stream=_Body(response, self._beat),
            extensions={"http_version": b"HTTP/1.1"},
            request=request,
        )

    @override
    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_note_that_it_is_kept)
        connector = aiohttp.TCPConnector(
            ssl=self._ssl, limit=0, keepalive_timeout=self._keep_alive, use_dns_cache=False
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trace_configs=[trace],
        )


async def _send(
    session: aiohttp.ClientSession, request: httpx2.Request, limits: aiohttp.ClientTimeout
) -> aiohttp.ClientResponse:
    """Send it, and anew where the connection was kept from an earlier request and the server has
    just closed it, as llama.cpp does behind each stream."""
    while True:
        way: dict[str, bool] = {}
        try:
            return await session.request(
                request.method,
                str(request.url.copy_with(userinfo=b"")),  # it is in the headers by now
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                allow_redirects=False,
                timeout=limits,
                trace_request_ctx=way,
            )
        except aiohttp.ServerDisconnectedError:
            if not way.get("is_kept"):
                raise


async def _note_that_it_is_kept(_session: Any, context: Any, _params: Any) -> None:
    context.trace_request_ctx["is_kept"] = True


class _Body(httpx2.AsyncByteStream):
    """The bytes of a response: with each part all that have come, and no more often than the beat
    allows."""

    def __init__(self, response: aiohttp.ClientResponse, beat: Beat) -> None:
        self._response = response
        self._beat = beat

    @override
    async def __aiter__(self) -> AsyncGenerator[bytes]:
        loop = asyncio.get_running_loop()
        since = loop.time()
        with _as_httpx(), self._beat.stream():
            while part := await self._response.content.read(MOST_AT_ONCE):
                if self._beat.length and (transport := self._transport()):
                    # The loop does not wake up for what comes until the next beat; and a part of
                    # it that were here by then would be read alone, and the rest a beat late.
                    transport.pause_reading()
                    yield part
                    await self._beat.wait(since)
                    transport.resume_reading()
                else:
                    yield part
                since = loop.time()

    def _transport(self) -> asyncio.Transport | None:
        """Of its connection, as long as more may come by it."""
        connection = self._response.connection
        return None if connection is None else connection.transport

    @override
    async def aclose(self) -> None:
        self._response.close()


@contextmanager
def _as_httpx() -> Iterator[Any]:
    """Raise what HTTPX would."""
    try:
        yield
    except Exception as error:
        for theirs, httpxs in _ERRORS:
            if isinstance(error, theirs):
                raise httpxs(str(error)) from error
        raise
