"""What stands in the place of the data folder, or in its path, is no folder: it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import EXAMPLE_BOOK
from tests.support.commands import refused, run

OTHER = ", or name another folder in SCHOLIAST_DATA.\n"


@pytest.fixture
def kept(alone: Path, example_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup, a set of questions, and beside them what is no data folder."""
    monkeypatch.setenv("SCHOLIAST_DATA", str(example_folder))
    assert run("backup", "kept.tgz").exit_code == 0
    (alone / "set.jsonl").write_text('{"id": "1", "query": "What is a gait?", "refuse": false}\n')
    (alone / "file").write_text("some text")
    (alone / "nowhere").symlink_to("gone")
    (alone / "again").symlink_to("nowhere")
    (alone / "loop").symlink_to("pool")
    (alone / "pool").symlink_to("loop")
    (alone / "text").symlink_to("file")
    (alone / "below").symlink_to("file/of")
    (alone / "data").mkdir()
    (alone / "data" / "index").symlink_to("../gone")
    return alone


@pytest.mark.parametrize(
    ("place", "named", "reason"),
    [
        ("file", "file", "is no folder; move it away"),
        ("file/below", "file", "is no folder; move it away"),
        ("nowhere", "nowhere", "is a link to {}/gone, which is not there; let it lead to a folder"),
        (
            "again/below",
            "again",
            "is a link to {}/gone, which is not there; let it lead to a folder",
        ),
        ("below", "below", "is a link to {}/file/of, which is not there; let it lead to a folder"),
        ("text", "text", "is a link to {}/file, which is no folder; let it lead to a folder"),
        ("loop", "loop", "is a link that leads back to itself; put a folder in its place"),
        ("loop/below", "loop", "is a link that leads back to itself; put a folder in its place"),
        ("data", "data/index", "is a link to {}/gone, which is not there; let it lead to a folder"),
        ("a" * 300, "a" * 300, "is longer than a path may be; choose a shorter one"),
    ],
)
def test_what_stands_in_the_place_of_the_data_folder_is_named_with_the_fix(
    place: str, named: str, reason: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = sorted(kept.iterdir())
    monkeypatch.setenv("SCHOLIAST_DATA", place)
    for command in ("status",), ("backup", "other.tgz"), ("restore", "kept.tgz"):
        assert refused(1, *command) == f"scholiast: {named} {reason.format(kept)}{OTHER}"
    assert sorted(kept.iterdir()) == there


def test_every_command_names_a_link_that_leads_nowhere(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_DATA", "nowhere")
    line = f"nowhere is a link to {kept}/gone, which is not there; let it lead to a folder{OTHER}"
    for command in (
        ("ask", "What is a gait?"),
        ("serve", "--port", "0"),
        ("eval", "set.jsonl"),
        ("links", "--site", "."),
        ("trace",),
        ("ingest", str(EXAMPLE_BOOK)),
        ("ingest", str(EXAMPLE_BOOK), "--dry-run"),
        ("ingest", str(EXAMPLE_BOOK), "--replace", "--book", "wood"),
    ):
        assert refused(1, *command) == f"scholiast: {line}", command
    said = [one for one in run("doctor").output.splitlines() if one.startswith("✗")]
    assert said == [f"✗ index      {line.rstrip()}"]
    assert not (kept / "gone").exists()
