"""The machine that is measured on, and what else it does meanwhile; Linux only."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "quart", "hypercorn", "langchain-core", "langchain-openai", "openai", "aiohttp", "httpx2",
    "qdrant-edge-py", "onnxruntime", "fastapi", "uvicorn", "websockets",
)  # fmt: skip
BUSY = 0.1
"""The share of the processors from which on others disturb what is measured."""


def about() -> dict[str, str]:
    """Machine, versions and date, for the head of the page."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024**2
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} cores of {cpu}, {memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    }


class Others:
    """How much of the processors others use while something is measured.

    `own` gives the seconds of the processor that the measured processes have used so far.
    """

    def __init__(self, own: Callable[[], float]) -> None:
        self._own = own
        self._began, self._busy, self._used = time.perf_counter(), _busy(), own()

    def share(self) -> float:
        """From 0 to 1, since it was made."""
        seconds = time.perf_counter() - self._began
        others = _busy() - self._busy - (self._own() - self._used)
        return max(0.0, others / (seconds * (os.cpu_count() or 1)))


def _busy() -> float:
    """Seconds of all processors that were not idle, those taken by other machines among them."""
    line = Path("/proc/stat").read_text().splitlines()[0]
    user, nice, system, _idle, _wait, *rest = map(int, line.split()[1:])
    return (user + nice + system + sum(rest[:3])) / os.sysconf("SC_CLK_TCK")
