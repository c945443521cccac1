"""Answers that were given already, kept in the data folder, so that a comparison goes on."""

from __future__ import annotations

import time
from hashlib import blake2b
from pathlib import Path

import msgspec

from chains.prompts.prompt import Prompt
from quart_app.evaluation.comparing.answered import Answered
from quart_app.evaluation.line_file import add_line, whole_lines
from quart_app.evaluation.rows import Row

FOLDER = "comparisons"
LIFETIME = 30 * 24 * 3600
"""Seconds since its last use that a file is kept."""


class _Line(msgspec.Struct, frozen=True, array_like=True):
    key: str
    answered: Answered


class KeptAnswers:
    """A file of answers, one a line, for one version of a prompt, one model and one index.

    What failed is not kept: the next run asks it again.
    """

    def __init__(self, data: Path, prompt: Prompt, model: str, index_version: str) -> None:
        folder = data / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        about = msgspec.json.encode([prompt.version, prompt.model, model, index_version])
        self._file = folder / f"{blake2b(about, digest_size=8).hexdigest()}.jsonl"
        self._kept = {line.key: line.answered for line in self._read()}

    def get(self, row: Row) -> Answered | None:
        """The answer to the question of this row, if there is one."""
        return self._kept.get(_key(row))

    def keep(self, row: Row, answered: Answered) -> None:
        """Keep an answer, unless it failed. Raises OSError."""
        if answered.outcome.error is None:
            self._kept[_key(row)] = answered
            add_line(self._file, msgspec.json.encode(_Line(_key(row), answered)))

    def _read(self) -> list[_Line]:
        lines = whole_lines(self._file)
        try:
            found = [msgspec.json.decode(line, type=_Line) for line in lines]
        except msgspec.DecodeError:  # of another version of this program
            self._file.unlink()
            return []
        if found:
            self._file.touch()
        return found


def _key(row: Row) -> str:
    return blake2b(row.model_dump_json().encode(), digest_size=12).hexdigest()


def _sweep(folder: Path) -> None:
    for file in folder.glob("*.jsonl"):
        if time.time() - file.stat().st_mtime > LIFETIME:
            file.unlink(missing_ok=True)
