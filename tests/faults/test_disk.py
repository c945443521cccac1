"""The disk of a data folder is full, or cannot be written: nothing is lost, and it is said so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import chains.index.edge.folder
import ingestion.indexer
from chains.embeddings.provider import open_embeddings
from chains.errors import StoreError
from chains.index.edge.edge_client import EdgeClient
from chains.index.records import list_chunks, read_book
from chains.index.store import open_store
from tests.conftest import EXAMPLE_BOOK, settings_of
from tests.support.commands import PATIENCE, refused, run, served, started
from tests.support.fake_embeddings import FakeEmbeddings

DISK = "48m"


@pytest.fixture
def disk(alone: Path, example_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small file system with the example book, the only setting of commands."""
    disk = alone / "disk"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(disk))
    try:
        # Copied as the engine left it: its files are mostly holes.
        subprocess.run(["cp", "-r", "--sparse=always", example_folder, disk / "data"], check=True)
        monkeypatch.setenv("SCHOLIAST_DATA", str(disk / "data"))
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        need = f"mounting is not permitted here ({done.stderr.strip()}); run these tests as root"
        if os.environ.get("CI"):
            pytest.fail(need)
        pytest.skip(need)


def fill(disk: Path, left: int = 0) -> None:
    """Leave as many bytes free on the disk, and no more."""
    free = shutil.disk_usage(disk).free
    with (disk / "full").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free - left)


def leave_files(disk: Path, count: int) -> None:
    """Let there be as many more files on the disk, and no more, though there is room enough."""
    there = os.statvfs(disk)
    files = there.f_files - there.f_ffree + count
    mount("-o", f"remount,size=128m,nr_inodes={files}", str(disk))


def held(disk: Path) -> object:
    """All that the index holds."""
    settings = settings_of(disk / "data")
    with open_store(settings, open_embeddings(settings)) as store:
        return read_book(store), list_chunks(store)


@pytest.mark.parametrize("options", [(), ("--replace",)])
def test_a_disk_without_room_refuses_an_ingestion_with_both_figures(
    disk: Path, options: tuple[str, ...]
) -> None:
    before = held(disk)
    fill(disk, left=1_000_000)
    line = refused(1, "ingest", str(EXAMPLE_BOOK), *options, "--base-url", "/elsewhere/")
    assert "has 1.0 MB free, and to write the index takes" in line
    assert "--replace" not in line
    (disk / "full").unlink()
    assert held(disk) == before


@pytest.mark.parametrize("left", [6, 9, 12, 15, 18, 21, 24, 28, 32, 36])
def test_an_ingestion_with_hardly_room_ends_no_process(disk: Path, left: int) -> None:
    fill(disk, left=left * 1_000_000)
    command = [sys.executable, "-m", "quart_app", "ingest", "--replace", str(EXAMPLE_BOOK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done
    if done.returncode == 1:
        assert "MB free" in done.stderr.splitlines()[-1]
    (disk / "full").unlink()
    assert held(disk)


def test_a_command_that_only_reads_is_not_ended_on_a_disk_in_memory(disk: Path) -> None:
    fill(disk, left=8_000_000)
    with started(disk.parent, "status", SCHOLIAST_DATA=str(disk / "data")) as process:
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said


def test_a_folder_for_copies_in_memory_without_room_for_what_is_read_is_named(disk: Path) -> None:
    fill(disk, left=8_000_000)
    here = {"SCHOLIAST_DATA": str(disk / "data"), "TMPDIR": str(disk)}
    with started(disk.parent, "status", **here) as process:
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert said.startswith(f"scholiast: The disk of {disk} is full (")
    assert said.count("\n") == 1


def test_a_disk_that_fills_up_during_the_write_costs_one_line_and_no_index(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held(disk)
    monkeypatch.setattr(chains.index.edge.folder, "check_room", lambda *_: None)
    monkeypatch.setattr(ingestion.indexer, "open_embeddings", lambda _: FakeEmbeddings(size=384))
    fill(disk, left=4_500_000)
    with pytest.raises(StoreError, match="is full") as refusal:
        ingestion.indexer.ingest(EXAMPLE_BOOK, settings_of(disk / "data"), replace=True)
    assert "\n" not in str(refusal.value)
    (disk / "full").unlink()
    assert held(disk) == before
    assert len(list((disk / "data" / "index").iterdir())) == 3


def test_a_full_disk_is_read_from_and_never_called_damaged(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(disk)
    assert run("status").exit_code == 0
    (disk / "tmp").mkdir(exist_ok=True)
    monkeypatch.setattr("tempfile.tempdir", str(disk / "tmp"))
    line = refused(1, "status")
    assert "is full" in line
    assert "damaged" not in line
    assert "--replace" not in line


def test_a_disk_without_room_for_files_is_read_from_and_named(disk: Path) -> None:
    before = held(disk)
    leave_files(disk, 3)
    assert run("status").exit_code == 0
    line = refused(1, "ingest", str(EXAMPLE_BOOK), "--base-url", "/elsewhere/")
    assert "and 3 files free" in line
    leave_files(disk, 40)
    line = refused(1, "ingest", str(EXAMPLE_BOOK), "--base-url", "/elsewhere/")
    assert "files free); make room" in line
    assert "damaged" not in line
    assert held(disk) == before


def test_a_disk_without_room_for_the_lock_is_called_full(disk: Path) -> None:
    (disk / "data" / "index" / ".lock").unlink()
    leave_files(disk, 0)
    line = refused(1, "status")
    assert f"The disk of {disk / 'data' / 'index'} is full" in line
    assert "0 files free" in line
    assert "read and write" not in line
    with pytest.raises(StoreError, match=r"The disk of .* is full .* 0 files free"):
        EdgeClient(disk / "another")


def test_a_read_only_data_folder_serves_and_says_that_it_forgets_sessions(disk: Path) -> None:
    (disk / "data" / "session.secret").unlink(missing_ok=True)
    mount("-o", "remount,ro", str(disk))
    with served(disk.parent, SCHOLIAST_DATA=str(disk / "data")) as server:
        assert any("session.secret cannot be made" in line for line in server.lines)
        assert run("status").exit_code == 0
        assert run("doctor").exit_code == 0
        assert run("ask", "What is the zero moment point?").exit_code == 0
    line = refused(1, "ingest", str(EXAMPLE_BOOK), "--base-url", "/elsewhere/")
    assert "read-only" in line
    assert "damaged" not in line


def test_a_restore_into_a_read_only_data_folder_blames_no_backup(disk: Path) -> None:
    backup = str(disk.parent / "backup.tgz")
    assert run("backup", backup).exit_code == 0
    mount("-o", "remount,ro", str(disk))
    line = refused(1, "restore", backup)
    assert "could not be written (Read-only file system" in line
    assert "no backup" not in line
