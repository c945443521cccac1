"""Backups that are restored in the wrong place, or are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.commands import refused, run, served


def title(*options: str) -> str:
    return str(json.loads(run("status", "--json", *options).stdout)["title"])


def test_another_book_takes_the_place_of_one_only_where_that_is_said(alone: Path) -> None:
    for name, text in (("wood", "# Joints\n\nGlue."), ("robots", "# Motors\n\nA motor turns.")):
        (alone / name).mkdir()
        (alone / name / "a.md").write_text(text)
        assert run("ingest", name, "--replace").exit_code == 0
        assert run("backup", f"{name}.tgz").exit_code == 0
    line = refused(1, "restore", "wood.tgz")
    assert "wood.tgz holds the book “Wood”, and would take the place of “Robots”" in line
    assert "by --book, or replace that book by --replace." in line
    with served(alone):
        assert refused(1, "restore", "wood.tgz") == line
        assert run("restore", "robots.tgz").exit_code == 0
        beside = run("restore", "wood.tgz", "--book", "wood")
        assert beside.stdout == "The index of the book “wood” is that of wood.tgz.\n"
        assert title() == "Robots"
        done = run("restore", "wood.tgz", "--replace")
        assert done.stdout == "The index of the book without a name is that of wood.tgz.\n"
        assert title() == title("--book", "wood") == "Wood"
    assert not list(alone.glob(".scholiast/index/*/index"))


@pytest.mark.usefixtures("alone")
def test_what_cannot_be_restored_leaves_no_folder_of_a_book() -> None:
    Path("cut.tgz").write_bytes(b"no archive")
    assert "no backup of an index" in refused(1, "restore", "cut.tgz", "--book", "wood")
    assert not Path(".scholiast/books/wood").exists()
