"""The processes of ingestions beside a server, as the system shows them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from tests.support.commands import PATIENCE


def processes_of(parent: int) -> set[int]:
    """The processes of ingestions that a process has started and that are not at their end."""
    found = set()
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            command = (folder / "cmdline").read_bytes().split(b"\0")
            state, above = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if b"ingestion.beside" in command and int(above) == parent and state != "Z":
                found.add(int(folder.name))
    return found


def wait_for_processes(number: int, parent: int) -> set[int]:
    """The same, once there are so many."""
    end = monotonic() + PATIENCE
    while len(found := processes_of(parent)) != number:
        assert monotonic() < end, found
        sleep(0.05)
    return found
