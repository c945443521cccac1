"""The process of one ingestion: started with its job, read event by event, and ended."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress

import msgspec

from ingestion.beside import Embedded, Event, Failed, Job

MODULE = "ingestion.beside"
LONGEST_LINE = 1 << 26
"""Bytes; a result names each file that was skipped, and each problem."""


async def run_job(job: Job) -> AsyncGenerator[Event]:
    """What the process of the job sends, through Done or Failed.

    It is killed where nobody reads on.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        MODULE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(one or "." for one in sys.path)},
        limit=LONGEST_LINE,
        start_new_session=True,  # Ctrl-C is for the server, which ends its ingestion itself
    )
    try:
        async for event in _events(process, job):
            yield event
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _events(process: asyncio.subprocess.Process, job: Job) -> AsyncGenerator[Event]:
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
