"""The two real books: asked for by a setting, and then they have to be there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import real_books

ROOT = Path(__file__).parents[2]


def test_without_the_setting_tests_of_real_books_are_skipped_also_in_ci(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.skip.Exception, match="set SCHOLIAST_TEST_BOOKS to a folder with"):
        real_books(None)


def test_a_folder_without_the_books_fails_those_tests_and_names_what_is_missing(
    tmp_path: Path,
) -> None:
    (tmp_path / "rust").mkdir()
    with pytest.raises(pytest.fail.Exception, match="has no humanoid-robotics;"):
        real_books(str(tmp_path))


def test_the_ci_script_stops_at_once_where_a_book_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", ".ci/run"],
        cwd=ROOT,
        env=os.environ | {"SCHOLIAST_TEST_BOOKS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    missing = tmp_path / "humanoid-robotics"
    assert done.stderr == f"SCHOLIAST_TEST_BOOKS: there is no folder {missing}\n"
    assert done.stdout == ""
