"""Where a running server is found by other commands: a file in its data folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "server.json"


@contextmanager
def beacon(data: Path, url: str) -> Iterator[None]:
    """Leave the server's address in the folder for as long as it serves; readable by its owner."""
    data.mkdir(parents=True, exist_ok=True)
    file = data / FILE
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump({"url": url, "pid": os.getpid()}, out)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def find_server(data: Path) -> str | None:
    """The address that a server left in the folder. It may be gone since: ask /healthz."""
    try:
        return str(json.loads((data / FILE).read_text("utf-8"))["url"])
    except (OSError, ValueError, KeyError):
        return None
