"""The process of the next ingestion is ready before it is wanted, and never runs what is gone."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from time import monotonic, sleep

import pytest

from ingestion.beside import Done, Job
from ingestion.options import Options
from quart_app.authors import ingestion_process
from quart_app.authors.ingestion_process import IngestionProcesses
from tests.conftest import settings_of
from tests.support.commands import PATIENCE, run, served
from tests.support.ingesting import processes_of, wait_for_processes


@pytest.fixture
async def processes() -> AsyncIterator[IngestionProcesses]:
    processes = IngestionProcesses()
    yield processes
    await processes.close()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "book").mkdir()
    (tmp_path / "book/motors.md").write_text("# Motors\n\nA motor turns.\n")
    return Job("ingest", tmp_path / "book", settings_of(tmp_path / "data"), Options())


async def done(processes: IngestionProcesses, job: Job) -> Done:
    async with aclosing(processes.run(job)) as events:
        last = [event async for event in events][-1]
    assert isinstance(last, Done), last
    return last


async def test_the_process_that_is_ready_does_the_next_job(
    processes: IngestionProcesses, job: Job
) -> None:
    assert (await done(processes, job)).has_written
    await processes.make_ready()
    ready = wait_for_processes(1, os.getpid())
    (job.root / "gears.md").write_text("# Gears\n\nA gear turns, too.\n")
    ran: set[int] = set()
    async with aclosing(processes.run(job)) as events:
        async for event in events:
            ran |= processes_of(os.getpid())
            last = event
    assert isinstance(last, Done)
    assert (last.result["chunks"], last.result["embedded"]) == (2, 1)
    assert ran == ready
    assert processes_of(os.getpid()) == set()


async def test_what_is_ready_and_was_killed_or_has_older_code_is_not_used(
    processes: IngestionProcesses, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "code").mkdir()
    source = tmp_path / "code" / "rule.py"
    source.write_text("")
    monkeypatch.setattr(ingestion_process, "SOURCES", (tmp_path / "code",))
    await processes.make_ready()
    [killed] = wait_for_processes(1, os.getpid())
    os.kill(killed, signal.SIGKILL)
    await asyncio.to_thread(wait_for_processes, 0, os.getpid())
    assert (await done(processes, job)).has_written

    await processes.make_ready()
    [older] = wait_for_processes(1, os.getpid())
    os.utime(source, ns=(1, 1))
    async with aclosing(processes.run(job)) as events:
        async for _ in events:
            assert older not in processes_of(os.getpid())


async def test_a_process_that_nobody_wants_ends_by_itself(job: Job) -> None:
    processes = IngestionProcesses(ready_s=0.01)
    await processes.make_ready()
    await asyncio.to_thread(wait_for_processes, 0, os.getpid())
    assert (await done(processes, job)).has_written
    await processes.close()


def test_a_process_that_is_ready_ends_with_a_server_that_is_killed(alone: Path, job: Job) -> None:
    assert run("ingest", str(job.root)).exit_code == 0
    with served(alone) as server:
        (job.root / "motors.md").write_text("# Motors\n\nA motor hums.\n")
        assert run("ingest", str(job.root)).exit_code == 0
        [ready] = wait_for_processes(1, server.process.pid)
        server.end(signal.SIGKILL)
    end = monotonic() + PATIENCE
    while Path(f"/proc/{ready}").exists():
        assert monotonic() < end
        sleep(0.05)
