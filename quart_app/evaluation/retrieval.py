"""Scores of the search: does it find the files and sections that a row names?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from quart_app.evaluation.outcomes import Outcome, Place
from quart_app.evaluation.rows import Row

Pairs = Sequence[tuple[Row, Outcome]]
CUTS = 1, 4, 8
HANDED = 6
"""How many chunks the model gets at most."""


def retrieval_scores(pairs: Pairs) -> dict[str, float]:
    """Shares of the rows, 0 to 1; what no row has a word on is left out.

    - ``file_recall_at_k``: a relevant file is among the first k files. Each file counts once, at
      its best chunk.
    - ``in6``: one of the first six chunks is of a relevant file.
    - ``mrr``: the mean of 1/rank of the first relevant file; 0 where it was not found.
    - ``section_hit_at_k``: one of the first k chunks is of a relevant section, or below it.
    - ``followup_recall_at_4``, ``selection_hit``: `file_recall_at_4` of rows with a history, and
      whether the best chunk is of a relevant file for rows with a selection.
    - ``page_hit``: of the rows that are asked from a page, those whose sources are all of a
      relevant file.
    """
    scores: dict[str, float] = {}
    of_files = [(row, outcome) for row, outcome in pairs if row.relevant_files]
    ranks = [file_rank(row, outcome) for row, outcome in of_files]
    for k in CUTS:
        scores |= share(f"file_recall_at_{k}", (rank <= k for rank in ranks))
    scores |= share("in6", (_is_handed(row, outcome) for row, outcome in of_files))
    scores |= share("mrr", (1 / rank for rank in ranks))
    of_sections = [(row, outcome) for row, outcome in pairs if row.relevant_sections]
    for k in CUTS:
        hits = (_hits_section(row, outcome.found[:k]) for row, outcome in of_sections)
        scores |= share(f"section_hit_at_{k}", hits)
    followed = [rank for (row, _), rank in zip(of_files, ranks, strict=True) if row.history]
    scores |= share("followup_recall_at_4", (rank <= 4 for rank in followed))
    selected = [rank for (row, _), rank in zip(of_files, ranks, strict=True) if row.selection]
    scores |= share("selection_hit", (rank == 1 for rank in selected))
    on_pages = [(row, outcome) for row, outcome in of_files if row.page]
    return scores | share("page_hit", (_is_of_page(row, outcome) for row, outcome in on_pages))


def file_rank(row: Row, outcome: Outcome) -> float:
    """The rank of the first relevant file among the files that were found, from 1; or infinity."""
    files = dict.fromkeys(place.file for place in outcome.found)
    ranks = (rank for rank, file in enumerate(files, 1) if file in row.relevant_files)
    return next(ranks, float("inf"))


def share(name: str, values: Iterable[float]) -> dict[str, float]:
    """The mean of the values under a name; nothing where there are none."""
    given = list(values)
    return {name: round(float(np.mean(given)), 4)} if given else {}


def _is_handed(row: Row, outcome: Outcome) -> bool:
    return any(place.file in row.relevant_files for place in outcome.found[:HANDED])


def _is_of_page(row: Row, outcome: Outcome) -> bool:
    files = {source.place.file for source in outcome.sources}
    return bool(files) and files <= set(row.relevant_files)


def _hits_section(row: Row, found: Iterable[Place]) -> bool:
    names = [f"{place.file}#{place.section}" for place in found]
    return any(
        name == relevant or name.startswith(f"{relevant} > ")
        for name in names
        for relevant in row.relevant_sections
    )
