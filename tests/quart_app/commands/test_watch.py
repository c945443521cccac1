"""`scholiast ingest --watch`: what is saved is in the index a moment later."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from quart_app.commands.authoring.watch import TICK, changes_of
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
