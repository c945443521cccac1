"""Files and words that commands are given and cannot read are named in our words, with the fix."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from chains.errors import SettingError, StoreError
from chains.index.edge.archive import stage_archive
from quart_app.evaluation.comparing.pricing import read_prices
from quart_app.evaluation.rows import read_rows
from tests.support.commands import run

LIBRARIES = (
    *("nput should", "ield required", "Invalid JSON", "valid array", "start byte", "codec"),
    *("gzipped", "CRC", "header", "end-of-stream", "Expected", "int |", "$."),
)
"""Words of those that read files."""


def in_our_words(said: str, fix: str) -> None:
    assert fix in said
    assert not [word for word in LIBRARIES if word in said]


@pytest.mark.parametrize(
    "row",
    [
        *(b"{nope", b"[1]", b'{"id": 1, "query": "a"}', b'{"id": "1", "query": ""}', b"[" * 10_000),
        *(b'{"id": "1", "query": "a", "history": [{"answer": 3}]}', b'{"id": "1"}'),
        *(b'{"id": "1", "query": "a", "answer": {"a": 1}}', b'{"id": "1", "query": "\\ud800"}'),
    ],
)
def test_a_row_of_a_set_that_is_none(tmp_path: Path, row: bytes) -> None:
    file = tmp_path / "set.jsonl"
    file.write_bytes(row)
    with pytest.raises(SettingError, match=r"set\.jsonl:1: ") as error:
        read_rows(file)
    in_our_words(str(error.value), 'write a row as {"id": "1", "query": "What is a gait?"}')


def test_a_set_and_a_table_of_prices_that_are_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"# \xff\n")
    for read in (read_rows, read_prices):
        with pytest.raises(SettingError, match="file: ") as error:
            read(file)
        in_our_words(str(error.value), "not UTF-8 at byte 2; save it as UTF-8")


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("max_tokens: .nan", "max_tokens has to be a whole number"),
        ("max_tokens: -5", "max_tokens has to be 1 or more"),
        ("temperature: [x]", "temperature has to be a number"),
        ("temperature: 99", "temperature has to be 2.0 or less"),
        ("inputs: 3", "inputs has to be an object"),
        ("description: \udcff", "is not UTF-8 text"),
    ],
)
def test_a_setting_of_a_prompt_that_is_none(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "odd.md"
    text = f"---\n{line}\n---\nuser:\nx\n"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    in_our_words(run("prompts", "check", str(file)).stdout, reason)


def _tar(*names: str) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name))
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hello", "it holds something else"),
        (gzip.compress(b"hello", mtime=0), "it holds something else"),
        (gzip.compress(_tar("a/b/c"), mtime=0)[:60], "it ends too early"),
        (gzip.compress(_tar("notes.txt"), mtime=0), "it holds 'notes.txt'"),
        (gzip.compress(_tar("a/b"), mtime=0)[:-6] + b"\0\0\0\0\0\0", "it holds something else"),
    ],
)
def test_a_file_to_restore_that_is_no_backup(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(StoreError) as error:
        stage_archive(tmp_path, io.BytesIO(content))
    in_our_words(str(error.value), f"{reason}; name a file that `scholiast backup` has written.")


def test_a_question_with_a_byte_that_is_no_text() -> None:
    said = run("ask", "what \udcff is")
    assert said.exit_code == 2
    in_our_words(said.stderr, "set the terminal to UTF-8")
