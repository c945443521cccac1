"""Sets of questions as files: what is read, and how a mistake in one is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from chains.errors import SettingError
from chains.question import Selection, Turn
from quart_app.evaluation.rows import Row, read_rows


def read(folder: Path, *lines: str) -> list[Row]:
    file = folder / "set.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_rows(file)


def test_a_row_has_its_selection_history_and_page_as_the_chain_takes_them(tmp_path: Path) -> None:
    (row,) = read(
        tmp_path,
        '{"id": "1", "query": "Why?", "page": "/gait", "selection": "A gait repeats.",'
        ' "history": [{"question": "What is a gait?", "answer": "A rhythm."}], "extra": 1}',
    )
    question = row.question
    assert question.text == "Why?"
    assert question.page == "/gait"
    assert question.selections == (Selection("A gait repeats."),)
    assert question.history == (Turn("What is a gait?", (), "A rhythm."),)


@pytest.mark.parametrize(
    ("refuse", "group"), [("false", "own"), ("true", "foreign"), ('"near"', "near")]
)
def test_refuse_says_what_a_question_is_to_the_book(
    tmp_path: Path, refuse: str, group: str
) -> None:
    (row,) = read(tmp_path, f'{{"id": "1", "query": "Why?", "refuse": {refuse}}}')
    assert row.group == group


def test_must_comes_before_answer_and_an_answer_may_have_parts(tmp_path: Path) -> None:
    first, second = read(
        tmp_path,
        '{"id": "1", "query": "Which?", "answer": ["a", "b"]}',
        "",
        '{"id": "2", "query": "Which?", "answer": "a", "must": ["c"]}',
    )
    assert first.expected == ("a", "b")
    assert second.expected == ("c",)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["{"], "set.jsonl:1: the row: this is no JSON"),
        (['{"id": "1", "query": "a"}', '{"id": "2"}'], "set.jsonl:2: query: it is missing"),
        (['{"id": "1", "query": "a", "refuse": "often"}'], "set.jsonl:1: refuse"),
        (['{"id": "1", "query": "a"}'] * 2, "set.jsonl:2: the id “1” stands twice"),
        ([""], "holds no question"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, lines: list[str], reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        read(tmp_path, *lines)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingError, match=r"set\.jsonl: not UTF-8 at byte 0"):
        read_rows(file)
