"""What the parts of a run share: the servers, how often and how long they are measured."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmarks.figures.machine import Others
from benchmarks.figures.rows import Goal, Row, row
from benchmarks.peer import processes
from benchmarks.peer.processes import Process

S = TypeVar("S")
T = TypeVar("T")
OURS, PEER = "ours", "peer"


@dataclass
class Bench:
    """A run, on an ingested example book in `data`; `folder` is where books may be kept.

    `repeats` is how often each thing is measured, `seconds` how long a window is. Where it
    `is_quick`, only what takes seconds is measured.
    """

    data: Path
    folder: Path
    repeats: int = 5
    seconds: float = 4.0
    is_quick: bool = False
    asked: int = 0
    processes: list[Process] = field(default_factory=list)
    disturbed: list[float] = field(default_factory=list)

    @contextmanager
    def both(self) -> Iterator[tuple[Process, dict[str, Process]]]:
        """The model, and both servers that ask it."""
        with ExitStack() as stack:
            model = stack.enter_context(processes.model())
            servers = {
                OURS: stack.enter_context(processes.ours(self.data, model)),
                PEER: stack.enter_context(processes.peer(model)),
            }
            self.processes = [model, *servers.values()]
            yield model, servers
        self.processes = []

    def questions(self, count: int) -> int:
        """The number of the first of so many questions that were not asked yet."""
        self.asked += count
        return self.asked - count + 1

    async def interleaved(
        self, servers: dict[str, S], measure: Callable[[S], Awaitable[T]]
    ) -> dict[str, list[T]]:
        """What is measured of each server, in turn, `repeats` times."""
        found: dict[str, list[T]] = {name: [] for name in servers}
        others = Others(self._used)
        for _ in range(self.repeats):
            for name, server in servers.items():
                found[name].append(await measure(server))
        self.disturbed.append(others.share())
        return found

    def row(
        self,
        name: str,
        unit: str,
        ours: Sequence[float],
        peer: Sequence[float] = (),
        goal: Goal | None = None,
    ) -> Row:
        """A row of what was measured last."""
        return row(name, unit, ours, peer, goal, self.disturbed[-1] if self.disturbed else 0.0)

    def _used(self) -> float:
        return time.process_time() + sum(process.processor() for process in self.processes)


def say(text: str) -> None:
    """A line of progress."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)
