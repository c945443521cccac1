"""Folders of a book that are made to hurt."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chains.errors import SettingError
from ingestion.folder.book_folder import read_book_folder
from ingestion.formats.configurations import read_yaml
from ingestion.formats.patterns import files_like

DEEP = 1200
"""Folders within folders; more than Python's stack has calls."""


def test_a_folder_that_is_passed_over_may_be_as_deep_as_it_likes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Not in tmp_path: if the test is killed, pytest cannot delete folders that are so deep.
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.md").write_text("# A")
        (Path(folder) / "_drafts").mkdir()
        monkeypatch.chdir(Path(folder) / "_drafts")
        Path("b.md").write_text("# B")
        for _ in range(DEEP):  # a path of all of them may be longer than the system takes
            Path("b").mkdir()
            os.chdir("b")
        try:
            book = read_book_folder(Path(folder))
        finally:
            for _ in range(DEEP):
                os.chdir("..")
                Path("b").rmdir()
            monkeypatch.undo()
    assert [one.file.file for one in book.files] == ["a.md"]
    assert book.skipped == ()


@pytest.mark.parametrize("value", ["!!bool maybe", "!!int _", "!!timestamp x", "!!float x"])
def test_a_configuration_with_a_tag_that_its_value_does_not_fit_is_named(
    value: str, tmp_path: Path
) -> None:
    (tmp_path / "mkdocs.yml").write_text(f"site_name: {value}\n")
    with pytest.raises(SettingError, match=r"mkdocs\.yml is not YAML: .*; mend it"):
        read_yaml(tmp_path / "mkdocs.yml")


def test_a_pattern_of_many_stars_costs_nothing(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a"] * 14)
    folder.mkdir(parents=True)
    (folder / "b.md").write_text("# B")
    assert files_like(tmp_path, "**/a/" * 90 + "b.md") == []  # it would take years
    assert files_like(tmp_path, "a/**/a/**/*.md") == [f"{'a/' * 14}b.md"]
    assert files_like(tmp_path, "b**") == []
