"""Search, gate and answers on the sets of questions at hand, against the numbers asked of them.

    python -m benchmarks.evaluation [--books FOLDER] [--sets FOLDER]

The example book and its set are always at hand. With FOLDERs, so are books and sets of those
names that lie there; the questions of one are foreign to another. Indexes are kept in .scholiast-
folders, so a second run embeds only what is new. Exits with 1 where a number is missed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import click
from rich.console import Console
from rich.table import Table

from benchmarks.server import ingested
from chains.index.book import Chunk
from quart_app.evaluation.evaluation import evaluate
from quart_app.evaluation.rows import Row, read_rows
from quart_app.evaluation.scores import scores_of

ROOT = Path(__file__).parents[1]
GATE = {"gate_own_refused": "≤ 0.02", "gate_foreign_let_in": "≤ 0.05"}
QUOTES = {
    "correct_where_in_sources": "≥ 0.9",
    "words_median": "≤ 70",
    "quotes_found": "≥ 1",
    "citation_precision": "≥ 1",
}


@dataclass(frozen=True)
class Case:
    """A book with its set, and what is asked: ``≥`` or ``≤`` and a number for each score.

    With `ancestors_only`, a section's own heading is left out of the index. With `answered_only`,
    rows without an answer are left out.
    """

    book: str
    questions: str
    asked: Mapping[str, str]
    foreign: str = ""
    ancestors_only: bool = False
    answered_only: bool = field(default=False, kw_only=True)

    @property
    def name(self) -> str:
        """The book, and how it was indexed."""
        return f"{self.book} without own headings" if self.ancestors_only else self.book


CASES = (
    Case("rust", "rust-quiz", GATE | QUOTES | {
        "file_recall_at_1": "≥ 0.62",
        "file_recall_at_4": "≥ 0.87",
        "file_recall_at_8": "≥ 0.93",
        "in6": "≥ 0.86",
    }, "sociology-review", answered_only=True),
    Case("sociology", "sociology-review", GATE | QUOTES | {"file_recall_at_4": "≥ 0.975"},
         "rust-quiz"),
    Case("humanoid-robotics", "robotics-headings", GATE, "rust-quiz"),
    Case("humanoid-robotics", "robotics-headings", {"section_hit_at_4": "≥ 0.84"}, "", True),
)  # fmt: skip
EXAMPLE = Case("example", "", GATE | QUOTES | {
    "gate_near_let_in": "≤ 0.25",
    "followup_recall_at_4": "≥ 0.85",
    "selection_hit": "≥ 1",
})  # fmt: skip


@click.command()
@click.option("--books", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--sets", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(books: Path | None, sets: Path | None) -> None:
    """Evaluate, and print one table."""
    table = Table("book", "score", title="Search, gate, and answers with quotes")
    for title in ("measured", "asked"):
        table.add_column(title, justify="right")
    missed = _add(table, EXAMPLE, ROOT / "examples" / "book", _rows(ROOT / "tests" / "evals"))
    if books and sets:
        for case in CASES:
            if (books / case.book).is_dir() and (sets / f"{case.questions}.jsonl").is_file():
                missed += _add(table, case, books / case.book, _rows(sets, case))
    Console().print(table)
    sys.exit(1 if missed else 0)


def _rows(sets: Path, case: Case = EXAMPLE) -> list[Row]:
    """The questions of a case, and those of another book, which should be refused."""
    rows = read_rows(sets / f"{case.questions or 'example-book'}.jsonl")
    rows = [row for row in rows if row.expected or not case.answered_only]
    foreign = sets / f"{case.foreign}.jsonl"
    others = read_rows(foreign) if foreign.is_file() else []
    return rows + [
        row.model_copy(update={"refuse": True, "id": f"{case.foreign}/{row.id}"}) for row in others
    ]


def _add(table: Table, case: Case, book: Path, rows: list[Row]) -> int:
    """Evaluate one case; its rows go into the table. Returns how many numbers it misses."""
    data = ROOT / f".scholiast-{case.name.replace(' ', '-')}-evaluated"
    with _headings(case):
        settings = ingested(book, data)
    done = asyncio.run(evaluate(settings, rows))
    scores = scores_of(done.rows, done.outcomes)
    missed = 0
    for name, asked in case.asked.items():
        least, bound = asked[0] == "≥", float(asked[2:])
        holds = scores[name] >= bound if least else scores[name] <= bound
        missed += not holds
        table.add_row(case.name, name, f"{scores[name]:g}", asked, style=None if holds else "red")
    table.add_section()
    return missed


def _headings(case: Case) -> AbstractContextManager[object]:
    """What leaves the own heading of each section out of the index, if the case wants that."""
    if not case.ancestors_only:
        return nullcontext()

    heading = property(lambda chunk: " > ".join(chunk.section[:-1]) + "\n\n")
    return patch.object(Chunk, "heading", heading)


if __name__ == "__main__":
    main()
