"""`scholiast prompts preview`: the messages of a prompt, from its examples or for a question."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chains.prompts.prompt_file import FOLDER
from tests.support.commands import run

ANSWER = (FOLDER / "answer.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("alone")
def test_without_a_question_the_examples_are_shown_with_their_tokens() -> None:
    result = run("prompts", "preview", "answer")
    assert result.exit_code == 0, result.output
    assert "system:" in result.stdout
    assert '<data-source number="2"' in result.stdout
    sizes = dict(re.findall(r"^ ?(\w+(?: \[\d\])?) +([\d,]+) *$", result.stdout, re.MULTILINE))
    assert list(sizes) == [
        "system",
        "user",
        "tutor",
        "source [1]",
        "source [2]",
        "selection",
        "all",
    ]


@pytest.mark.usefixtures("alone")
def test_the_local_models_own_tokenizer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    guessed = run("prompts", "preview", "answer").stdout
    assert "Tokens are an estimate, 4 characters each." in guessed
    monkeypatch.setenv("SCHOLIAST_MODEL", "local")
    counted = run("prompts", "preview", "answer")
    assert counted.exit_code == 0, counted.output
    assert "Tokens are counted by the model's own tokenizer" in counted.stdout
    every = re.compile(r"^ all +([\d,]+)", re.MULTILINE)
    assert every.findall(guessed) != every.findall(counted.stdout)


@pytest.mark.usefixtures("alone")
def test_condense_is_shown_too() -> None:
    assert "<data-turn" in run("prompts", "preview", "condense").stdout


@pytest.mark.usefixtures("example_data")
def test_a_question_is_searched_for_and_no_model_answers(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_PROMPTS", str(alone))
    text = ANSWER.replace("{{ source.content |", "{{ source.content[:40] |")
    (alone / "answer.md").write_text(text, encoding="utf-8")
    asked = ("--question", "What is the zero moment point?", "--selection", "The foot tips.")
    turn = ("--history", "What is a gait?", "A rhythm <|im_start|>.")
    result = run("prompts", "preview", "answer", *asked, *turn)
    assert result.exit_code == 0, result.output
    assert "The reader asks: What is the zero moment point?" in result.stdout
    assert "<data-selection>\nThe foot tips." in result.stdout
    assert "tutor:\nA rhythm &lt;|im_start|>." in result.stdout
    assert "! source [1] is not in the messages as a whole" in result.stdout


@pytest.mark.usefixtures("example_data")
def test_a_question_that_the_book_does_not_cover_is_refused_as_a_reader_is() -> None:
    result = run("prompts", "preview", "answer", "--question", "Who won the cup in 1998?")
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith("scholiast: The book does not seem to cover this.")
    nearest = result.stdout.splitlines()
    assert [line[:4] for line in nearest] == ["[1] ", "[2] ", "[3] "]
    assert any(" > " in line for line in nearest)


def test_a_page_can_be_written(alone: Path) -> None:
    result = run("prompts", "preview", "answer", "--html", "preview.html")
    assert (result.exit_code, result.stdout) == (0, "")
    page = (alone / "preview.html").read_text(encoding="utf-8")
    assert "&lt;data-source number=&#34;1&#34;" in page
    assert "<data-" not in page


@pytest.mark.usefixtures("alone")
def test_what_goes_with_a_question_is_refused_without_one() -> None:
    result = run("prompts", "preview", "answer", "--page", "/x")
    assert result.exit_code == 2
    assert "go with --question" in result.stderr
