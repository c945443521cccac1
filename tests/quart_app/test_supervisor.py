"""The parent of workers: how it starts them, starts them again, and lets them end.

The workers here are scripts of a line, which say that they serve and do nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from chains.index.beacon import find_server
from quart_app import supervisor
from quart_app.settings import WebSettings
from quart_app.supervisor import WorkerFailed, supervise
from tests.support.commands import ROOT, refused, started

READY = """
import os, signal, sys
number, _, line, folder = sys.argv[-1].removeprefix("--post=").split(",", 3)
open("started", "a").write(f"{number} {os.getpid()}\\n")
os.write(int(line), b"ready\\n")
"""
WAITS = READY + "os.read(int(line), 5)"
DEAF = READY + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()"
ENDS = READY + "sys.exit(7 if number == '2' else len(os.read(int(line), 5)) - 5)"
FAILS = READY.replace('os.write(int(line), b"ready\\n")', "sys.exit(3)")


@pytest.fixture
def settings(alone: Path) -> WebSettings:
    return WebSettings(data=alone, workers=2, port=0)


def script(monkeypatch: pytest.MonkeyPatch, worker: str) -> None:
    command = (sys.executable, "-S", "-c", worker)
    monkeypatch.setattr(supervisor, "COMMAND", command)
    monkeypatch.setattr(supervisor, "PAUSE", 0.01)


def starts() -> list[tuple[int, int]]:
    """The number and the process of each worker that was started."""
    lines = Path("started").read_text().splitlines()
    return [(int(number), int(pid)) for number, pid in map(str.split, lines)]


def is_running(pid: int) -> bool:
    """Whether there is such a process, and not only what an end leaves to whoever waits for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except FileNotFoundError:
        return False


async def until_started(count: int) -> None:
    async with asyncio.timeout(60):
        while not Path("started").exists() or len(starts()) < count:  # noqa: ASYNC110 -- a file is looked at
            await asyncio.sleep(0.01)


async def test_it_is_found_while_it_serves_and_passes_a_signal_on(
    settings: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, WAITS)

    def announce(url: str) -> None:
        server = find_server(settings.data)
        assert server is not None
        assert (server.url, server.pid) == (url, os.getpid())
        os.kill(os.getpid(), signal.SIGTERM)

    await supervise(settings, announce)
    assert [number for number, _ in starts()] == [1, 2]
    assert find_server(settings.data) is None


async def test_a_worker_that_has_ended_is_started_again_with_a_line(
    settings: WebSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    script(monkeypatch, WAITS)
    announced = asyncio.Event()
    running = asyncio.create_task(supervise(settings, lambda _: announced.set()))
    await announced.wait()
    os.kill(starts()[1][1], signal.SIGKILL)
    await until_started(3)
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    assert [number for number, _ in starts()] == [1, 2, 2]
    assert caplog.messages[0] == ("worker 2 has ended (killed by signal 9); it is started again")


async def test_workers_that_end_again_and_again_stop_the_server(
    settings: WebSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    script(monkeypatch, ENDS)
    with pytest.raises(WorkerFailed) as failed:
        await supervise(settings, lambda _: None)
    assert failed.value.code == 1
    assert [number for number, _ in starts()] == [1] + [2] * (1 + supervisor.MOST_ENDS)
    (line,) = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert line.startswith("worker 2 has ended (exit code 7): 6 in ")


async def test_a_first_worker_that_does_not_start_ends_the_server_with_its_exit_code(
    settings: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, FAILS)
    with pytest.raises(WorkerFailed) as failed:
        await supervise(settings, lambda _: pytest.fail("it serves"))
    assert failed.value.code == 3
    assert len(starts()) == 1


@pytest.mark.parametrize("slow", [1, 2])
async def test_a_signal_while_they_start_ends_all_at_once(
    settings: WebSettings, monkeypatch: pytest.MonkeyPatch, slow: int
) -> None:
    ready = 'os.write(int(line), b"ready\\n")'
    script(monkeypatch, WAITS.replace(ready, f"number == '{slow}' or {ready}"))
    running = asyncio.create_task(supervise(settings, lambda _: pytest.fail("it serves")))
    await until_started(slow)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(60):
        await running
    assert not any(is_running(pid) for _, pid in starts())


async def test_workers_that_do_not_end_in_time_are_killed(
    settings: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, DEAF)
    Path("hypercorn.toml").write_text("graceful_timeout = 0.1\n")
    monkeypatch.setattr(supervisor, "EXTRA", 0.1)
    await supervise(settings, lambda _: os.kill(os.getpid(), signal.SIGTERM))
    for _, pid in starts():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -15)])
def test_a_second_signal_waits_for_nobody(alone: Path, number: signal.Signals, code: int) -> None:
    command = (sys.executable, "-S", "-c", DEAF)
    parent = f"from quart_app import supervisor; supervisor.COMMAND = {command!r}\n"
    parent += "from quart_app.commands.cli import main; main(prog_name='scholiast')"
    with subprocess.Popen(
        [sys.executable, "-c", parent, "serve", "--workers", "2", "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert any(line.startswith("Open http") for line in process.stderr)
        process.send_signal(number)
        assert "once more stops at once" in process.stderr.readline()
        process.send_signal(number)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()  # so that one which does not end holds up no other test
    assert (process.returncode, "Traceback" in said) == (code, False)
    until = monotonic() + 60
    while any(is_running(pid) for _, pid in starts()):
        assert monotonic() < until
        sleep(0.01)


def test_what_is_wrong_is_said_once_by_all_workers_together(alone: Path) -> None:
    with started(alone, "serve", SCHOLIAST_WORKERS="2", SCHOLIAST_PORT="0") as process:
        _, said = process.communicate(timeout=90)
    shared, no_book = said.splitlines()
    assert shared.startswith("scholiast: 2 workers without REDIS_URL: ")
    assert no_book.startswith("scholiast: There is no book in ")
    assert process.returncode == 1
    assert not (alone / ".scholiast" / "server.json").exists()


@pytest.mark.parametrize("workers", ["0", "65", "two"])
def test_a_wrong_number_of_workers_is_named(
    alone: Path, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    monkeypatch.setenv("SCHOLIAST_WORKERS", workers)
    assert "SCHOLIAST_WORKERS" in refused(2, "serve")
