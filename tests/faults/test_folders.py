"""Folders of a book that are made to hurt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chains.errors import SettingError
from ingestion.folder.book_folder import read_book_folder
from ingestion.formats.configurations import read_yaml

DEEP = 1200
"""Folders within folders; more than Python's stack has calls."""


def test_a_folder_that_is_passed_over_may_be_as_deep_as_it_likes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("# A")
    (tmp_path / "_drafts").mkdir()
    monkeypatch.chdir(tmp_path / "_drafts")
    Path("b.md").write_text("# B")
    for _ in range(DEEP):  # a path of all of them may be longer than the system takes
        Path("b").mkdir()
        os.chdir("b")
    try:
        book = read_book_folder(tmp_path)
    finally:
        for _ in range(DEEP):  # what clears up after tests is not as patient
            os.chdir("..")
            Path("b").rmdir()
    assert [one.file.file for one in book.files] == ["a.md"]
    assert book.skipped == ()


@pytest.mark.parametrize("value", ["!!bool maybe", "!!int _", "!!timestamp x", "!!float x"])
def test_a_configuration_with_a_tag_that_its_value_does_not_fit_is_named(
    value: str, tmp_path: Path
) -> None:
    (tmp_path / "mkdocs.yml").write_text(f"site_name: {value}\n")
    with pytest.raises(SettingError, match=r"mkdocs\.yml is not YAML: .*; mend it"):
        read_yaml(tmp_path / "mkdocs.yml")
