"""Pages that change while the book is read, and one that is a single paragraph of megabytes."""

from __future__ import annotations

import threading
from pathlib import Path

from ingestion.folder.book_folder import read_book_folder
from ingestion.folder.kept_pages import KeptPages

ROUNDS = 10


def page(number: int) -> str:
    return f"# Pumps\n\nPump number {number:06} lifts water.\n" * 50


def write_on(path: Path, is_over: threading.Event, written: list[int]) -> None:
    """Write the page anew, in pieces, each time with as many bytes."""
    while not is_over.is_set():
        written.append(len(written))
        with path.open("w", encoding="utf-8", buffering=1) as file:
            file.writelines(page(written[-1]).splitlines(keepends=True))


def test_a_page_that_changes_while_it_is_read_is_what_it_is_at_the_next_run(tmp_path: Path) -> None:
    book, written = tmp_path / "book", [0]
    book.mkdir()
    (book / "still.md").write_text("# Valves\n\nA valve closes.\n")
    for _ in range(ROUNDS):
        is_over = threading.Event()
        writing = threading.Thread(target=write_on, args=(book / "a.md", is_over, written))
        writing.start()
        kept = KeptPages(tmp_path)
        during = read_book_folder(book, kept=kept)
        kept.write()
        is_over.set()
        writing.join()
        assert during.skipped == ()
        assert "still.md" in {one.file.file for one in during.files}
        after = read_book_folder(book, kept=KeptPages(tmp_path))
        assert after == read_book_folder(book)
        [pumps] = (one for one in after.files if one.file.file == "a.md")
        assert f"number {written[-1]:06}" in pumps.text
    assert len(written) > ROUNDS


def test_a_paragraph_of_five_megabytes_is_read_or_named_and_costs_no_other_page(
    tmp_path: Path,
) -> None:
    (tmp_path / "still.md").write_text("# Valves\n\nA valve closes.\n")
    (tmp_path / "long.md").write_text("# Long\n\n" + "A pump lifts water. " * 250_000)
    book = read_book_folder(tmp_path)
    files = {one.file.file for one in book.files}
    assert "still.md" in files
    assert ("long.md" in files) != ("long.md" in " ".join(map(str, book.skipped)))
