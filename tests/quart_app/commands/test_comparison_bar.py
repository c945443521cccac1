"""The bar of a comparison says what happens while an answer takes long."""

from __future__ import annotations

import pytest

from quart_app.commands.prompting.comparison_bar import ComparisonBar
from quart_app.evaluation.rows import Row

GAIT = Row(id="gait", query="What is a gait?")


def test_a_terminal_shows_the_question_and_the_words_so_far(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with ComparisonBar(2) as bar:
        bar.begin(GAIT)
        assert "“What is a gait?”, it reads" in shown(bar)
        bar.write(GAIT, 42)
        assert "“What is a gait?”, 42 words" in shown(bar)
        bar.end(GAIT)
        assert "1/2" in shown(bar)
    assert " answers, the last in " not in capsys.readouterr().err


def test_without_a_terminal_each_answer_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with ComparisonBar(2) as bar:
        bar.end(GAIT)  # kept from an earlier run
        bar.begin(GAIT)
        bar.write(GAIT, 42)
        bar.end(GAIT)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("2 of 2 answers, the last in 0.")
    assert line.endswith("s: What is a gait?")


def shown(bar: ComparisonBar) -> str:
    with bar.console.capture() as capture:
        bar.console.print(bar.bar)
    return capture.get()
