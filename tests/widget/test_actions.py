"""What a click asks about a selection is understood by the server, in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chains.answering.intents import intent_of
from widget.node import FOLDER

PAIRS = re.compile(r"^  actions: \[\n(.*?)^  \]", re.DOTALL | re.MULTILINE)
FILES = sorted((FOLDER / "src" / "words").glob("??.ts"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_click_asks_what_its_button_says(file: Path) -> None:
    found = PAIRS.search(file.read_text("utf-8"))
    assert found
    questions = re.findall(r'\["[^"]+", "([^"]+)"\]', found[1])
    assert [intent_of(one).kind for one in questions] == ["again", "example", "quiz", "question"]
    assert len(set(questions)) == len(questions)
