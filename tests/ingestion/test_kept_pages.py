"""Pages that have not changed are not parsed again, and are what they would be all the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.folder import kept_pages
from ingestion.folder.book_folder import BookFolder, read_book_folder
from ingestion.folder.kept_pages import FILE, KeptPages, decoded
from ingestion.folder.page import ANEW, PLAIN, make_page, send_page
from ingestion.problems import find_problems
from tests.support.commands import ROOT

MOTORS = (
    "---\ntitle: Motors\n---\n\n# Motors {#top}\n\nA motor turns. It gets warm.\n\n"
    "## Servo\n\nIt holds.\n"
)
BALANCE = "# Balance\n\n- The point.\n- :::\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "book"
    root.mkdir()
    (root / "01-motors.md").write_text(MOTORS)
    (root / "02-balance.mdx").write_text(BALANCE)
    return root


def read(root: Path, data: Path) -> tuple[BookFolder, int]:
    """The book, and how many of its pages were known."""
    kept = KeptPages(data)
    book = read_book_folder(root, kept=kept)
    known = sum(key in kept.known for key in kept._now)
    kept.write()
    return book, known


def test_a_book_that_is_known_reads_as_it_did(root: Path, tmp_path: Path) -> None:
    first = read(root, tmp_path)
    assert first == (read_book_folder(root), 0)
    assert read(root, tmp_path) == (first[0], 2)


def test_only_a_page_that_changed_is_parsed(root: Path, tmp_path: Path) -> None:
    read(root, tmp_path)
    (root / "01-motors.md").write_text(MOTORS.replace("warm", "hot"))
    assert read(root, tmp_path) == (read_book_folder(root), 1)
    assert read(root, tmp_path)[1] == 2


def test_a_title_that_comes_from_elsewhere_cuts_a_known_page_anew(
    root: Path, tmp_path: Path
) -> None:
    (root / "docs").mkdir()
    (root / "docs" / "servo.md").write_text("It holds.\n\n## Servo\n\nIt turns.\n")
    for title in ("One", "Two"):
        (root / "mkdocs.yml").write_text(f"site_name: R\nnav:\n  - {title}: servo.md\n")
        book, _ = read(root, tmp_path)
        assert book == read_book_folder(root)
        assert [chunk.section for chunk in book.files[0].chunks] == [(title,), (title, "Servo")]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b"\x93"),
        lambda file: file.write_bytes(file.read_bytes()[:-5]),
        lambda file: file.unlink(),
    ],
)
def test_a_damaged_file_costs_time_alone(
    root: Path, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    book, _ = read(root, tmp_path)
    spoil(tmp_path / FILE)
    assert read(root, tmp_path) == (book, 0)


def test_another_release_takes_nothing_over(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(root, tmp_path)
    monkeypatch.setattr(kept_pages, "made_by", lambda *_: b"another")
    assert read(root, tmp_path)[1] == 0


def test_a_page_is_kept_with_all_that_is_made_of_it() -> None:
    page = make_page("a.md", MOTORS)
    cut = decoded(page.made)
    assert cut is not None
    assert (cut.title, cut.text, cut.sections) == (page.title, page.text, page.sections)
    assert (cut.chunks, cut.front_matter) == (page.chunks, page.front_matter)
    known = frozenset({page.key})
    assert send_page("a.md", MOTORS, book=PLAIN, known=known).made is None
    assert send_page("a.md", MOTORS, ANEW, book=PLAIN, known=known).made == page.made


def test_what_readers_trip_over_is_found_on_known_pages_too(root: Path, tmp_path: Path) -> None:
    (root / "02-balance.mdx").write_text(f"{BALANCE}\nSee [there](01-motors.md#none).\n\n## Feet\n")
    first = find_problems(read(root, tmp_path)[0])
    assert {one.kind for one in first} == {"dead link", "empty section"}
    book, known = read(root, tmp_path)
    assert (find_problems(book), known) == (first, 2)
    (root / "01-motors.md").write_text(f"{MOTORS}\n### None\n\nNothing.\n")
    book, known = read(root, tmp_path)
    assert ([one.kind for one in find_problems(book)], known) == (["empty section"], 1)


def test_pages_are_read_before_there_is_a_second_thread() -> None:
    """Else the process that reads them could not be a copy of this one, and would import all that
    this one has imported."""
    code = "import ingestion.indexer, ingestion.plan, sys; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
