"""Several books in one data folder, as commands have them where no server runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.commands import refused, run

ROBOT = "# Motors\n\nA motor turns a wheel.\n"
WOOD = "# Joints\n\nA joint is glued.\n"


@pytest.fixture
def folders(alone: Path) -> Path:
    for name, text in (("robots", ROBOT), ("timber", WOOD)):
        (alone / name).mkdir()
        (alone / name / "a.md").write_text(text)
    return alone


def test_a_book_with_a_name_is_ingested_beside_the_one_without(folders: Path) -> None:
    assert run("ingest", "robots").exit_code == 0
    assert "give this one a name of its own by --book" in refused(1, "ingest", "timber")
    assert run("ingest", "timber", "--book", "wood").exit_code == 0
    facts = [json.loads(run("status", "--json", *o).stdout) for o in ([], ["--book", "wood"])]
    assert [one["books"] for one in facts] == [["wood"], ["wood"]]
    assert Path(facts[1]["data"]) == Path(".scholiast/books/wood")
    assert facts[0]["index_version"] != facts[1]["index_version"]
    assert facts[1]["last_run"]["version"] == facts[1]["index_version"]
    assert run("ingest", "robots", "--check").exit_code == 0
    assert run("ingest", "timber", "--book", "wood", "--check").exit_code == 0


def test_the_environment_can_name_the_book_that_is_meant(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_BOOK", "wood")
    assert "run `scholiast ingest PATH --book wood` first" in refused(1, "status")
    assert run("ingest", "timber").exit_code == 0
    assert not Path(".scholiast/index").exists()
    assert json.loads(run("status", "--json").stdout)["books"] == ["wood"]


@pytest.mark.usefixtures("folders")
def test_without_a_book_that_is_meant_those_that_are_there_are_named() -> None:
    assert run("ingest", "robots", "--book", "robots").exit_code == 0
    told = refused(1, "ask", "What is a joint?")
    assert told.endswith("first, or name one that is there by --book: robots.\n")


@pytest.mark.parametrize("name", ["Wood", "a b", "../wood", "a--b", "-a", "a" * 41, "ä"])
def test_a_name_that_no_book_can_have_is_refused(folders: Path, name: str) -> None:
    said = refused(2, "ingest", "robots", "--book", name)
    assert said.startswith("scholiast: --book: ")
    assert "is no name of a book; it has small letters a to z" in said
    assert not Path(".scholiast").exists()


def test_a_data_folder_holds_no_more_books_than_a_server_opens(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.comparing.MOST", 1)
    assert run("ingest", "robots", "--book", "one").exit_code == 0
    assert run("ingest", "robots", "--book", "one").exit_code == 0
    assert "holds 1 books with names" in refused(2, "ingest", "timber", "--book", "two")
    assert not Path(".scholiast/books/two").exists()
