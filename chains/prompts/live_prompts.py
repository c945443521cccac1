"""Prompts as their files stand: an edit is used by the next question, a broken one is not.

Whether a file was edited is asked of the file system each time that a prompt is taken, by a call
of a microsecond. The last good prompt stays in use while the file cannot be.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from typing_extensions import override

from chains.prompts.checks import load_checked
from chains.prompts.findings import BadPrompt
from chains.prompts.prompt import Prompt
from chains.prompts.purposes import Purpose

log = logging.getLogger("scholiast.prompts")

UNSETTLED_NS = 2_000_000_000
"""For so long after a save, another one may leave the same time behind, as clocks of file systems
are coarse: until then the bytes are compared, too."""

_Stamp = tuple[int, int, int] | None
"""When a file was changed, its size and its number; None where it cannot be found."""


class LivePrompt:
    """The prompt of a file and its parts. Raises BadPrompt where it is bad from the start.

    `problem` says why the file is not used as it stands, if so. Not for several threads.
    """

    def __init__(self, file: Path, purpose: Purpose) -> None:
        self.problem: BadPrompt | None = None
        self._file = file
        self._purpose = purpose
        self._read: dict[Path, bytes | None] = {}
        self._stamps: dict[str, _Stamp] = {}
        self._settles = 0
        self._prompt = self._load()

    def current(self) -> Prompt:
        """The prompt as it stands, or the last good one."""
        for path, stamp in self._stamps.items():
            if _stamp(path) != stamp:
                self._reload()
                break
        else:
            if self._settles and self._differs():
                self._reload()
        return self._prompt

    def _load(self) -> Prompt:
        self._read, self._stamps = {}, {}
        try:
            prompt, findings = load_checked(self._file, self._purpose, self._read_file)
        finally:
            self._settles = max(stamp[0] if stamp else 0 for stamp in self._stamps.values())
        for finding in findings:
            log.warning("%s", finding)
        return prompt

    def _reload(self) -> None:
        before = self._prompt
        try:
            self._prompt = self._load()
        except BadPrompt as bad:
            self.problem = bad
            kept = f"{before.name} {before.version} stays in use"
            log.warning("a prompt was edited and cannot be used: %s (%s)", bad, kept)
            return
        if self.problem is not None or self._prompt.version != before.version:
            log.info("prompt %s: version %s is in use", before.name, self._prompt.version)
        self.problem = None

    def _read_file(self, path: Path) -> bytes:
        self._stamps[str(path)] = _stamp(
            str(path)
        )  # before it is read: a change meanwhile is another one
        self._read[path] = None
        self._read[path] = content = path.read_bytes()
        return content

    def _differs(self) -> bool:
        """Whether a file that was saved just before it was read holds something else now."""
        if time.time_ns() - self._settles > UNSETTLED_NS:
            self._settles = 0  # from the next question on, its time is enough
        return any(_content(path) != content for path, content in self._read.items())


class LivePrompts(Mapping[str, Prompt]):
    """The prompt for answers and its variants by name, each as it stands when it is taken; and
    that of condensing."""

    def __init__(self, answers: Mapping[str, LivePrompt], condensing: LivePrompt) -> None:
        self.condensing = condensing
        self._answers = answers

    @override
    def __getitem__(self, name: str) -> Prompt:
        return self._answers[name].current()

    @override
    def __contains__(self, name: object) -> bool:
        return name in self._answers

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._answers)

    @override
    def __len__(self) -> int:
        return len(self._answers)

    def warnings(self) -> list[str]:
        """A line for each prompt whose file cannot be used as it stands, without its path."""
        lines = []
        for live in (*self._answers.values(), self.condensing):
            prompt = live.current()
            if live.problem is not None:
                line = live.problem.finding.line
                broken = f"The prompt {prompt.name} was edited and cannot be used (line {line})"
                kept = f"version {prompt.version} stays in use. `scholiast doctor` says why."
                lines.append(f"{broken}; {kept}")
        return lines


def _stamp(path: str) -> _Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116  # half the time of Path.stat, for each question
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
