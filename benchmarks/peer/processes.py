"""The processes that are measured: pinned to a core of their own, and how much of it they take."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.request import urlopen

from benchmarks.server import UNLIMITED

START = 120.0
"""Seconds for a process to answer."""


@cache
def cores() -> tuple[set[int], set[int]]:
    """The core of the servers, and that of readers and model; both the same where there is one.

    They are those that were usable at the first call: who is pinned to one sees no other.
    """
    usable = sorted(os.sched_getaffinity(0))
    return {usable[0]}, {usable[-1]}


@dataclass(frozen=True)
class Process:
    """A process that answers at `url`, `seconds` after its start."""

    url: str
    pid: int
    seconds: float

    def processor(self) -> float:
        """Seconds of the processor that its threads have used; Linux only."""
        used = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            try:
                used += int((task / "schedstat").read_text().split()[0])
            except OSError:  # the thread has just ended
                continue
        return used / 1e9

    def rss_kib(self) -> int:
        """Resident memory; Linux only."""
        rows = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(row for row in rows if row.startswith("VmRSS")).split()[1])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def model() -> Iterator[Process]:
    """The paced model, beside the readers."""
    port = free_port()
    with _running(["benchmarks.peer.paced_model", str(port)], cores()[1], {}) as process:
        yield _ready(process, f"http://127.0.0.1:{port}/")


@contextmanager
def peer(model: Process) -> Iterator[Process]:
    """The peer, on the core of the servers."""
    port = free_port()
    variables = {"OPENAI_BASE_URL": f"{model.url}v1", "OPENAI_API_KEY": "none"}
    with _running(["benchmarks.peer.app", str(port)], cores()[0], variables) as process:
        yield _ready(process, f"http://127.0.0.1:{port}/")


@contextmanager
def bare() -> Iterator[Process]:
    """Quart on Hypercorn and nothing else."""
    port = free_port()
    with _running(["benchmarks.bare", str(port)], cores()[0], {}) as process:
        yield _ready(process, f"http://127.0.0.1:{port}/")


@contextmanager
def ours(
    data: Path, model: Process | None = None, module: str = "quart_app", **variables: str
) -> Iterator[Process]:
    """Our server on an ingested book, on the core of the servers; without a model it quotes."""
    settings = UNLIMITED | {
        "SCHOLIAST_DATA": str(data),
        "SCHOLIAST_MAX_ANSWERS": "1000",
        "SCHOLIAST_MAX_CONNECTIONS": "6000",
        "SCHOLIAST_GATE": "open",
    }
    if model is not None:
        settings |= {"SCHOLIAST_MODEL": "paced", "OPENAI_BASE_URL": f"{model.url}v1"}
    (data / "server.json").unlink(missing_ok=True)
    with _running([module, "serve"], cores()[0], settings | variables) as process:
        yield _ready(process, data / "server.json")


@contextmanager
def timed(data: Path, model: Process, times: Path) -> Iterator[Process]:
    """Our server, which writes the milliseconds of each retrieval to a file, one a line."""
    with ours(data, model, "benchmarks.peer.timed", BENCH_TIMES=str(times)) as process:
        yield process


@contextmanager
def _running(
    module: list[str], affinity: set[int], variables: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    began = time.perf_counter()
    here = os.sched_getaffinity(0)
    os.sched_setaffinity(0, affinity)  # which a process inherits
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", *module], env=os.environ | variables, stderr=subprocess.DEVNULL
        )
    finally:
        os.sched_setaffinity(0, here)
    try:
        yield process, began
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(started: tuple[subprocess.Popen[bytes], float], where: str | Path) -> Process:
    """The process, once it answers. Raises SystemExit where it ends before, or takes too long."""
    process, began = started
    while time.perf_counter() - began < START:
        if process.poll() is not None:
            break
        try:
            url = where if isinstance(where, str) else json.loads(where.read_text())["url"]
            host, port = url.removeprefix("http://").rstrip("/").rsplit(":", 1)
            socket.create_connection((host, int(port)), 5).close()
            if not isinstance(where, str):
                urlopen(f"{url}readyz", timeout=5).close()
        except (OSError, ValueError):
            time.sleep(0.01)
        else:
            return Process(url, process.pid, time.perf_counter() - began)
    raise SystemExit(f"a server does not answer: {process.args!r}")
