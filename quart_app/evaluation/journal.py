"""What a run has found so far, so that one that was stopped goes on from there."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec

from chains.events import Basis
from quart_app.evaluation.line_file import add_line, whole_lines
from quart_app.evaluation.outcomes import Outcome
from quart_app.evaluation.rows import Row

FOLDER = "evaluations"


class Journal:
    """A file of outcomes, one a line, in the data folder; `kept` are those of a stopped run.

    Only a run over the same rows, with the same index, prompt and model, finds them again.
    """

    def __init__(self, data: Path, rows: Sequence[Row], basis: Basis) -> None:
        about = [basis.prompt, basis.model, basis.index_version]
        questions = "\n".join(row.model_dump_json() for row in rows).encode()
        name = blake2b(msgspec.json.encode(about) + questions, digest_size=8).hexdigest()
        self._file = data / FOLDER / f"{name}.jsonl"
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self.kept = {outcome.id: outcome for outcome in self._read()}

    def write(self, outcome: Outcome) -> None:
        """Keep the outcome of one more row. Raises OSError."""
        add_line(self._file, msgspec.json.encode(outcome))

    def close(self) -> None:
        """All rows are done: the next run begins from the start."""
        self._file.unlink(missing_ok=True)

    def _read(self) -> list[Outcome]:
        return [msgspec.json.decode(line, type=Outcome) for line in whole_lines(self._file)]
