"""Files and folders that the user of the command may not read: each is named, with the fix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chains.errors import SettingError
from ingestion.folder.book_folder import read_book_folder
from tests.support.commands import refused, run
from tests.support.permissions import permissions_hold

OWN = "let this user read and write there"


@contextmanager
def locked(path: Path, mode: int = 0) -> Iterator[None]:
    """A file or folder that may not be read."""
    before = path.stat().st_mode & 0o7777
    path.chmod(mode)
    try:
        with permissions_hold():
            yield
    finally:
        path.chmod(before)


@pytest.mark.parametrize("name", [".", "index", "index/current"])
def test_an_index_that_may_not_be_read_is_named_with_the_fix(example_copy: Path, name: str) -> None:
    with locked(example_copy / name):
        for _ in range(2):  # and what was refused holds nothing
            line = refused(1, "status")
            assert "Permission denied" in line
            assert OWN in line
        said = run("doctor").output
    (line,) = [line for line in said.splitlines() if line.startswith("✗")]
    assert "index" in line
    assert OWN in line
    assert "Errno" not in said
    assert run("status").exit_code == 0


def test_traces_that_may_not_be_read_are_not_said_to_be_none(example_copy: Path) -> None:
    traces = example_copy / "traces"
    traces.mkdir()
    with locked(traces):
        for wanted in ([], ["last"]):
            line = refused(1, "trace", *wanted)
            assert f"traces: Permission denied; {OWN}" in line
    assert "there are no traces" in refused(1, "trace", "last")


@pytest.mark.usefixtures("example_copy")
@pytest.mark.parametrize("name", [".env", "hypercorn.toml"])
def test_settings_that_may_not_be_read_are_named_with_the_fix(alone: Path, name: str) -> None:
    (alone / name).write_text("")
    with locked(alone / name):
        result = run("doctor")
    (line,) = [line for line in result.output.splitlines() if line.startswith("✗")]
    assert f"{name}: Permission denied; {OWN}" in line
    assert result.exit_code == 1


def test_a_secret_that_may_not_be_read_is_named_with_the_fix(example_copy: Path) -> None:
    secret = example_copy / "session.secret"
    secret.write_text("s" * 64)
    with locked(secret):
        line = refused(2, "serve", "--port", "0")
    assert "session.secret cannot be used (Permission denied); set SCHOLIAST_SESSION_" in line


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of mdBook's make, with a page in a folder."""
    (tmp_path / "src" / "part").mkdir(parents=True)
    (tmp_path / "book.toml").write_text("[book]\n")
    (tmp_path / "src" / "SUMMARY.md").write_text("- [A](a.md)\n- [B](part/b.md)\n")
    (tmp_path / "src" / "a.md").write_text("# A\n\nA text.\n")
    (tmp_path / "src" / "part" / "b.md").write_text("# B\n\nAnother text.\n")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "mode"), [("src/part", 0), ("src/part", 0o444), ("src/part/b.md", 0)]
)
def test_pages_that_may_not_be_read_cost_no_other_page(book: Path, name: str, mode: int) -> None:
    with locked(book / name, mode):
        folder = read_book_folder(book)
    assert [one.file.file for one in folder.files] == ["src/a.md"]
    (skipped,) = folder.skipped
    assert skipped.is_fault
    assert skipped.file.removesuffix("/") in ("src/part", "src/part/b.md")
    assert skipped.reason == "cannot be read (Permission denied); check its permissions"


@pytest.mark.parametrize(("name", "mode"), [(".", 0), (".", 0o444), ("book.toml", 0)])
def test_a_book_that_may_not_be_read_is_named_with_the_fix(
    book: Path, name: str, mode: int
) -> None:
    with locked(book / name, mode), pytest.raises(SettingError) as caught:
        read_book_folder(book)
    assert str(caught.value).endswith("cannot be read (Permission denied); check its permissions.")
