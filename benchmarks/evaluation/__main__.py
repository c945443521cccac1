"""Search, gate and answers on the sets of questions at hand, against the numbers asked of them.

    python -m benchmarks.evaluation [--books FOLDER] [--sets FOLDER] [--paraphrases FILE.jsonl]

The example book and its set are always at hand. With FOLDERs, so are books and sets of those
names that lie there; the questions of one are foreign to another. What was not found is named
below the table. Indexes are kept in .scholiast- folders, so a second run embeds only what is new.
Exits with 1 where a number is worse than it was: less than is asked and, where that is out of
reach, less than was reached before.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import click
from rich.console import Console
from rich.table import Table

from benchmarks.evaluation.asked import (
    CASES,
    PARAPHRASED,
    PARAPHRASED_REACHED,
    SENTENCES,
    Case,
    Verdict,
    verdict,
)
from benchmarks.evaluation.sentences import score_sentences
from benchmarks.server import ingested
from chains.index.book import Chunk
from quart_app.evaluation.evaluation import evaluate
from quart_app.evaluation.rows import Row, read_rows
from quart_app.evaluation.scores import scores_of
from quart_app.settings import WebSettings

ROOT = Path(__file__).parents[2]
PAGES, SENTENCES_OF_A_BOOK = 10, 60
PAGE_QUESTIONS = "What is this page about?", "Summarize this page", "Key points of this chapter?"
WHERE = (
    "Books, sets and paraphrases are found by --books, --sets and --paraphrases, or by "
    "SCHOLIAST_EVAL_BOOKS, SCHOLIAST_EVAL_SETS and SCHOLIAST_EVAL_PARAPHRASES."
)
STYLES = {"holds": None, "short": "yellow", "worse": "red"}
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass
class AtHand:
    """What there is to evaluate on; `missing` are the files that were looked for in vain."""

    books: Path | None
    sets: Path | None
    paraphrases: Path | None
    missing: list[str] = field(default_factory=list)

    def book(self, case: Case) -> Path | None:
        """The folder of a book, if it is there."""
        if case.is_ours:
            return ROOT / "examples" / "book"
        return self._found(self.books, "--books", case.book)

    def rows(self, case: Case) -> list[Row]:
        """The questions of a case, and those that should be refused; none without a set."""
        rows = self._rows(case, case.questions)
        rows = [row for row in rows if row.expected or not case.answered_only]
        for name, refuse in ((case.foreign, True), (case.near, "near")):
            rows += [
                row.model_copy(update={"refuse": refuse, "id": f"{name}/{row.id}"})
                for row in (self._rows(case, name) if name and rows else ())
            ]
        return rows

    def said(self, book: str) -> list[dict[str, str]]:
        """Sentences of a book in other words."""
        if self.paraphrases is None:
            self.missing.append(f"{book} in other words (--paraphrases)")
            return []
        lines = self.paraphrases.read_text(encoding="utf-8").splitlines()
        return [row for row in map(json.loads, lines) if row["book"] == book]

    def _rows(self, case: Case, name: str) -> list[Row]:
        folder = ROOT / "tests" / "evals" if case.is_ours else self.sets
        found = self._found(folder, "--sets", f"{name}.jsonl")
        return read_rows(found) if found else []

    def _found(self, folder: Path | None, option: str, name: str) -> Path | None:
        if folder is not None and (folder / name).exists():
            return folder / name
        self.missing.append(f"{name} ({option})")
        return None


@click.command()
@click.option("--books", type=_FOLDER, envvar="SCHOLIAST_EVAL_BOOKS")
@click.option("--sets", type=_FOLDER, envvar="SCHOLIAST_EVAL_SETS")
@click.option("--paraphrases", type=_FILE, envvar="SCHOLIAST_EVAL_PARAPHRASES")
@click.option("--only", multiple=True, metavar="BOOK", help="Only this one; may be repeated.")
def main(
    books: Path | None, sets: Path | None, paraphrases: Path | None, only: tuple[str, ...]
) -> None:
    """Evaluate, and print one table; what is not at hand is named below it."""
    table = Table("book", "score", title="Search, gate, and answers with quotes")
    for title in ("measured", "asked", "reached", ""):
        table.add_column(title, justify="right")
    at_hand = AtHand(books, sets, paraphrases)
    found: Counter[Verdict] = Counter()
    for case in CASES:
        if not only or case.name in only:
            found.update(_add(table, case, _scores(case, at_hand)))
    console = Console()
    console.print(table)
    if at_hand.missing:
        names = ", ".join(dict.fromkeys(at_hand.missing))
        console.print(f"Not at hand, so not measured: {names}. {WHERE}", markup=False)
    console.print(
        f"Of {table.row_count} numbers {found['holds']} hold. Short of what is asked, but as good "
        f"as was reached: {found['short']}. Worse than that: {found['worse']}. "
        "docs/evaluation.md says what each is, and why some are short."
    )
    sys.exit(1 if found["worse"] else 0)


def _scores(case: Case, at_hand: AtHand) -> dict[str, float]:
    """All scores of a case; none where book or set is not at hand."""
    book, rows = at_hand.book(case), at_hand.rows(case)
    if book is None or not rows:
        return {}
    click.echo(f"{case.name}: {len(rows)} questions …", err=True)
    data = ROOT / f".scholiast-{case.name.replace(' ', '-')}-evaluated"
    with _headings(case):
        settings = ingested(book, data)
    done = asyncio.run(evaluate(settings, rows))
    scores = scores_of(done.rows, done.outcomes)
    if case.is_read:
        done = asyncio.run(evaluate(settings, _page_rows(settings)))
        scores["page_hit"] = scores_of(done.rows, done.outcomes)["page_hit"]
        scores |= score_sentences(data, SENTENCES_OF_A_BOOK, at_hand.said(case.book))
    return scores


def _add(table: Table, case: Case, scores: dict[str, float]) -> list[Verdict]:
    """Put the numbers asked of a case into the table; returns what each is worth."""
    asked = {**case.asked, **(SENTENCES | PARAPHRASED if case.is_read else {})}
    reached = {**PARAPHRASED_REACHED, **case.reached}
    verdicts: list[Verdict] = []
    for name, bound in asked.items():
        if name in scores:
            least = reached.get(name, "")
            found = verdict(scores[name], bound, least)
            verdicts.append(found)
            cells = case.name, name, f"{scores[name]:g}", bound, least, found
            table.add_row(*cells, style=STYLES[found])
    table.add_section()
    return verdicts


def _page_rows(settings: WebSettings) -> list[Row]:
    """Questions about pages, each asked from its own: from first to last, at equal distances."""
    from chains.embeddings.provider import open_embeddings
    from chains.index.library import Library
    from chains.index.store import open_store

    with open_store(settings, open_embeddings(settings)) as store:
        book = Library(store).latest
    files = sorted(book.files.values(), key=lambda file: file.position)
    chosen = files[:: max(1, len(files) // PAGES)][:PAGES]
    return [
        Row(
            id=f"{file.file}: {query}",
            query=query,
            page=book.url(file),
            relevant_files=(file.file,),
        )
        for file in chosen
        for query in PAGE_QUESTIONS
    ]


def _headings(case: Case) -> AbstractContextManager[object]:
    """What leaves the own heading of each section out of the index, if the case wants that."""
    if not case.ancestors_only:
        return nullcontext()

    heading = property(lambda chunk: " > ".join(chunk.section[:-1]) + "\n\n")
    return patch.object(Chunk, "heading", heading)


if __name__ == "__main__":
    main()
