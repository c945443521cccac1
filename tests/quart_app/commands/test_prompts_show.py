"""`scholiast prompts show`: a prompt as it stands, and as git has it in an older version."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chains.prompts.prompt_file import FOLDER
from chains.settings import Settings
from quart_app.commands.prompting.choosing_prompts import choose_prompt
from tests.support.commands import refused, run

ANSWER = (FOLDER / "answer.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of prompts with its first version in git, and a second one on the disk."""
    prompts = alone / "prompts"
    (prompts / "parts").mkdir(parents=True)
    text = ANSWER.replace("You are", '{% include "parts/who.md" %}\nYou are', 1)
    (prompts / "answer.md").write_text(text, encoding="utf-8")
    (prompts / "parts" / "who.md").write_text("Be kind.\n", encoding="utf-8")
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for step in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "First")):
        subprocess.run(["git", *step], cwd=prompts, check=True, capture_output=True)
    (prompts / "parts" / "who.md").write_text("Be stern.\n", encoding="utf-8")
    monkeypatch.setenv("SCHOLIAST_PROMPTS", "prompts")
    return prompts


@pytest.mark.usefixtures("folder")
def test_versions_are_listed_and_found_with_their_parts() -> None:
    now, before = run("prompts", "show", "answer", "--all").stdout.splitlines()
    assert now.endswith("  as it stands")
    assert before.endswith(" First")
    assert "Be stern." in run("prompts", "show", "answer").stdout
    shown = run("prompts", "show", "answer", "--version", before[:6])
    assert shown.exit_code == 0, shown.output
    assert "# parts/who.md\nBe kind.\n" in shown.stdout
    prompt = choose_prompt(f"answer@{before[:6]}", Settings.read())
    assert prompt.version == before.split()[0]
    assert prompt.preview()[0].text.startswith("Be kind.")


@pytest.mark.usefixtures("folder")
def test_a_version_that_git_does_not_have_is_refused() -> None:
    said = refused(2, "prompts", "show", "answer", "--version", "abc123")
    assert "no version abc123 in the last 500 commits of this prompt" in said


def test_without_git_there_is_the_file_as_it_stands(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    (line,) = run("prompts", "show", "answer", "--all").stdout.splitlines()
    assert line.endswith("  as it stands")
