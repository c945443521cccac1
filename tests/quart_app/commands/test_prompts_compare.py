"""`scholiast prompts compare`: a planted regression is found, and a prompt against itself ties."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from chains.prompts.prompt_file import FOLDER
from tests.support.commands import refused, run
from tests.support.heeding_model import HeedingModel
from tests.support.scripted_openai import CUT, Status, Step

ANSWER = (FOLDER / "answer.md").read_text(encoding="utf-8")
QUESTIONS = [
    {"id": "zmp", "query": "What is the zero moment point?", "must": ["point"]},
    {"id": "gait", "query": "What is a gait?"},
    {"id": "charge", "query": "How is a battery charged?"},
    {"id": "polygon", "query": "What is the support polygon?"},
    {"id": "paris", "query": "What is the capital of France?", "refuse": True},
]


@pytest.fixture
def place(alone: Path, example_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a book, a set, and prompts: one of the package, one without a rule to cite."""
    prompts = alone / "prompts"
    prompts.mkdir()
    rule = re.compile(r"^.*the number of.*\n", re.MULTILINE)
    (prompts / "answer.md").write_text(ANSWER, encoding="utf-8")
    (prompts / "mute.md").write_text(rule.sub("", ANSWER), encoding="utf-8")
    (alone / "set.jsonl").write_text("\n".join(map(json.dumps, QUESTIONS)), encoding="utf-8")
    monkeypatch.setenv("SCHOLIAST_PROMPTS", "prompts")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    return alone


@pytest.fixture
async def model(place: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HeedingModel]:
    async with HeedingModel() as server:
        monkeypatch.setenv("SCHOLIAST_MODEL", server.model)
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        yield server


async def compare(*arguments: str) -> Result:
    command = ("prompts", "compare", *arguments, "--set", "set.jsonl")
    return await asyncio.to_thread(run, *command)


async def compared(*arguments: str, code: int = 0) -> dict[str, Any]:
    result = await compare(*arguments, "--json")
    assert result.exit_code == code, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.usefixtures("place")
async def test_a_rule_that_was_removed_is_found(model: HeedingModel) -> None:
    found = await compared("answer", "mute", code=1)
    cited = found["verdict"]["measures"]["cited"]
    assert (cited["a"], cited["b"]) == (1.0, 0.0)
    assert cited["high"] < 0
    assert "cited" in found["worse"]
    assert found["verdict"]["losses"] == 4
    assert found["verdict"]["ties"] == 1
    assert len(model.requests) == 8
    better = await compared("mute", "answer")
    assert (better["worse"], better["verdict"]["wins"]) == ([], 4)
    assert len(model.requests) == 8  # all of it was kept


@pytest.mark.usefixtures("place")
async def test_a_prompt_against_itself_is_a_tie(model: HeedingModel) -> None:
    found = await compared("answer", "prompts/answer.md")
    verdict = found["verdict"]
    assert (verdict["wins"], verdict["losses"], verdict["ties"]) == (0, 0, 5)
    assert verdict["score"]["low"] == verdict["score"]["high"] == 0
    assert found["worse"] == []


@pytest.mark.usefixtures("model")
async def test_a_loss_within_what_is_allowed_ends_with_0(place: Path) -> None:
    assert (await compare("answer", "mute", "--allow", "1")).exit_code == 0
    result = await compare("answer", "mute", "--allow", "0.1")
    assert result.exit_code == 1
    assert "B is worse in score, cited" in result.stderr
    assert "B wins 0, loses 4, ties 1; 9 answers of earlier runs" in result.stdout or (
        "B wins 0, loses 4, ties 1; 10 answers of earlier runs" in result.stdout
    )


@pytest.mark.usefixtures("model")
async def test_the_report_is_one_page_with_both_answers(place: Path) -> None:
    with (place / "set.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"id": "x", "query": "What is <script>alert(1)</script> a gait?"}')
    assert (await compare("answer", "mute", "--report", "report.html")).exit_code == 1
    page = (place / "report.html").read_text(encoding="utf-8")
    assert page.count('aria-label="Answer A"') == page.count('aria-label="Answer B"') == 6
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=", page)


@pytest.mark.usefixtures("place")
async def test_what_failed_is_asked_again_and_the_rest_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with HeedingModel(fails_at=3) as server:
        server._scripts = [["Yes."]]
        monkeypatch.setenv("SCHOLIAST_MODEL", server.model)
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        first = await compared("answer", "answer")
        asked = len(server.requests)
        again = await compared("answer", "answer")
    assert again["verdict"]["ties"] == 5
    assert all(question["a"]["error"] is None for question in again["questions"])
    failed = sum(question["a"]["error"] is not None for question in first["questions"])
    assert len(server.requests) - asked == failed


@pytest.mark.usefixtures("place")
async def test_a_report_that_cannot_be_written_is_named_before_a_question_is_asked(
    model: HeedingModel,
) -> None:
    command = ("prompts", "compare", "answer", "mute", "--set", "set.jsonl")
    said = await asyncio.to_thread(refused, 2, *command, "--report", "missing/report.html")
    assert "missing/report.html cannot be written: No such file or directory; name a" in said
    assert model.requests == []


@pytest.mark.usefixtures("place")
async def test_a_prompt_that_answers_no_questions_is_refused(model: HeedingModel) -> None:
    file = str(FOLDER / "condense.md")
    command = ("prompts", "compare", "answer", file, "--set", "set.jsonl")
    said = await asyncio.to_thread(refused, 2, *command)
    assert "condense.md rewrites follow-ups and answers no questions; compare answer" in said
    assert model.requests == []


GOOD: list[Step] = ["Yes."]
BAD: list[list[Step]] = [["Yes.", CUT], [Status(500)]]


async def test_a_failing_endpoint_counts_for_neither_side(place: Path, model: HeedingModel) -> None:
    (place / "prompts" / "same.md").write_text(
        ANSWER.replace("max_words: 64", "max_words: 63"), encoding="utf-8"
    )
    model._scripts = [*[GOOD] * 6, *BAD]
    found = await compared("answer", "same", "--report", "report.html")
    verdict = found["verdict"]
    assert (verdict["failed"], verdict["ties"], verdict["losses"]) == (2, 3, 0)
    assert verdict["score"]["questions"] == 3
    assert verdict["measures"]["answered"] == {
        "a": 1.0, "b": 1.0, "low": 0.0, "high": 0.0, "questions": 2,
    }  # fmt: skip
    assert [question["b"]["score"] for question in found["questions"]].count(None) == 2
    said = "2 of 5 questions left out, because an answer failed (0 of A, 2 of B), the first: The "
    assert said in (place / "report.html").read_text(encoding="utf-8")
    model._scripts = [[Status(500)]]
    shown = await compare("answer", "same")
    assert shown.exit_code == 0
    assert said in shown.stderr
    assert "the same command asks these again" in shown.stderr
    assert "B is worse" not in shown.stderr
    model._scripts = [GOOD]
    verdict = (await compared("answer", "same"))["verdict"]
    assert (verdict["failed"], verdict["ties"]) == (0, 5)


async def test_without_a_question_that_both_answered_there_is_no_verdict(
    place: Path, model: HeedingModel
) -> None:
    model._scripts = [*[GOOD] * 4, *BAD]
    shown = await compare("answer", "mute", "--first", "4", "--report", "report.html")
    assert shown.exit_code == 3, shown.output
    assert "No verdict" in shown.stderr
    assert "median" not in shown.stdout
    assert "No verdict" in (place / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("model")
async def test_a_set_with_a_broken_line_is_named(place: Path) -> None:
    with (place / "set.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"id": "x"}')
    said = await asyncio.to_thread(
        refused, 2, "prompts", "compare", "answer", "mute", "--set", "set.jsonl"
    )
    assert "set.jsonl:6: query: it is missing" in said


@pytest.mark.usefixtures("place")
async def test_a_judge_says_which_answers_are_better_and_how_far_it_agrees(
    model: HeedingModel,
) -> None:
    found = await compared("answer", "mute", "--judge", model.model, code=1)
    assert found["judge"] == {
        "model": model.model, "wins": 0, "losses": 0, "ties": 4, "failed": 0, "agreement": 0.0,
    }  # fmt: skip
    same = await compared("answer", "answer", "--judge", model.model)
    assert (same["judge"]["ties"], same["judge"]["agreement"]) == (4, 1.0)
    model.judgement = "The better one is 1."
    judge = (await compared("answer", "mute", "--judge", model.model, code=1))["judge"]
    assert judge["wins"] + judge["losses"] == 4
    assert 0 < judge["losses"] < 4  # which answer is the first differs from question to question
    assert judge["agreement"] == judge["losses"] / 4
    shown = await compare("answer", "mute", "--judge", model.model)
    assert f"The judge {model.model}: B wins {judge['wins']}, loses " in shown.stdout


@pytest.mark.usefixtures("place")
async def test_a_judge_that_says_no_number_is_counted_and_changes_nothing(
    model: HeedingModel,
) -> None:
    model.judgement = "Both are fine."
    found = await compared("answer", "mute", "--judge", model.model, code=1)
    assert (found["judge"]["failed"], found["judge"]["agreement"]) == (4, 0)
    assert found["verdict"]["losses"] == 4


@pytest.mark.usefixtures("model")
async def test_answers_have_a_price_by_the_front_matter_or_a_table(place: Path) -> None:
    said = ANSWER.replace("max_words: 64", "max_words: 64\nprice: {input: 1, output: 2}")
    (place / "prompts" / "priced.md").write_text(said, encoding="utf-8")
    found = await compared("answer", "priced")
    asked = [question["b"] for question in found["questions"][:4]]
    assert all(one["tokens"] == one["prompt_tokens"] + one["answer_tokens"] for one in asked)
    assert all(one["answer_tokens"] > 0 for one in asked)
    cost = sum(one["prompt_tokens"] + 2 * one["answer_tokens"] for one in asked)
    assert found["a"]["price_of_1000"] is None
    assert found["b"]["price_of_1000"] == pytest.approx(cost / 4 * 1000 / 1e6, abs=1e-4)
    model = found["a"]["model"]
    (place / "prices.toml").write_text(f'["{model}"]\ninput = 10\noutput = 20', encoding="utf-8")
    table = await compared("answer", "priced", "--prices", "prices.toml")
    prices = table["a"]["price_of_1000"], table["b"]["price_of_1000"]
    assert prices == pytest.approx([10 * cost / 4 * 1000 / 1e6] * 2, rel=1e-3)
    result = await compare("answer", "priced", "--report", "report.html")
    assert "price of 1,000 answers" in result.stdout
    page = (place / "report.html").read_text(encoding="utf-8")
    assert "price of 1,000 answers" in page


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("table", ["[m]\ninput = -1\noutput = 2", "input", "[m]\ninput = 1"])
def test_a_table_that_is_none_is_named_with_an_example(place: Path, table: str) -> None:
    (place / "prices.toml").write_text(table, encoding="utf-8")
    command = ("prompts", "compare", "answer", "mute", "--set", "set.jsonl")
    said = refused(2, *command, "--prices", "prices.toml")
    assert "prices.toml is no table of prices; write" in said
    assert "input = 1.25" in said
