"""A process with few files: what it promises at the start it keeps."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from typing_extensions import override
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidHandshake

from tests.faults.test_many import many_files
from tests.support.commands import ROOT, Served, served, started, until_open
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.talking import client, receive, send, until_end

ZMP = "What is the zero moment point?"
FILES = 416
"""Room for 80 connections and 40 answers at a time."""
CONNECTIONS, ANSWERS = 80, 40
MORE = 170
"""Readers who come; all of them and their answers would need more files than there are."""


class Halfway(asyncio.Event):
    """A step at which answers wait until it is set; `reached` counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Semaphore(0)

    @override
    async def wait(self) -> Literal[True]:
        self.reached.release()
        return await super().wait()


@contextmanager
def served_with(files: int, folder: Path, **variables: str) -> Iterator[Served]:
    """A server that may have so many open files."""
    resource = pytest.importorskip("resource", reason="Windows sets no such limit")
    with started(folder, "serve", **({"SCHOLIAST_PORT": "0"} | variables)) as process:
        # It reads its own limit seconds later, when all is imported.
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (files, files))
        yield until_open(process, folder)


def is_alive(url: str) -> bool:
    with urllib.request.urlopen(f"{url}healthz", timeout=60) as answer:
        return bool(answer.status == 200)


@pytest.mark.usefixtures("example_copy")
async def test_sockets_that_all_ask_leave_files_for_their_answers_and_for_probes(
    alone: Path,
) -> None:
    halfway = Halfway()
    async with AsyncExitStack() as stack:
        stack.enter_context(many_files())
        endpoint = await stack.enter_async_context(ScriptedOpenAI(["Half. ", halfway, "Whole."]))
        variables = {
            "SCHOLIAST_MODEL": "scripted",
            "OPENAI_BASE_URL": endpoint.base_url,
            "SCHOLIAST_MAX_ANSWERS": "400",
            "SCHOLIAST_MODEL_TIMEOUT": "300",
            "SCHOLIAST_MODEL_TIMEOUT_GAP": "300",
            "SCHOLIAST_LIMIT_QUESTIONS": "off",
            "SCHOLIAST_LIMIT_CONNECTIONS": "off",
        }
        server = stack.enter_context(served_with(FILES, alone, **variables))
        promised = f"at most {CONNECTIONS} connections and {ANSWERS} answers at a time"
        assert any(f"allows {FILES} open files" in line for line in server.lines)
        assert any(promised in line for line in server.lines)
        sockets: list[ClientConnection] = []
        for _ in range(MORE):
            try:
                sockets.append(await stack.enter_async_context(client(server.url)))
            except (InvalidHandshake, OSError, EOFError):
                continue  # full
        assert len(sockets) == CONNECTIONS
        for reader in sockets:
            await receive(reader)
            await send(reader, "question", {"question": ZMP})
        for _ in range(ANSWERS):
            await halfway.reached.acquire()
        assert await asyncio.to_thread(is_alive, server.url)
        halfway.set()
        ends = await asyncio.gather(*map(until_end, sockets))
        assert {messages[-1]["type"] for messages in ends} == {"response_end"}
    assert len(endpoint.requests) == CONNECTIONS


@pytest.mark.usefixtures("example_copy")
async def test_without_a_free_file_the_log_says_so_once_a_second_and_the_server_recovers(
    alone: Path,
) -> None:
    resource = pytest.importorskip("resource", reason="Windows sets no such limit")
    with served(alone) as server:
        process = server.process
        assert process.stderr
        assert await asyncio.to_thread(is_alive, server.url)  # and has read all its own files
        limits = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        used = len([*Path(f"/proc/{process.pid}/fd").iterdir()])
        with ExitStack() as sockets:
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (used, limits[1]))
            address = urlsplit(server.url)
            where = address.hostname, address.port
            began = time.monotonic()
            for _ in range(20):
                sockets.enter_context(socket.create_connection(where))
            said = [await asyncio.to_thread(process.stderr.readline) for _ in range(3)]
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, limits)
            assert await asyncio.to_thread(is_alive, server.url)
        took = time.monotonic() - began
        code, more = await asyncio.to_thread(server.end)
    said += more.splitlines()
    short = [line for line in said if "a connection cannot be accepted" in line]
    assert 3 <= len(short) <= took + 1
    assert all("ulimit -Hn" in line for line in short)
    assert "more like it" in short[1]
    assert not [line for line in said if "Traceback" in line or "out of system resource" in line]
    assert code == 0


@pytest.mark.usefixtures("example_copy")
def test_an_index_for_which_no_file_is_left_is_not_called_damaged(alone: Path) -> None:
    """Which file is one too many differs with each number: of the lock, the log, a segment."""
    said = [status_with(files, alone) for files in range(6, 16)]
    assert not [one for one in said if "damaged" in one or "let this user" in one]
    refusals = [one for one in said if "cannot be opened now" in one]
    assert refusals
    assert not [one for one in refusals if not one.endswith("open files (`ulimit -n`).\n")]


def status_with(files: int, folder: Path) -> str:
    """What the command says where so many files may be open; "" where that is enough."""
    limited = ["sh", "-c", 'ulimit -n "$0" && exec "$@"', str(files), sys.executable]
    ended = subprocess.run(
        [*limited, "-m", "quart_app", "status"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return ended.stderr if ended.returncode else ""
