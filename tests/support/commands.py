"""The command `scholiast`, in this process and in processes of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from quart_app.commands.cli import main

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
"""Seconds that a process may take to end."""


def run(*arguments: str, color: bool = False) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(main, arguments, color=color)


def refused(code: int, *arguments: str) -> str:
    """The one line that the command ends with, and nothing else."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("scholiast: ")
    return result.stderr


@contextmanager
def started(folder: Path, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, in `folder`, with these settings and no others."""
    with started_on(subprocess.PIPE, folder, *arguments, **variables) as process:
        yield process


@contextmanager
def started_on(
    stdout: int, folder: Path, *arguments: str, module: str = "quart_app", **variables: str
) -> Iterator[subprocess.Popen[str]]:
    """The same with another standard output, as a terminal is, or by another module."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SCHOLIAST_", "QDRANT_", "OPENAI_", "REDIS_"))
    }
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **variables},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@dataclass(frozen=True)
class Served:
    """A server in a process of its own: its address, and the lines it said when it started."""

    folder: Path
    process: subprocess.Popen[str]
    lines: tuple[str, ...]
    url: str

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal and wait; its exit code, and what it said since."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        """Its exit code, and what it said since it started."""
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


@contextmanager
def served(folder: Path, **variables: str) -> Iterator[Served]:
    """`scholiast serve` in `folder`, on a free port unless one is set, ready."""
    with started(folder, "serve", **({"SCHOLIAST_PORT": "0"} | variables)) as process:
        yield until_open(process, folder)


def until_open(process: subprocess.Popen[str], folder: Path) -> Served:
    """The server of a process that was `started`, once it is ready."""
    assert process.stderr
    lines: list[str] = []
    while not (opened := re.match(r"Open (http\S+)", lines[-1] if lines else "")):
        line = process.stderr.readline()
        assert line, "".join(lines)
        lines.append(line.rstrip("\n"))
    return Served(folder, process, tuple(lines), opened[1])
