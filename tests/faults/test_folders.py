"""Folders of a book that are made to hurt."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import ingestion.indexer
from chains.errors import SettingError, StoreError
from ingestion.folder.book_folder import read_book_folder
from ingestion.formats.configurations import read_yaml
from ingestion.formats.patterns import files_like
from ingestion.indexer import ingest
from tests.conftest import settings_of
from tests.support.fake_embeddings import FakeEmbeddings

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


def test_a_replacement_by_half_a_book_is_refused_unless_it_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion.indexer, "open_embeddings", lambda _: FakeEmbeddings())
    settings, root = settings_of(tmp_path / "data"), tmp_path / "book"
    root.mkdir()
    for name in "abcd":
        (root / f"{name}.md").write_text(f"# {name}\n\nA text of {name}.\n")
    ingest(root, settings)
    for name in "abc":  # they are there, and cannot be read
        (root / f"{name}.md").write_text("---\ntitle: [\n---\n")
    for is_rebuilt in (False, True):
        with pytest.raises(StoreError, match=r"holds 1 chapters, and the index 4.*--prune-all"):
            ingest(root, settings, replace=True, rebuild=is_rebuilt)
    assert ingest(root, settings).removed == 0  # without it, the last versions stay
    assert ingest(root, settings, replace=True, prune_all=True).files == 1
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.md").write_text("# Another book\n\nA text.\n")
    assert ingest(other, settings, replace=True).files == 1
