"""An evaluation: every question asked in turn, and what came of each kept until all are done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chains.events import Basis
from quart_app.evaluation.journal import Journal
from quart_app.evaluation.outcomes import Outcome, observe
from quart_app.evaluation.rows import Row
from quart_app.settings import WebSettings
from quart_app.tutors import open_tutor


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcomes of rows, in their order, and what the answers were made with."""

    rows: tuple[Row, ...]
    outcomes: tuple[Outcome, ...]
    book: str
    basis: Basis


async def evaluate(
    settings: WebSettings,
    rows: Sequence[Row],
    progress: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Ask every row, and call `progress` after each; rows of a run that was stopped are done.

    Raises what `open_services` does. A question that fails is an outcome, too.
    """
    async with open_tutor(settings) as tutor:
        basis = tutor.basis()
        journal = Journal(settings.data, rows, basis)
        outcomes: list[Outcome] = []
        for row in rows:
            outcome = journal.kept.get(row.id)
            if outcome is None:
                outcome = await observe(tutor, row)
                journal.write(outcome)
            outcomes.append(outcome)
            progress()
        journal.close()
        title = tutor.retriever.library.latest.title
    return Evaluation(tuple(rows), tuple(outcomes), title, basis)
