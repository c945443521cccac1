"""What lies between TCP and the app: how much may wait there, and how a connection is dropped."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import hypercorn.asyncio
import pytest
from hypercorn.config import Config
from quart import Quart, websocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from quart_app.door.connection import LINGER, current_connection
from quart_app.door.inbox import Inbox, Inboxes
from quart_app.door.listener import listen, read_config
from quart_app.door.repairs import install_repairs
from quart_app.protocol.bounds import FRAME_BYTES
from quart_app.routes.sockets.inbox_websocket import InboxWebsocket
from tests.support.raw_websocket import CLOSE, frame, shaken_hands, text


def bounded(app: Quart) -> Any:
    """The app as `create_app` wraps it."""
    app.websocket_class = InboxWebsocket
    return Inboxes(app.asgi_app)


@asynccontextmanager
async def hosted(app: Quart, certificate: Path | None = None) -> AsyncIterator[str]:
    """The app on a server with our parts; its address.

    A `certificate` has its key in the same file; then the server speaks TLS.
    """
    install_repairs()
    config = Config()
    config.errorlog = logging.getLogger("hosted")
    config.certfile = config.keyfile = str(certificate) if certificate else None
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        config.bind = [f"fd://{listener.detach()}"]
    app.asgi_app = bounded(app)  # type: ignore[method-assign]
    serving = hypercorn.asyncio.serve(app, config, shutdown_trigger=stop.wait)
    server = asyncio.create_task(serving)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        stop.set()
        await server


@pytest.mark.parametrize(
    ("length", "most"), [(1, Inbox.FRAMES), (Inbox.CHARACTERS // 2, 2), (2 * Inbox.CHARACTERS, 1)]
)
async def test_no_more_is_taken_in_than_may_wait_for_a_route(length: int, most: int) -> None:
    app, goes_on, taken = Quart(__name__), asyncio.Event(), asyncio.Queue[str | bytes]()
    offered = 0
    stands_still = asyncio.Event()

    @app.websocket("/")
    async def slow() -> None:
        await websocket.accept()
        await goes_on.wait()
        while True:
            taken.put_nowait(await websocket.receive())

    async def receive() -> Any:
        nonlocal offered
        offered += 1
        if offered == 1:
            return {"type": "websocket.connect"}
        if offered <= 101:
            return {"type": "websocket.receive", "text": "x" * length, "bytes": None}
        return {"type": "websocket.disconnect", "code": 1001}

    async def send(event: Any) -> None:
        stands_still.set()

    scope = {
        "type": "websocket", "path": "/", "query_string": b"", "scheme": "ws", "headers": [],
        "asgi": {"spec_version": "2.3"}, "extensions": {},
    }  # fmt: skip
    running = asyncio.create_task(bounded(app)(scope, receive, send))
    await stands_still.wait()
    for _ in range(300):
        await asyncio.sleep(0)
    assert offered == 1 + most
    goes_on.set()
    for _ in range(100):
        assert await taken.get() == "x" * length
    await running  # the disconnect ends it


async def test_aborting_drops_the_connection_of_the_call_and_no_other() -> None:
    app, ended = Quart(__name__), asyncio.Event()

    @app.websocket("/")
    async def cruel() -> None:
        try:
            while await websocket.receive() != "abort":
                await websocket.send("still here")
            # From a task, as a session would.
            await asyncio.create_task(asyncio.to_thread(int))
            current_connection().abort()
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with hosted(app) as url:
        address = url.replace("http", "ws", 1)
        async with connect(address) as other, connect(address) as socket:
            await socket.send("abort")
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is None
            await ended.wait()
            await other.send("hello")
            assert await other.recv() == "still here"


async def test_a_close_frame_arrives_though_the_client_still_sends() -> None:
    app = Quart(__name__)

    @app.websocket("/ws/chat")
    async def short() -> None:
        await websocket.receive()
        await websocket.close(4000, "enough")

    async with hosted(app) as url, shaken_hands(url) as client:
        client.writer.write(text("x" * 1000) * 500)
        assert await client.close_code() == 4000
        await client.is_dropped()


async def test_a_client_that_closes_in_order_does_not_wait_for_the_server() -> None:
    app = Quart(__name__)

    @app.websocket("/ws/chat")
    async def patient() -> None:
        await websocket.receive()

    async with hosted(app) as url, shaken_hands(url) as client:
        began = asyncio.get_running_loop().time()
        client.writer.write(frame(CLOSE, b"\x03\xe8"))
        assert await client.close_code() == 1000
        assert asyncio.get_running_loop().time() - began < LINGER / 2


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system has no such option")
async def test_the_system_is_asked_to_notice_clients_that_vanish(tmp_path: Path) -> None:
    names = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
    with ExitStack() as sockets:
        listener = sockets.enter_context(listen(read_config(FRAME_BYTES), "127.0.0.1", 0, tmp_path))
        sockets.enter_context(socket.create_connection(listener.getsockname()))
        accepted = sockets.enter_context(listener.accept()[0])
        read = [accepted.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in names]
        assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    idle, interval, count, unacknowledged = read
    assert idle + interval * count <= 15
    assert 0 < unacknowledged <= 10_000
