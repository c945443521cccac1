"""Servers that say, when they are asked by a signal, what they hold: `counted(…)`.

Each is a process of its own, which runs this file.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.commands import ROOT

LOG, COUNTS = "log", "counts.json"
PATIENCE = 120.0
"""Seconds for a server to start."""


@dataclass(frozen=True)
class Held:
    """What a server holds: bytes of memory, open files, threads, and tasks by their coroutine."""

    memory: int
    files: int
    threads: int
    tasks: Counter[str]


@dataclass(frozen=True)
class CountedServer:
    """One of them, whose log is a file of its `folder`."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.folder / LOG).read_text()

    async def count(self) -> Held:
        """What it holds now, its garbage collected."""
        file = self.folder / COUNTS
        file.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        while not file.exists():  # noqa: ASYNC110 -- another process writes it
            await asyncio.sleep(0.05)
        counts = json.loads(file.read_text())
        return Held(**(counts | {"tasks": Counter(counts["tasks"])}))


@contextmanager
def counted(folder: Path, **variables: str) -> Iterator[CountedServer]:
    """A server in `folder`, with these settings and no others."""
    settings = ("SCHOLIAST_", "QDRANT_", "OPENAI_", "REDIS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    environment = {**kept, "PYTHONPATH": str(ROOT), "SCHOLIAST_PORT": "0", **variables}
    with (
        (folder / LOG).open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=folder, env=environment, stderr=log
        ) as process,
    ):
        try:
            yield CountedServer(_url(process, folder), process, folder)
        finally:
            process.terminate()


def _url(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Its address, once it serves."""
    waiting = threading.Event()
    for _ in range(int(PATIENCE / 0.1)):
        said = (folder / LOG).read_text()
        if opened := re.search(r"^Open (\S+)$", said, re.MULTILINE):
            return opened[1]
        assert process.poll() is None, said
        waiting.wait(0.1)
    raise AssertionError(said)


def _count() -> None:
    gc.collect()
    tasks = [task.get_coro() for task in asyncio.all_tasks()]
    held = {
        "memory": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE"),
        "files": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "threads": sum(1 for _ in Path("/proc/self/task").iterdir()),
        "tasks": Counter(getattr(task, "__qualname__", "") for task in tasks),
    }
    fresh = Path(f"{COUNTS}.fresh")
    fresh.write_text(json.dumps(held))
    fresh.rename(COUNTS)


def _announce(url: str, *_: object) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _count)
    sys.stderr.write(f"Open {url}\n")


if __name__ == "__main__":
    from quart_app.commands.server_log import start_log
    from quart_app.serve import serve
    from quart_app.settings import WebSettings

    start_log()
    asyncio.run(serve(WebSettings.read(), announce=_announce))
