"""`scholiast eval`: from a set of questions to scores, bounds, a report, and on after a stop."""

from __future__ import annotations

import json
import re
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result

from quart_app.commands.cli import main
from quart_app.evaluation import evaluation
from quart_app.evaluation.outcomes import observe
from quart_app.settings import WebSettings

ROWS = [
    {"id": "zmp", "query": "What is the zero moment point?", "must": ["point"]},
    {"id": "charge", "query": "How is a battery charged?"},
    {"id": "paris", "query": "What is the capital of France?", "refuse": True},
]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "set.jsonl"
    file.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return file


def evaluate(settings: WebSettings, *arguments: str | Path) -> Result:
    data = ["--data", str(settings.data)]
    return CliRunner().invoke(main, ["eval", *map(str, arguments), *data])


def test_eval_prints_every_score(example: WebSettings, questions: Path) -> None:
    result = evaluate(example, questions)
    assert result.exit_code == 0, result.output
    for name in ("gate_own_refused", "gate_auc", "correct", "quotes_found", "words_median"):
        assert name in result.output


def test_eval_prints_one_flat_object(example: WebSettings, questions: Path) -> None:
    scores = json.loads(evaluate(example, questions, "--json").stdout)
    assert scores["rows"] == 3
    assert scores["gate_own_refused"] == scores["gate_foreign_let_in"] == 0
    assert scores["correct"] == 1
    assert scores["quotes_found"] == 1


def test_eval_exits_with_1_where_a_score_is_out_of_its_bound(
    example: WebSettings, questions: Path
) -> None:
    bounds = "--min", "correct=1", "--max", "words_median=1"
    result = evaluate(example, questions, *bounds)
    assert result.exit_code == 1
    assert re.search(r"words_median is \d+(\.5)?, above 1", result.stderr)
    assert "correct is" not in result.stderr
    assert evaluate(example, questions, *bounds[:2]).exit_code == 0


@pytest.mark.parametrize(
    ("bound", "reason"),
    [("corect=1", "gives no score “corect”"), ("correct", "write, say, file_recall_at_4=.85")],
)
def test_eval_names_a_bound_that_it_cannot_read(
    example: WebSettings, questions: Path, bound: str, reason: str
) -> None:
    result = evaluate(example, questions, "--min", bound)
    assert result.exit_code == 2
    assert reason in " ".join(result.stderr.split())


def test_eval_takes_other_sets_as_questions_to_refuse(
    example: WebSettings, questions: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text('{"id": "zmp", "query": "How do I cook rice?"}', encoding="utf-8")
    result = evaluate(example, questions, "--foreign", other, "--near", other, "--json")
    scores = json.loads(result.stdout)
    assert scores["rows"] == 5
    assert scores["gate_near_let_in"] == 0


def test_the_report_is_one_page_in_which_what_a_set_says_is_text(
    example: WebSettings, questions: Path, tmp_path: Path
) -> None:
    row = {"id": "<b>", "query": "What is <script>alert(1)</script> the zero moment point?"}
    with questions.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(row))
    report = tmp_path / "report.html"
    assert evaluate(example, questions, "--report", report).exit_code == 0
    page = report.read_text(encoding="utf-8")
    assert page.count("<svg") == 4
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=", page)


def test_a_run_that_was_stopped_goes_on_where_it_was(example: WebSettings, questions: Path) -> None:
    asked: list[str] = []

    async def stop_at_third(tutor: object, row: object) -> object:
        asked.append(row.id)  # type: ignore[attr-defined]
        if len(asked) == 3:
            raise KeyboardInterrupt
        return await observe(tutor, row)  # type: ignore[arg-type]

    with patch.object(evaluation, "observe", stop_at_third):
        stopped = evaluate(example, questions)
        assert stopped.exit_code == 130
        assert "goes on from here" in stopped.stderr
        assert evaluate(example, questions).exit_code == 0
    assert asked == ["zmp", "charge", "paris", "paris"]
    assert not list((example.data / "evaluations").iterdir())
