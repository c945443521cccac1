"""Times of the real server in a process of its own, over real sockets.

    python -m benchmarks.product [BOOK]

BOOK is a folder of Markdown, the example book by default. Each section's heading makes a
question. Machines are noisy: compare medians and ratios, and run nothing beside it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.idle import bare_server, kib_a_connection
from benchmarks.readers import pings_a_second, read_alone, read_together
from benchmarks.searching import search_times
from benchmarks.server import Server, ingested, seconds_of_help
from benchmarks.widget import measure

READERS = 50
PINGING, PINGS = 10, 300


def main() -> None:
    """Measure, and print one table."""
    book = Path(sys.argv[1] if len(sys.argv) > 1 else "examples/book")
    table = Table("what", "median", "p95", "asked", title=f"Scholiast on {book}")
    with tempfile.TemporaryDirectory() as folder, Server(book, Path(folder)) as server:
        alone = asyncio.run(read_alone(server.url, server.questions))
        together = asyncio.run(read_together(server.url, server.questions[:READERS]))
        pings = asyncio.run(pings_a_second(server.url, PINGING, PINGS))
        table.add_row("ingestion, s", f"{server.ingest_seconds:.1f}", "", "")
        table.add_row("second ingestion, s", f"{server.again_seconds:.1f}", "", "")
        table.add_row("serve until ready, s", f"{server.ready_seconds:.1f}", "", "≤ 5")
        _add(table, "one reader, first chunk, ms", [t.first for t in alone], "p95 ≤ 200")
        _add(table, "one reader, last frame, ms", [t.last for t in alone], "p50 ≤ 150")
        _add(
            table, f"{READERS} readers, first chunk, ms", [t.first for t in together], "p95 < 2000"
        )
        last = max(timing.last for timing in together)
        table.add_row("questions a minute", f"{60 * len(together) / last:.0f}", "", "≥ 500")
        table.add_row("messages a second", f"{pings:.0f}", "", "≥ 100")
        table.add_row("memory of the server, MiB", f"{server.rss_mib():.0f}", "", "≤ 450")
        idle = asyncio.run(kib_a_connection(server.url, server.pid))
    with bare_server() as (url, pid):
        bare = asyncio.run(kib_a_connection(url, pid))
    table.add_row("idle connection, KiB", f"{idle:.1f}", "", f"≤ {bare:.1f} (bare Quart) + 4")
    with tempfile.TemporaryDirectory() as folder:
        searched = search_times(Path("examples/book"), Path(folder), server.questions)
    _add(table, "search of 2,000 chunks, ms", searched, "p50 ≤ 10, p95 ≤ 25")
    with tempfile.TemporaryDirectory() as folder:
        guest = asyncio.run(measure(ingested(book, Path(folder))))
    table.add_row("page with the widget, main thread, ms", f"{guest.load:.0f}", "", "≤ 20")
    table.add_row("layout shift", f"{guest.shift:.3f}", "", "0")
    table.add_row("tasks over 50 ms in a slow minute", f"{len(guest.long_tasks)}", "", "0")
    table.add_row("scholiast --help, s", f"{seconds_of_help():.2f}", "", "≤ 0.5")
    Console().print(table)


def _add(table: Table, what: str, seconds: list[float], asked: str) -> None:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    table.add_row(what, f"{1000 * ordered[len(ordered) // 2]:.0f}", f"{1000 * p95:.0f}", asked)


if __name__ == "__main__":
    main()
