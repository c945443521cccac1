"""The bar of a comparison: how many answers there are, and what is written meanwhile."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from typing_extensions import override

from quart_app.commands.console import show_line
from quart_app.evaluation.comparing.comparison_watch import Watching
from quart_app.evaluation.rows import Row
from quart_app.trace.visible import visible

LONGEST = 40
"""Characters of a question that are shown."""


class ComparisonBar(Watching):
    """A bar on standard error: “3/16, “What is a gait?”, 42 words”. A slow model may take minutes
    for an answer, so its words are counted as they come. Where no terminal reads it, each answer
    is one line."""

    def __init__(self, answers: int) -> None:
        self.console = Console(stderr=True)
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("Answers"),
            BarColumn(20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=self.console,
            transient=True,
        )
        self._task = self.bar.add_task("", total=answers)
        self._all, self._ended = answers, 0
        self._begun: dict[str, float] = {}

    def __enter__(self) -> ComparisonBar:
        if self.console.is_terminal:
            self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.console.is_terminal:  # elsewhere it would print the whole bar
            self.bar.stop()

    @override
    def begin(self, row: Row) -> None:
        self._begun[row.id] = time.monotonic()
        self._describe(row, "it reads")

    @override
    def write(self, row: Row, words: int) -> None:
        self._describe(row, "1 word" if words == 1 else f"{words} words")

    @override
    def end(self, row: Row) -> None:
        self._ended += 1
        self.bar.advance(self._task)
        begun = self._begun.pop(row.id, None)
        if begun is not None and not self.console.is_terminal:
            seconds = time.monotonic() - begun
            said = f"{self._ended} of {self._all} answers, the last in {seconds:.1f} s"
            show_line(f"{said}: {_short(row)}", err=True)

    def _describe(self, row: Row, state: str) -> None:
        self.bar.update(self._task, description=f"“{_short(row)}”, {state}")


def _short(row: Row) -> str:
    text = " ".join(visible(row.query).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
