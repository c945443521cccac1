"""`scholiast ingest` as people call it: output, exit codes, and what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chains.settings import Settings
from quart_app.commands.ingest import ingest

CHAPTER = "# Motors\n\nA motor turns current into torque.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "the-book"
    root.mkdir()
    (root / "motors.md").write_text(CHAPTER)
    return root


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """No settings but a data folder, and no .env."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("SCHOLIAST_", "QDRANT_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SCHOLIAST_DATA", str(tmp_path / "data"))
    return dict(os.environ)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(ingest, [str(one) for one in arguments])


def refused(*arguments: object) -> str:
    """The one line that a refused command prints."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.usefixtures("environment")
def test_a_table_shows_what_was_done(root: Path) -> None:
    result = run(root)
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["The", "Book"] in rows
    for name, value in [
        ("files", "1"),
        ("chunks", "1"),
        ("embedded", "1"),
        ("language", "english"),
    ]:
        assert ["│", name, "│", value, "│"] in rows


@pytest.mark.usefixtures("environment")
def test_json_is_one_object_and_nothing_else(root: Path) -> None:
    (root / "bad.md").write_bytes(b"\xff")
    result = run(root, "--json", "--base-url", "https://example.org/book")
    assert result.exit_code == 1
    printed = json.loads(result.stdout)
    assert (printed["files"], printed["embedded"], printed["removed"]) == (1, 1, 0)
    assert printed["skipped"] == [
        {
            "file": "bad.md",
            "reason": "is not UTF-8 at byte 0; save it as UTF-8",
            "is_fault": True,
        }
    ]


@pytest.mark.usefixtures("environment")
def test_what_was_not_understood_is_counted_with_examples(root: Path) -> None:
    (root / "a.rst").write_text("# A")
    planned, result = run(root, "--dry-run"), run(root)
    assert (planned.exit_code, result.exit_code) == (0, 0)
    for shown in (planned.stdout, result.stdout):
        assert "1 .rst files, which this format does not read: a.rst" in shown
    for options in ((), ("--dry-run",), ("--check",)):
        assert run(root, "--strict", *options).exit_code == 1


@pytest.mark.usefixtures("environment")
def test_a_book_that_is_mostly_not_read_is_a_failure(root: Path) -> None:
    (root / "_parts").mkdir()
    for name in "abcde":
        (root / "_parts" / f"{name}.md").write_text("# A")
    result = run(root)
    assert result.exit_code == 1
    assert "5 pages in folders that this format passes over: _parts/ (5)" in result.stdout
    for shown in (result, run(root, "--dry-run"), run(root, "--check")):
        assert "Most of the book was not read: 5 pages were passed over, 1 read." in shown.stdout
    assert run(root, "--dry-run").exit_code == 1


@pytest.mark.usefixtures("environment")
def test_a_stale_index_is_called_so_with_what_to_run(root: Path) -> None:
    result = run(root, "--check")
    assert result.exit_code == 1
    assert result.stdout == (
        "The index is stale. Chapters: 1 added, 0 changed, 0 removed. "
        f"Run `scholiast ingest {root}`.\n"
    )


@pytest.mark.usefixtures("environment")
def test_a_bad_file_is_named_with_its_fix_and_the_command_fails(root: Path) -> None:
    (root / "bad.md").write_text("---\ntitle: [\n---\n")
    result = run(root)
    assert result.exit_code == 1
    assert "skipped bad.md: the front matter is not YAML" in result.stdout


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["the-book/motors.md"],
        ["empty"],
        [],
        ["the-book", "--base-url", "example.org/book"],
        ["the-book", "--base-url", "//example.org"],
        ["the-book", "--base-url", "ftp://example.org"],
        ["the-book", "--base-url", "https://"],
        ["the-book", "--base-url", "https://[1"],
        ["the-book", "--base-url", "/book?x=1"],
    ],
)
def test_wrong_use_ends_with_2_before_anything_is_written(
    root: Path, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "empty").mkdir()
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("SCHOLIAST_LANGUAGE", "klingon"), ("SCHOLIAST_EMBEDDINGS", "nobody:nothing")],
)
def test_a_wrong_setting_ends_with_2_and_is_named(
    root: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch,
    variable: str, value: str,
) -> None:  # fmt: skip
    monkeypatch.setenv(variable, value)
    result = run(root)
    assert result.exit_code == 2
    assert variable in result.stderr


@pytest.mark.usefixtures("environment")
def test_an_index_in_use_is_refused_with_one_line(root: Path) -> None:
    from chains.embeddings.provider import open_embeddings
    from chains.index.store import open_store

    assert run(root).exit_code == 0
    settings = Settings.read()
    with open_store(settings, open_embeddings(settings)):
        assert "in use" in refused(root)


@pytest.mark.usefixtures("environment")
def test_a_data_folder_that_cannot_be_is_printed_with_one_line(root: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in its place")
    assert str(tmp_path / "data") in refused(root)


@pytest.mark.usefixtures("environment")
def test_another_book_is_refused_with_one_line(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.md").write_text(CHAPTER)
    assert run(root).exit_code == 0
    assert "--replace" in refused(other)
    assert run(other, "--replace").exit_code == 0


def test_ctrl_c_ends_with_one_line_and_130(root: Path, environment: dict[str, str]) -> None:
    for number in range(30):
        (root / f"chapter-{number}.md").write_text(f"# Chapter {number}\n\n{CHAPTER}" * 9)
    # A child that turns to Ctrl-C as soon as the first chunk is embedded.
    script = """
import ingestion.indexer, os, signal, sys
from quart_app.commands.ingest import ingest
run = ingestion.indexer.ingest
def interrupted(*arguments, progress, **options):
    def stop(done, total):
        if done == 1:
            signal.raise_signal(signal.SIGINT)
        progress(done, total)
    return run(*arguments, progress=stop, **options)
ingestion.indexer.ingest = interrupted
ingest([sys.argv[1]])
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(root)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[3])},
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.strip().splitlines()[-1] == "scholiast: Stopped; the index is as it was."
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
