"""The example book's own set of questions: search, gate and answers are as good as they were.

The bounds lie a little below what was measured, so that a change of any part that costs more than
a question or two is noticed. Raise them when it gets better.
"""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from quart_app.commands.cli import main
from quart_app.settings import WebSettings

SET = Path(__file__).parents[1] / "evals" / "example-book.jsonl"
AT_LEAST = {
    "rows": 80,
    "file_recall_at_1": 0.92,
    "file_recall_at_4": 1,
    "in6": 1,
    "section_hit_at_1": 0.92,
    "section_hit_at_4": 0.98,
    "followup_recall_at_4": 1,
    "selection_hit": 1,
    "page_hit": 1,
    "gate_auc": 0.99,
    "correct": 0.93,
    "correct_early": 0.9,
    "correct_in_sources": 0.98,
    "citation_precision": 1,
    "citation_recall": 1,
    "quotes_found": 1,
}
AT_MOST = {
    "gate_own_refused": 0.02,
    "gate_foreign_let_in": 0,
    "gate_near_let_in": 0.29,
    "unsupported_shown": 0,
    "captions_shown": 0,
    "words_median": 70,
    "failed": 0,
}


def test_search_gate_and_answers_of_the_example_book_hold_their_bounds(
    example: WebSettings,
) -> None:
    bounds = [("--min", f"{name}={least}") for name, least in AT_LEAST.items()]
    bounds += [("--max", f"{name}={most}") for name, most in AT_MOST.items()]
    options = [option for bound in bounds for option in bound]
    arguments = ["eval", str(SET), "--json", "--data", str(example.data), *options]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output


def test_the_set_names_files_and_sections_of_the_book_and_has_every_kind_of_question() -> None:
    rows = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    book = Path(__file__).parents[2] / "examples" / "book"
    named = {file for row in rows for file in row.get("relevant_files", [])}
    assert {file for file in named if not (book / file).is_file()} == set()
    assert {row["kind"] for row in rows} == {
        "code",
        "comparison",
        "definition",
        "follow-up",
        "foreign",
        "list or steps",
        "near",
        "page",
        "reason",
        "selection",
        "value",
    }
