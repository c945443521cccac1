"""The processes of ingestions: each does one job, and the next one is ready before it is wanted."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from ingestion.beside import Embedded, Event, Failed, Job

MODULE = "ingestion.beside"
LONGEST_LINE = 1 << 26
"""Bytes; a result names each file that was skipped, and each problem."""
READY_S = 600.0
"""Seconds for which a process waits for the next job; it holds 110 MiB meanwhile."""
HOME = Path(__file__).parents[2]
SOURCES = HOME / "ingestion", HOME / "chains"
"""What a process runs."""


class IngestionProcesses:
    """What runs ingestions. Its imports take a process 2 s, more than an edit takes afterwards; so
    one is kept `ready` for an author who goes on editing, and ends by itself after a while."""

    def __init__(self, ready_s: float = READY_S) -> None:
        self._ready_s = ready_s
        self._ready: Process | None = None
        self._code: Mapping[Path, int] = {}
        self._ending: asyncio.TimerHandle | None = None

    async def run(self, job: Job) -> AsyncGenerator[Event]:
        """What the process of the job sends, through Done or Failed.

        It is killed where nobody reads on.
        """
        process = await self._take()
        try:
            async for event in _events(process, job):
                yield event
        finally:
            await _end(process)

    async def make_ready(self) -> None:
        """Start a process for the next job. Where the system refuses, that starts its own."""
        with suppress(OSError):
            code = await asyncio.to_thread(_code)
            await self.close()
            self._ready, self._code = await _start(), code
            self._ending = asyncio.get_running_loop().call_later(self._ready_s, _kill, self._ready)

    async def close(self) -> None:
        """End the process that is ready."""
        process, self._ready = self._ready, None
        if self._ending is not None:
            self._ending.cancel()
        if process is not None:
            await _end(process)

    async def _take(self) -> Process:
        """The one that is ready, if it still runs, and runs what is there now; else a new one."""
        if self._ending is not None:
            self._ending.cancel()
        is_as_it_was = self._code == await asyncio.to_thread(_code)
        process = self._ready
        if process is not None and _runs(process) and is_as_it_was:
            self._ready = None
            return process
        await self.close()
        return await _start()


def _code() -> Mapping[Path, int]:
    """When each file of our code was written."""
    return {file: file.stat().st_mtime_ns for place in SOURCES for file in place.rglob("*.py")}


async def _start() -> Process:
    alone = {"OPENBLAS_NUM_THREADS": "1"}  # so that numpy starts no thread; see `beside`
    path = {"PYTHONPATH": os.pathsep.join(one or "." for one in sys.path)}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        MODULE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **alone, **path},
        limit=LONGEST_LINE,
        start_new_session=True,  # Ctrl-C is for the server, which ends its ingestion itself
    )


async def _end(process: Process) -> None:
    _kill(process)
    await process.wait()


def _runs(process: Process) -> bool:
    if process.returncode is not None or sys.platform == "win32":
        return process.returncode is None
    try:  # it may have ended, and the loop not know it yet
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, process.pid, how) is None
    except ChildProcessError:
        return False


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()


async def _events(process: Process, job: Job) -> AsyncGenerator[Event]:
    if process.stdin is None or process.stdout is None:
        raise ValueError("The process has no pipes.")
    with suppress(ConnectionError):
        process.stdin.write(pickle.dumps(job))
        await process.stdin.drain()
        process.stdin.close()
    while line := await process.stdout.readline():
        event = msgspec.json.decode(line, type=Event)
        yield event
        if not isinstance(event, Embedded):
            return
    yield Failed(_why(await process.wait()))


def _why(code: int) -> str:
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    return f"The process that ingested {how}; the index is as it was. The server's log may say why."
