"""`scholiast prompts check`: findings as lines, JSON and SARIF, and the exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chains.prompts.prompt_file import FOLDER
from tests.support.commands import refused, run

ANSWER = (FOLDER / "answer.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of prompts with one that shows no sources, and one that is well."""
    prompts = alone / "prompts"
    prompts.mkdir()
    start, end = ANSWER.index("{% for source in"), ANSWER.index("{% if selections")
    (prompts / "answer.md").write_text(ANSWER, encoding="utf-8")
    (prompts / "brief.md").write_text(ANSWER[:start] + ANSWER[end:], encoding="utf-8")
    monkeypatch.setenv("SCHOLIAST_PROMPTS", "prompts")
    monkeypatch.setenv("SCHOLIAST_MODEL", "big")
    return prompts


@pytest.mark.usefixtures("folder")
def test_a_finding_is_printed_with_file_line_reason_and_fix() -> None:
    result = run("prompts", "check")
    assert result.exit_code == 1
    first, fix, end = result.stdout.splitlines()
    assert first == (
        "prompts/brief.md:12: error: “sources” is never used, so the model does not see it"
    )
    assert fix.strip() == "show it with {% for one in sources %} … {% endfor %}"
    assert end == "2 prompts checked, 1 with something to mend"


@pytest.mark.usefixtures("folder")
def test_prompts_are_checked_by_name_and_by_file() -> None:
    assert run("prompts", "check", "answer").exit_code == 0
    assert run("prompts", "check", "prompts/answer.md").exit_code == 0
    assert run("prompts", "check", "brief").exit_code == 1
    assert "there is no prompt “absent”" in refused(2, "prompts", "check", "absent")
    assert "absent.md:1: error: cannot be read" in run("prompts", "check", "absent.md").stdout


@pytest.mark.usefixtures("folder")
def test_findings_come_as_json() -> None:
    result = run("prompts", "check", "--json")
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["file"], finding["line"]) == ("prompts/brief.md", 12)
    assert (finding["rule"], finding["level"]) == ("unused", "error")


@pytest.mark.usefixtures("folder")
def test_findings_come_as_sarif() -> None:
    result = run("prompts", "check", "--sarif")
    assert result.exit_code == 1
    log = json.loads(result.stdout)
    assert log["version"] == "2.1.0"
    (found,) = log["runs"][0]["results"]
    rule = log["runs"][0]["tool"]["driver"]["rules"][found["ruleIndex"]]
    assert (found["ruleId"], found["level"]) == (rule["id"], "error")
    (place,) = found["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "prompts/brief.md"
    assert place["physicalLocation"]["region"] == {"startLine": 12}


def test_a_note_alone_is_no_failure(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "brief.md").unlink()
    monkeypatch.setenv("SCHOLIAST_MODEL", "quotes")
    result = run("prompts", "check")
    assert result.exit_code == 0
    assert "answer.md:1: note: the model in use (quotes) heeds only" in result.stdout


def test_a_change_of_a_part_checks_every_prompt(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "rules.md").write_text("{{ tone }}", encoding="utf-8")
    text = ANSWER.replace("You are", '{% include "parts/rules.md" %}\nYou are')
    (folder / "brief.md").write_text(text, encoding="utf-8")
    result = run("prompts", "check", "prompts/parts/rules.md")
    assert result.exit_code == 1
    assert "prompts/parts/rules.md:1: error: “tone” is not among the inputs" in result.stdout
    assert "2 prompts checked" in result.stdout


def test_an_empty_folder_is_named(folder: Path) -> None:
    for file in folder.glob("*.md"):
        file.unlink()
    assert "prompts: holds no prompts; see SCHOLIAST_PROMPTS" in refused(2, "prompts", "check")


def test_a_prompt_that_is_too_long_for_the_local_model_is_counted_by_its_tokenizer(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_MODEL", "local")
    long = ANSWER.replace("You are", "A gait is a rhythm of steps. " * 200 + "You are")
    (folder / "answer.md").write_text(long, encoding="utf-8")
    assert run("prompts", "check", "answer").exit_code == 0  # 6,000 characters, but few tokens
    long = ANSWER.replace("You are", "A gait is a rhythm of steps. " * 600 + "You are")
    (folder / "answer.md").write_text(long, encoding="utf-8")
    result = run("prompts", "check", "answer")
    assert result.exit_code == 1
    assert re.search(r"take [\d,]+ tokens; the window of local has 4,096", result.stdout)
