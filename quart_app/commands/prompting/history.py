"""Versions of prompts: the file as it stands, or as a commit of git has it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from chains.errors import SettingError
from chains.prompts.findings import BadPrompt
from chains.prompts.prompt_file import PARTS, Read, read_prompt_file

MOST_COMMITS = 500
"""Of a prompt, newest first."""
TIMEOUT = 20.0
"""Seconds for a call of git."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of a prompt; `commit` is its commit with the date, empty for the file as it is."""

    version: str
    commit: str
    read: Read


def find_version(file: Path, version: str) -> Kept:
    """The newest version of a prompt whose id begins so. Raises SettingError."""
    for kept in versions(file):
        if kept.version.startswith(version):
            return kept
    raise SettingError(
        f"{file}: no version {version} in the last {MOST_COMMITS} commits of this prompt; see "
        "`scholiast prompts show NAME --all`"
    )


def versions(file: Path) -> Iterator[Kept]:
    """The versions of a prompt, newest first, each once; only the present one without git."""
    seen = set()
    present = _version_of(file, Path.read_bytes)
    if present is not None:
        seen.add(present)
        yield Kept(present, "", Path.read_bytes)
    for line in _git(file.parent, *_LOG, "--", file.name, PARTS).decode().splitlines():
        commit = line.split(" ", 1)[0]
        read = _reader(file.parent, commit)
        version = _version_of(file, read)
        if version is not None and version not in seen:
            seen.add(version)
            yield Kept(version, line, read)


_LOG = ("log", f"--max-count={MOST_COMMITS}", "--date=short", "--format=%h %ad %s")


def _reader(folder: Path, commit: str) -> Read:
    def read(path: Path) -> bytes:
        found = _git(folder, "show", f"{commit}:./{path.relative_to(folder).as_posix()}")
        if not found:
            raise FileNotFoundError(2, f"it is not in commit {commit}", str(path))
        return found

    return read


def _version_of(file: Path, read: Read) -> str | None:
    """The id of a version, also of one that would be refused now; None where there is no file."""
    try:
        return read_prompt_file(file, read).version
    except BadPrompt:
        pass
    try:
        return sha256(read(file).replace(b"\r\n", b"\n")).hexdigest()[:12]
    except OSError:
        return None


def _git(folder: Path, *arguments: str) -> bytes:
    """What git prints; nothing where there is no git, no repository, or no such file."""
    git = shutil.which("git")
    if git is None:
        return b""
    try:
        done = subprocess.run(  # noqa: S603  # the folder's own repository
            [git, *arguments], cwd=folder, capture_output=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""
