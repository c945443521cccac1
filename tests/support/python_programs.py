"""Programs that pip installs for the tests, each in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from portalocker import Lock

from tests.support.node import give_up

PATIENCE = 220
"""Seconds for pip, within the time limit of a test."""


def environment(cache: Path, *requirements: str) -> Path:
    """The folder of the programs of these packages, which stays in `cache`.

    Where they cannot be had the test is skipped, and under CI it fails.
    """
    place = cache / sha256("\0".join(requirements).encode()).hexdigest()[:16]
    done = place / "done"
    with Lock(cache / f"{place.name}.lock", timeout=PATIENCE):  # two files of tests may want it
        if not done.exists():
            place.mkdir(parents=True, exist_ok=True)
            _run([sys.executable, "-m", "venv", "--clear", str(place / "venv")], requirements)
            pip = [str(place / "venv/bin/python"), "-m", "pip", "install", "--quiet", *requirements]
            _run(pip, requirements)
            done.touch()
    return place / "venv" / "bin"


def _run(command: Sequence[str], requirements: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        problem = done.stderr if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    if problem:
        give_up(f"pip has to reach its registry once for {', '.join(requirements)}: {problem}")


def built(cache: Path, book: Path, command: Sequence[str]) -> Path:
    """What a program builds of a book, where `{book}` and `{site}` stand for the folders in its
    command. It stays in `cache` until book or command change."""
    digest = sha256("\0".join(command).encode())
    for file in sorted(path for path in book.rglob("*") if path.is_file()):
        digest.update(file.relative_to(book).as_posix().encode() + b"\0" + file.read_bytes())
    place = cache / f"site-{digest.hexdigest()[:16]}"
    if not place.exists():
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            site = Path(folder) / "site"
            filled = [
                part.replace("{book}", str(book)).replace("{site}", str(site)) for part in command
            ]
            done = subprocess.run(
                filled, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=folder
            )
            assert done.returncode == 0, done.stdout + done.stderr
            if not place.exists():  # another run of the tests may have been faster
                site.rename(place)
    return place
