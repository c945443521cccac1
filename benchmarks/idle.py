"""What an idle connection costs in memory, beside bare Quart on Hypercorn."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from websockets.asyncio.client import connect

CONNECTIONS = 1000
WARM_UP = 200
"""Connections before the first look, so that pools and caches are filled."""
SETTLE_S = 2.0


async def kib_a_connection(url: str, pid: int) -> float:
    """Resident KiB that each of many idle connections adds to the server; Linux only."""
    async with AsyncExitStack() as sockets:
        await _open(sockets, url, WARM_UP)
        before = _rss_kib(pid)
        await _open(sockets, url, CONNECTIONS)
        return (_rss_kib(pid) - before) / CONNECTIONS


@contextmanager
def bare_server() -> Iterator[tuple[str, int]]:
    """The peer in a process of its own: its address and process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.bare", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        try:
            yield f"http://127.0.0.1:{port}/", process.pid
        finally:
            process.terminate()


async def _open(sockets: AsyncExitStack, url: str, count: int) -> None:
    address = url.replace("http", "ws", 1) + "ws/chat"
    for _ in range(count):
        opened = await sockets.enter_async_context(
            connect(address, compression=None, ping_interval=None)
        )
        await opened.recv()
    await asyncio.sleep(SETTLE_S)


def _rss_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
