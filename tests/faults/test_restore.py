"""Backups that are restored in the wrong place, or are none."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from quart_app.commands.authoring.backup import GZIP
from tests.support.commands import refused, run, served

GIB = 1 << 30


def title(*options: str) -> str:
    return str(json.loads(run("status", "--json", *options).stdout)["title"])


def test_another_book_takes_the_place_of_one_only_where_that_is_said(alone: Path) -> None:
    for name, text in (("wood", "# Joints\n\nGlue."), ("robots", "# Motors\n\nA motor turns.")):
        (alone / name).mkdir()
        (alone / name / "a.md").write_text(text)
        assert run("ingest", name, "--replace").exit_code == 0
        assert run("backup", f"{name}.tgz").exit_code == 0
    line = refused(1, "restore", "wood.tgz")
    assert "wood.tgz holds the book “Wood”, and would take the place of “Robots”" in line
    assert "by --book, or replace that book by --replace." in line
    with served(alone):
        assert refused(1, "restore", "wood.tgz") == line
        assert run("restore", "robots.tgz").exit_code == 0
        beside = run("restore", "wood.tgz", "--book", "wood")
        assert beside.stdout == "The index of the book “wood” is that of wood.tgz.\n"
        assert title() == "Robots"
        done = run("restore", "wood.tgz", "--replace")
        assert done.stdout == "The index of the book without a name is that of wood.tgz.\n"
        assert title() == title("--book", "wood") == "Wood"
    assert not list(alone.glob(".scholiast/index/*/index"))


@pytest.mark.usefixtures("alone")
def test_what_cannot_be_restored_leaves_no_folder_of_a_book() -> None:
    Path("cut.tgz").write_bytes(b"no archive")
    assert "no backup of an index" in refused(1, "restore", "cut.tgz", "--book", "wood")
    assert not Path(".scholiast/books/wood").exists()


@pytest.mark.usefixtures("alone")
def test_a_backup_of_no_book_leaves_the_one_before() -> None:
    Path("book.tgz").write_bytes(GZIP + b"the one before")
    Path(".scholiast/index").mkdir(parents=True)  # as a first ingestion leaves it that is killed
    assert "There is no book in" in refused(1, "backup", "book.tgz")
    assert Path("book.tgz").read_bytes() == GZIP + b"the one before"


def header(name: str, kind: bytes, size: int = 0, real_size: int | None = None) -> bytes:
    """Of a member of an archive, in the format of GNU; `real_size` is that of a sparse file."""
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, size
    written = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    if real_size is not None:
        written[483:495] = b"\x80" + real_size.to_bytes(11, "big")
        written[148:156] = b" " * 8
        written[148:156] = b"%06o\0 " % sum(written)
    return bytes(written)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(
            header("book/a", tarfile.GNUTYPE_SPARSE, real_size=1 << 60), id="a file of holes alone"
        ),
        pytest.param(header("a", tarfile.GNUTYPE_LONGNAME, GIB), id="a name of a gigabyte"),
        pytest.param(header("a", tarfile.XHDTYPE, GIB), id="a gigabyte of facts about a file"),
    ],
)
def test_a_backup_that_says_it_is_endless_is_refused_at_once(packed: bytes) -> None:
    Path("bomb.tgz").write_bytes(gzip.compress(packed + bytes(1024)))
    line = refused(1, "restore", "bomb.tgz")
    assert "This is no backup of an index" in line
    assert "unexpected end" not in line


@pytest.mark.usefixtures("alone")
def test_a_backup_whose_index_cannot_be_read_is_named_itself() -> None:
    with tarfile.open("bad.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("book/edge_config.json")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"["))
    line = refused(1, "restore", "bad.tgz")
    assert "bad.tgz was not restored: the index in it is damaged." in line
    assert "--replace" not in line  # which would delete the index that is there
