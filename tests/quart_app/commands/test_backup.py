"""`scholiast backup` and `restore`, without a server and beside one."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from tests.support.commands import refused, run, served

TEXT = "# Motors\n\nA motor turns.\n"


@pytest.fixture
def book(alone: Path) -> Path:
    (alone / "book").mkdir()
    (alone / "book" / "a.md").write_text(TEXT)
    assert run("ingest", "book").exit_code == 0
    return alone / "book"


def version() -> str:
    return str(json.loads(run("status", "--json").stdout)["index_version"])


def versions() -> int:
    return len([one for one in Path(".scholiast/index").iterdir() if len(one.name) == 16])


def test_a_backup_brings_the_index_back_without_a_server_and_beside_one(book: Path) -> None:
    first = version()
    assert run("backup", "one.tar.gz").exit_code == 0
    assert Path("one.tar.gz").stat().st_size < 10_000_000  # of 32 MB a segment and a log, in holes
    with served(book.parent):
        (book / "a.md").write_text(TEXT.replace("turns", "stops"))
        assert run("ingest", "book").exit_code == 0
        second = version()
        assert run("backup", "two.tar.gz").exit_code == 0
        assert second != first
        assert run("restore", "one.tar.gz").exit_code == 0
        assert version() == first
    assert run("restore", "two.tar.gz").exit_code == 0
    assert (version(), versions()) == (second, 1)


@pytest.mark.parametrize("name", ["../evil", "/evil", "book/../../evil", "link"])
def test_what_is_no_backup_is_refused_and_the_index_stays(book: Path, name: str) -> None:
    first = version()
    with tarfile.open("bad.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member, io.BytesIO())
    assert "This is no backup of an index" in refused(1, "restore", "bad.tar.gz")
    Path("bad.tar.gz").write_bytes(b"no archive")
    assert "This is no backup of an index" in refused(1, "restore", "bad.tar.gz")
    assert (version(), versions()) == (first, 1)


def test_half_a_backup_is_refused(book: Path) -> None:
    run("backup", "one.tar.gz")
    whole = Path("one.tar.gz").read_bytes()
    Path("one.tar.gz").write_bytes(whole[: len(whole) // 2])
    assert "This is no backup of an index" in refused(1, "restore", "one.tar.gz")
    assert versions() == 1


@pytest.mark.usefixtures("book")
def test_a_backup_whose_bytes_have_changed_is_refused() -> None:
    run("backup", "one.tar.gz")
    whole = Path("one.tar.gz").read_bytes()
    for tenth, changed in ((2, 1), (5, 100), (8, 1)):
        start = tenth * len(whole) // 10
        damaged = bytearray(whole)
        damaged[start : start + changed] = bytes(255 - b for b in whole[start : start + changed])
        Path("one.tar.gz").write_bytes(damaged)
        assert "This is no backup of an index" in refused(1, "restore", "one.tar.gz")
        assert versions() == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such pipes")
@pytest.mark.usefixtures("alone")
def test_a_pipe_is_not_waited_for_by_a_restore() -> None:
    os.mkfifo("pipe")
    assert "pipe: it is no regular file; name another" in refused(1, "restore", "pipe")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such pipes")
def test_a_pipe_and_a_device_are_not_replaced_by_a_backup(book: Path) -> None:
    assert book.is_dir()
    os.mkfifo("pipe")
    line = refused(1, "backup", "pipe")
    assert "pipe: it is no regular file; name another" in line
    assert Path("pipe").is_fifo()


def test_no_file_of_the_index_and_no_other_is_replaced_by_a_backup(book: Path) -> None:
    first, kept = version(), Path("empty")
    kept.touch()
    for _ in range(2):  # as `mktemp` makes it, then a backup
        assert run("backup", str(kept)).exit_code == 0
    for file in (Path(".scholiast/index/current"), book / "a.md"):
        line = refused(2, "backup", str(file))
        assert (
            line == f"scholiast: {file} is no backup, so it was not replaced; name another file.\n"
        )
    assert (version(), (book / "a.md").read_text()) == (first, TEXT)


@pytest.mark.usefixtures("alone")
def test_without_a_book_there_is_nothing_to_back_up() -> None:
    assert "There is no book" in refused(1, "backup", "one.tar.gz")
    assert not Path("one.tar.gz").exists()
