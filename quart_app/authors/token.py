"""The token by which authors call the server: a file of the data folder, for its owner alone."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from chains.regular_files import read_regular

FILE = "ingest.token"
TOKEN_BYTES = 32


def load_token(data: Path) -> str:
    """That of the data folder, which is made if it is not there.

    Where none can be made or read, it is one that nobody has.
    """
    with suppress(OSError):
        data.mkdir(parents=True, exist_ok=True)
        _make(data / FILE)
    return read_token(data) or secrets.token_urlsafe(TOKEN_BYTES)


def read_token(data: Path) -> str | None:
    """The token in the data folder; None where there is none."""
    try:
        token = read_regular(data / FILE).decode("ascii").strip()
    except (OSError, ValueError):
        return None
    return token if len(token) >= TOKEN_BYTES else None


def _make(file: Path) -> None:
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(TOKEN_BYTES))
