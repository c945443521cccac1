"""The last run: when a data folder's book was last ingested, and what that run did."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from chains.regular_files import read_regular

log = logging.getLogger("scholiast.ingestion")

FILE = "ingestion.json"
"""In the data folder."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """`at` is when it ended, in UTC; `embedded` and `removed` are chunks, `skipped` files."""

    at: datetime
    seconds: float
    embedded: int
    removed: int
    skipped: int
    version: str

    @classmethod
    def now(
        cls, *, seconds: float, embedded: int, removed: int, skipped: int, version: str
    ) -> LastRun:
        """A run that ends now."""
        at = datetime.now(UTC).replace(microsecond=0)
        return cls(at, seconds, embedded, removed, skipped, version)


def keep_last_run(data: Path, run: LastRun) -> None:
    """Write it into the data folder, in one step; a line in the log where that cannot be done: the
    index is written by then."""
    fresh = data / f"{FILE}.new"
    try:
        data.mkdir(parents=True, exist_ok=True)  # there is none yet where Qdrant holds the index
        fresh.unlink(missing_ok=True)
        fresh.write_bytes(msgspec.json.encode(run))
        fresh.replace(data / FILE)
    except OSError as error:
        log.warning(
            "%s cannot be written (%s); the index is. `scholiast status` does not show this run.",
            data / FILE,
            error.strerror,
        )


def read_last_run(data: Path) -> LastRun | None:
    """What the data folder says of it; None where it says nothing."""
    try:
        return msgspec.json.decode(read_regular(data / FILE), type=LastRun)
    except (OSError, msgspec.MsgspecError):
        return None
