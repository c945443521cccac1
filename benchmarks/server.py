"""A server in a process of its own, on a book of its own, and what it costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.request import urlopen

if TYPE_CHECKING:
    from quart_app.settings import WebSettings

COMMAND = [sys.executable, "-m", "quart_app"]
UNLIMITED = {
    "SCHOLIAST_PORT": "0",
    "SCHOLIAST_LIMIT_QUESTIONS": "off",
    "SCHOLIAST_LIMIT_CONNECTIONS": "off",
    "SCHOLIAST_LIMIT_MESSAGES": "off",
}
HELP_RUNS = 5


def ingested(book: Path, data: Path) -> WebSettings:
    """Settings for a server of this process, on the book."""
    from ingestion.indexer import ingest
    from quart_app.settings import WebSettings

    settings = WebSettings.model_construct(data=data, limit_questions=())
    ingest(book, settings)
    return settings


class Server:
    """Ingests a book twice and serves it while the block runs.

    `questions` are made of the book's headings. Times are in seconds.
    """

    def __init__(self, book: Path, data: Path) -> None:
        self._book = book
        self._data = data
        self._environment = os.environ | UNLIMITED | {"SCHOLIAST_DATA": str(data)}

    def __enter__(self) -> Self:
        self.ingest_seconds = self._ingest()
        self.again_seconds = self._ingest()
        self.questions = self._read_questions()
        begin = time.perf_counter()
        self._process = subprocess.Popen(
            [*COMMAND, "serve"], env=self._environment, stderr=subprocess.DEVNULL
        )
        self.url = self._wait_until_ready()
        self.ready_seconds = time.perf_counter() - begin
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)

    def rss_mib(self) -> float:
        """Resident memory of the server now; Linux only."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def _ingest(self) -> float:
        begin = time.perf_counter()
        command = [*COMMAND, "ingest", str(self._book), "--json"]
        subprocess.run(command, env=self._environment, check=False, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begin

    def _read_questions(self) -> list[str]:
        from chains.embeddings.provider import open_embeddings
        from chains.index.records import read_book
        from chains.index.store import open_store
        from chains.settings import Settings

        settings = Settings.read(data=self._data)
        with open_store(settings, open_embeddings(settings)) as store:
            files = read_book(store).files.values()
        titles = {section.path[-1]: None for file in files for section in file.sections}
        return [f"What does the book say about {title}?"[:1000] for title in titles]

    def _wait_until_ready(self) -> str:
        while True:
            try:
                url = str(json.loads((self._data / "server.json").read_text())["url"])
                urlopen(url + "readyz", timeout=5).close()
            except (OSError, ValueError):
                if self._process.poll() is not None:
                    raise SystemExit("the server did not start") from None
                time.sleep(0.02)
            else:
                return url


def seconds_of_help() -> float:
    """The median of a few runs of `scholiast --help`."""
    return sorted(_help() for _ in range(HELP_RUNS))[HELP_RUNS // 2]


def _help() -> float:
    begin = time.perf_counter()
    subprocess.run([*COMMAND, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin
