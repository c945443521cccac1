"""Little books in eight languages: found by its text, searched, quoted, in any spelling.

Each has nine sections on three subjects. Its questions are put a second time with their letters
taken apart (NFD), as some keyboards and PDF files have them.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from chains.settings import Settings
from ingestion.indexer import ingest
from quart_app.commands.cli import main

TESTS = Path(__file__).parents[1]
LANGUAGES = sorted(path.name for path in (TESTS / "books").iterdir())
AT_LEAST = {
    "section_hit_at_1": 1,
    "correct": 1,
    "quotes_found": 1,
    "citation_precision": 1,
    "citation_recall": 1,
}
AT_MOST = {
    "gate_own_refused": 0,
    "gate_foreign_let_in": 0,
    "unsupported_shown": 0,
    "failed": 0,
    "words_median": 45,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_book_in_another_language_is_found_searched_quoted_and_guarded(
    language: str, tmp_path: Path
) -> None:
    ingest(TESTS / "books" / language, Settings.model_construct(data=tmp_path))
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(map(json.dumps, questions_in(language))))
    bounds = [("--min", f"{name}={least}") for name, least in AT_LEAST.items()]
    bounds += [("--max", f"{name}={most}") for name, most in AT_MOST.items()]
    options = [option for bound in bounds for option in bound]
    arguments = ["eval", str(questions), "--json", "--data", str(tmp_path), *options]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output


def questions_in(language: str) -> list[dict[str, object]]:
    """Each question as it is written and with its letters taken apart."""
    text = (TESTS / "evals" / "languages" / f"{language}.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    apart = [
        row | {"id": row["id"] + "-nfd", "query": unicodedata.normalize("NFD", row["query"])}
        for row in rows
    ]
    return [*rows, *apart]
