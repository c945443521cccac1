"""The two real books: asked for by a setting, and then they have to be there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
READS_A_BOOK = "tests/ingestion/test_book_folder.py", "-k", "a_real_book_is_read_whole"


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the checkout, in a CI that has only these variables on books."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("SCHOLIAST_")}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=clean | {"CI": "true"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def pytest_on_a_book(**variables: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "pytest", "-q", *READS_A_BOOK, **variables)


def test_without_the_setting_tests_of_real_books_are_skipped_also_in_ci() -> None:
    done = pytest_on_a_book()
    assert done.returncode == 0, done.stdout
    assert "2 skipped" in done.stdout


def test_a_folder_without_the_books_fails_those_tests_and_names_what_is_missing(
    tmp_path: Path,
) -> None:
    (tmp_path / "rust").mkdir()
    done = pytest_on_a_book(SCHOLIAST_TEST_BOOKS=str(tmp_path))
    assert done.returncode == 1
    assert f"SCHOLIAST_TEST_BOOKS: {tmp_path} has no humanoid-robotics;" in done.stdout


def test_the_ci_script_stops_at_once_where_a_book_is_missing(tmp_path: Path) -> None:
    done = run("bash", ".ci/run", SCHOLIAST_TEST_BOOKS=str(tmp_path))
    assert done.returncode == 1
    missing = tmp_path / "humanoid-robotics"
    assert done.stderr == f"SCHOLIAST_TEST_BOOKS: there is no folder {missing}\n"
    assert done.stdout == ""
