"""Staging: a copy of an index for another process to write, and its result taken back.

The engine lets one process open a folder, and that is the server, which keeps answering. So an
ingestion beside it works on a data folder of its own, below the index's, whose index begins as a
copy of the current version. What it makes of that becomes a version of the index by one rename.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from chains.index.edge.copying import copy_folder
from chains.index.edge.versions import LOCK, RECORD, collections_in, current_version

INDEX = "index"
"""Of a data folder."""


def stage(home: Path, current: Path) -> Path:
    """A new data folder below `home`; it is named like a version, so that a later start removes
    what a killed process left of it. Its index is a copy of the version `current`."""
    staged = home / secrets.token_hex(8)
    try:
        (staged / INDEX).mkdir(parents=True)
        for collection in collections_in(current):
            copy_folder(collection, staged / INDEX / collection.name)
    except BaseException:
        discard(staged)  # half a copy would keep a full disk full
        raise
    return staged


def take(home: Path, staged: Path) -> Path:
    """Move what was made in a staged data folder to where the versions of `home` are."""
    made = current_version(staged / INDEX)
    version = home / (secrets.token_hex(8) if made == staged / INDEX else made.name)
    made.rename(version)
    for name in (LOCK, RECORD):  # of an index that was its own version
        (version / name).unlink(missing_ok=True)
    return version


def discard(staged: Path) -> None:
    """Remove what is left of a staged data folder."""
    shutil.rmtree(staged, ignore_errors=True)
