"""`scholiast ingest --watch`: what is saved is in the index a moment later."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chains.index.edge.edge_client import EdgeClient
from quart_app.commands.authoring.watch import TICK, changes_of, look
from tests.support.commands import run, started


def test_a_change_is_seen_once_when_files_are_quiet_again(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one")
    changes = changes_of(tmp_path)
    (tmp_path / "a.md").write_text("of another size")
    (tmp_path / ".hidden").write_text("not looked at")
    next(changes)
    waiting = threading.Thread(target=next, args=(changes,), daemon=True)
    waiting.start()
    waiting.join(4 * TICK)
    assert waiting.is_alive()
    (tmp_path / "a.md").unlink()
    waiting.join(60)
    assert not waiting.is_alive()


def test_a_saved_file_is_ingested_and_a_bad_one_does_not_end_it(alone: Path) -> None:
    book = alone / "book"
    book.mkdir()
    (book / "a.md").write_text("# Motors\n\nA motor turns.\n")
    with started(alone, "ingest", "book", "--watch") as process:
        assert process.stdout
        assert "1 chunks embedded, 0 removed" in process.stdout.readline()
        (book / "b.md").write_bytes(b"\xff")
        assert "0 chunks embedded" in process.stdout.readline()
        assert "skipped b.md: is not UTF-8" in process.stdout.readline()
        (book / "b.md").write_text("# Gears\n\nA gear trades speed for torque.\n")
        assert "1 chunks embedded, 0 removed" in process.stdout.readline()
    assert json.loads(run("status", "--json").stdout)["chunks"] == 2


@pytest.mark.usefixtures("alone")
def test_a_folder_that_is_not_there_is_not_waited_for() -> None:
    assert run("ingest", "nowhere", "--watch").exit_code == 2


@pytest.mark.parametrize(
    ("change", "is_seen"),
    [
        (lambda book: (book / "a.md").chmod(0), True),
        (lambda book: (book / "same.md").replace(book / "a.md"), True),
        (lambda book: (book / ".vitepress/config.mts").write_text("export default {}"), True),
        (lambda book: (book / ".vitepress/cache/x.js").write_text("of another size"), False),
        (lambda book: (book / ".git/HEAD").write_text("of another size"), False),
    ],
)
def test_what_decides_about_the_book_is_seen_and_nothing_else(
    tmp_path: Path, change: Callable[[Path], object], is_seen: bool
) -> None:
    for name in ("a.md", "same.md", ".vitepress/config.mts", ".vitepress/cache/x.js", ".git/HEAD"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
        os.utime(tmp_path / name, ns=(1, 1))
    before, probe = look(tmp_path), tmp_path / ".git/probe"
    probe.touch()
    first = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == first:  # until the clock of the file system has gone on
        probe.touch()
    change(tmp_path)
    assert (look(tmp_path) != before) == is_seen


def test_a_change_that_finds_the_index_in_use_is_ingested_when_it_is_free(alone: Path) -> None:
    book = alone / "book"
    book.mkdir()
    (book / "a.md").write_text("# Motors\n\nA motor turns.\n")
    with started(alone, "ingest", "book", "--watch") as process:
        assert process.stdout
        assert process.stderr
        assert "1 chunks embedded" in process.stdout.readline()
        with closing(EdgeClient(alone / ".scholiast/index")):
            (book / "a.md").write_text("# Motors\n\nA motor hums.\n")
            assert "in use by another process" in process.stderr.readline()
        assert "1 chunks embedded, 1 removed" in process.stdout.readline()
