"""Node and npm, with what npm installs for the tests and for the widget."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest
from portalocker import Lock

from widget.node import FOLDER, Node, Unready, find_node, install, node_of_wheel

__all__ = ["Node", "find_node", "installed", "node_of_wheel", "run", "widget_node"]

PATIENCE = 110
"""Seconds for npm and Node together, within the time limit of a test."""


def widget_node() -> Node:
    """Node, beside the packages of widget/; skips or fails as `installed` does."""
    node = find_node()
    try:
        install(node, FOLDER, dev=False)
    except Unready as problem:
        give_up(str(problem))
    return node


def installed(node: Node, project: Path, cache: Path, seconds: float = PATIENCE) -> Path:
    """A copy of a folder with package.json and its lock file, the packages beside them.

    It stays in `cache` until a file of the folder changes. Where the packages cannot be had the
    test is skipped, and under CI it fails.
    """
    files = sorted(file for file in project.iterdir() if file.is_file())
    digest = sha256(b"\0".join(file.name.encode() + file.read_bytes() for file in files))
    place = cache / digest.hexdigest()[:16]
    with Lock(cache / f"{place.name}.lock", timeout=seconds):  # two files of tests may want it
        if not place.exists():
            with tempfile.TemporaryDirectory(dir=cache) as folder:
                made = Path(folder) / project.name
                made.mkdir()
                for file in files:
                    shutil.copy(file, made)
                _install(node, made, seconds)
                made.rename(place)
    return place


def built(
    node: Node, project: Path, cache: Path, command: Sequence[str], changed: Path | None = None
) -> Path:
    """What a program of the packages in a folder builds of the book beside them, or of a `changed`
    copy of it.

    In the command, `{book}` and `{site}` stand for the folders. The site stays in `cache` until a
    file of the folder changes. Where the packages cannot be had the test is skipped, and under CI
    it fails.
    """
    digest = sha256("\0".join(command).encode())
    whole = changed or project
    for file in sorted(path for path in whole.rglob("*") if path.is_file()):
        digest.update(file.relative_to(whole).as_posix().encode() + b"\0" + file.read_bytes())
    home = installed(node, project, cache)
    place = home / f"site-{digest.hexdigest()[:16]}"
    if not place.exists():
        # Within the folder of the packages, which are found from there.
        with tempfile.TemporaryDirectory(dir=home) as folder:
            book, site = Path(folder) / "book", Path(folder) / "site"
            shutil.copytree(whole, book)
            filled = [part.format(book=book, site=site) for part in command]
            done = run([*node.node, *filled], home)
            assert done.returncode == 0, done.stdout + done.stderr
            if not place.exists():  # another run of the tests may have been faster
                site.rename(place)
    return place


def run(
    command: Sequence[str], folder: Path, seconds: float = PATIENCE
) -> subprocess.CompletedProcess[str]:
    """A command in a folder, with what it printed."""
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )


def _install(node: Node, folder: Path, seconds: float) -> None:
    try:
        done = run([*node.npm, "ci"], folder, seconds)
        problem = done.stderr if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    if problem:
        give_up(f"npm has to reach its registry once to install {folder.name}: {problem}")


def give_up(need: str) -> NoReturn:
    """Skip the test for want of something; under CI fail it."""
    if os.environ.get("CI"):
        pytest.fail(need)
    pytest.skip(need)
