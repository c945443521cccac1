"""Solutions and answers of exercises: chunks of their own, marked as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from chains.index.records import chunk_of, chunk_payload
from ingestion.folder.book_folder import read_book_folder


def kinds(root: Path, text: str, name: str = "page.md") -> dict[str, str]:
    """What kind of chunk holds each sentence."""
    (root / name).write_text(text, "utf-8")
    chunks = read_book_folder(root).files[0].chunks
    return {sentence.text: chunk.kind for chunk in chunks for sentence in chunk.sentences}


@pytest.mark.parametrize(
    "solution",
    [
        ":::solution[Solution to 1]\n\nIt is 42.\n\n:::",
        ":::tip[Show answer]\n\nIt is 42.\n\n:::",
        "<details>\n<summary>Answer</summary>\n\nIt is 42.\n\n</details>",
        "<details><summary>Lösung</summary>\n\nIt is 42.\n\n</details>",
        "<Solution>\n\nIt is 42.\n\n</Solution>",
        "## Answers\n\nIt is 42.",
        "## Solution 3\n\nIt is 42.",
        "## Solutions to the exercises\n\n### First\n\nIt is 42.",
    ],
)
def test_a_solution_is_no_part_of_another_chunk(tmp_path: Path, solution: str) -> None:
    found = kinds(tmp_path, f"# Motors\n\nWhat is six times seven?\n\n{solution}\n")
    assert found == {"What is six times seven?": "chunk", "It is 42.": "solution"}


@pytest.mark.parametrize(
    "text",
    [
        "## Solutions\n\nIt is 42.",
        "## Solutions and mixtures\n\nIt is 42.",
        ":::note[Answering machines]\n\nIt is 42.\n\n:::",
        "<details><summary>More</summary>\n\nIt is 42.\n\n</details>",
    ],
)
def test_what_is_only_called_alike_is_no_solution(tmp_path: Path, text: str) -> None:
    assert set(kinds(tmp_path, f"# Chemistry\n\nSalt dissolves.\n\n{text}\n").values()) == {"chunk"}


def test_a_solution_within_an_exercise_is_apart_from_it(tmp_path: Path) -> None:
    text = (
        "# Motors\n\nBefore it.\n\n::::exercise\n\nWhat is six times seven?\n\n"
        ":::solution\n\nIt is 42.\n\n:::\n\n::::\n\nAfter it.\n"
    )
    assert kinds(tmp_path, text) == {
        "Before it.": "chunk",
        "What is six times seven?": "chunk",
        "It is 42.": "solution",
        "After it.": "chunk",
    }


def test_the_kind_stands_in_the_payload_and_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nText.\n\n## Answers\n\nIt is 42.\n", "utf-8")
    chunks = read_book_folder(tmp_path).files[0].chunks
    payloads = [chunk_payload(chunk) for chunk in chunks]
    assert [payload["metadata"]["kind"] for payload in payloads] == ["chunk", "solution"]
    assert [chunk_of(payload) for payload in payloads] == list(chunks)
