"""The disk is full where something else than the index is written: it is named, and the rest
stands."""

from __future__ import annotations

import asyncio
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

import chains.index.edge.archive
import chains.index.edge.disk
import chains.index.edge.folder
import ingestion.indexer
from chains.errors import StoreError
from chains.events import Basis, PromptVersion
from chains.index.beacon import find_server
from chains.index.edge.disk import ROOM_TO_OPEN
from chains.index.edge.edge_client import EdgeClient
from chains.index.records import read_book
from chains.index.store import open_store
from chains.prompts.checks import load_checked
from chains.prompts.prompt_file import FOLDER
from chains.prompts.purposes import purpose_of
from ingestion.writing import write_changes
from quart_app.commands.authoring.backup import GZIP
from quart_app.evaluation.comparing.answered import Answered
from quart_app.evaluation.comparing.kept_answers import KeptAnswers
from quart_app.evaluation.journal import Journal
from quart_app.evaluation.outcomes import Outcome
from quart_app.evaluation.rows import Row
from tests.conftest import EXAMPLE_BOOK, settings_of
from tests.faults.test_disk import disk, fill
from tests.support.commands import ROOT, refused, run, served, started_on
from tests.support.fake_embeddings import FakeEmbeddings
from tests.support.talking import ask, client, receive

__all__ = ["disk"]
ZMP = "What is the zero moment point?"


async def test_a_server_starts_and_answers_though_nothing_can_be_written(disk: Path) -> None:
    for name in ("session.secret", "ingest.token"):
        (disk / "data" / name).unlink(missing_ok=True)
    fill(disk)
    with served(disk.parent, SCHOLIAST_DATA=str(disk / "data")) as server:
        async with client(server.url) as socket:
            await receive(socket)
            assert (await ask(socket, ZMP))[-1]["data"]["status"] == "completed"
        code, said = server.end()
    said = "\n".join((*server.lines, said))
    assert code == 0
    assert "session.secret cannot be made (No space left on device)" in said
    assert "server.json cannot be written (No space left on device): commands do not find" in said
    assert "Traceback" not in said
    assert not (disk / "data" / "server.json").exists()


def test_a_backup_that_finds_no_room_leaves_the_one_before(disk: Path) -> None:
    kept = disk / "backup.tgz"
    kept.write_bytes(GZIP + b"the one before")
    fill(disk, left=100_000)
    line = refused(1, "backup", str(kept))
    takes = re.search(
        rf"The disk of {kept} has 0\.1 MB free, and the file takes ([\d.]+) MB; make room", line
    )
    assert kept.read_bytes() == GZIP + b"the one before"
    assert not (disk / "backup.tgz.new").exists()
    assert takes
    elsewhere = disk.parent / "backup.tgz"
    assert run("backup", str(elsewhere)).exit_code == 0
    assert f"{elsewhere.stat().st_size / 1e6:.1f}" == takes[1]


def test_a_restore_that_finds_no_room_says_so_and_keeps_the_index(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = disk.parent / "backup.tgz"
    assert run("backup", str(backup)).exit_code == 0
    monkeypatch.setattr(chains.index.edge.archive, "check_room", lambda *_: None)
    fill(disk, left=1_000_000)
    line = refused(1, "restore", str(backup))
    assert "is full" in line
    assert "no backup" not in line
    (disk / "full").unlink()
    assert run("status").exit_code == 0


def test_a_restore_is_refused_with_both_figures_by_what_comes_out_of_the_backup(
    disk: Path,
) -> None:
    backup = disk.parent / "backup.tgz"
    with tarfile.open(backup, "w:gz", compresslevel=1) as archive:
        for name, byte in (("texts", b"x"), ("holes", b"\0")):
            member = tarfile.TarInfo(f"book/segments/{name}")
            member.size = 30_000_000
            archive.addfile(member, io.BytesIO(byte * member.size))
    assert backup.stat().st_size < 1_000_000
    line = refused(1, "restore", str(backup))
    free = shutil.disk_usage(disk).free / 1e6
    assert f"has {free:.1f} MB free, and to write the index takes 68.4 MB" in line


def test_half_a_copy_for_an_ingestion_beside_is_removed(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chains.index.edge.folder, "check_room", lambda *_: None)
    monkeypatch.setattr(chains.index.edge.disk, "room_to_open", lambda _: 0)
    with closing(EdgeClient(disk / "data" / "index")) as edge:
        there = sorted((disk / "data" / "index").iterdir())
        fill(disk, left=500_000)
        with pytest.raises(StoreError, match="is full"):
            edge.stage()
        assert sorted((disk / "data" / "index").iterdir()) == there


def test_an_ingestion_counts_though_its_record_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ingestion.indexer, "open_embeddings", lambda _: FakeEmbeddings(size=384))
    data = tmp_path / "data"
    (data / "ingestion.json.new").mkdir(parents=True)
    assert ingestion.indexer.ingest(EXAMPLE_BOOK, settings_of(data)).has_written
    assert "ingestion.json cannot be written (Is a directory)" in caplog.text
    with open_store(settings_of(data), FakeEmbeddings(size=384)) as store:
        assert read_book(store).files


def test_an_ingestion_counts_though_no_room_is_left_for_its_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def write_all_but_more(*arguments: Any) -> None:
        write_changes(*arguments)
        monkeypatch.setattr(chains.index.edge.disk, "free_bytes", lambda _: ROOM_TO_OPEN - 1)

    monkeypatch.setattr(ingestion.indexer, "open_embeddings", lambda _: FakeEmbeddings(size=384))
    monkeypatch.setattr(ingestion.indexer, "write_changes", write_all_but_more)
    data = tmp_path / "data"
    assert ingestion.indexer.ingest(EXAMPLE_BOOK, settings_of(data)).has_written
    (line,) = [one.getMessage() for one in caplog.records if one.name == "scholiast.ingestion"]
    assert "the book is in the index, without the questions" in line
    assert "is full" in line
    assert "as it was" not in line
    assert (data / "ingestion.json").exists()


@pytest.mark.usefixtures("example_data")
def test_a_report_that_cannot_be_written_costs_no_score(alone: Path) -> None:
    (alone / "set.jsonl").write_text(json.dumps({"id": "1", "query": ZMP, "refuse": False}) + "\n")
    (alone / "report.html.new").mkdir()
    result = run("eval", "set.jsonl", "--report", "report.html")
    assert result.exit_code == 1
    assert "rows" in result.stdout
    assert result.stderr.splitlines()[-1] == "scholiast: report.html: Is a directory"


@pytest.mark.parametrize(
    ("command", "kept"),
    [("eval set.jsonl", "evaluations"), ("prompts compare answer brief --set set.jsonl", "compar")],
)
def test_answers_that_find_no_room_end_a_measurement_with_one_line(
    disk: Path, command: str, kept: str
) -> None:
    Path("set.jsonl").write_text(json.dumps({"id": "1", "query": ZMP, "answer": "A point"}) + "\n")
    for folder in ("evaluations", "comparisons"):
        (disk / "data" / folder).mkdir(exist_ok=True)
    fill(disk)
    line = refused(1, *command.split())
    assert re.search(rf"{kept}\S+\.jsonl: No space left on device; make room and run", line)


def test_a_line_that_the_disk_cut_off_spoils_no_later_run(tmp_path: Path) -> None:
    basis = Basis(PromptVersion("p", "1"), "m", "v")
    journal = Journal(tmp_path, [], basis)
    journal._file.write_bytes(b'{"id": "cut')
    assert Journal(tmp_path, [], basis).kept == {}
    assert journal._file.read_bytes() == b""


def test_nor_does_one_of_answers_that_cost_money(tmp_path: Path) -> None:
    prompt, _ = load_checked(FOLDER / "answer.md", purpose_of("answer"))
    first, second = (Row(id=name, query=name) for name in "ab")
    answered = Answered(Outcome("a", "own", ZMP))
    kept = KeptAnswers(tmp_path, prompt, "m", "v")
    kept.keep(first, answered)
    with kept._file.open("ab") as file:
        file.write(b'["cut')
    KeptAnswers(tmp_path, prompt, "m", "v").keep(second, answered)
    later = KeptAnswers(tmp_path, prompt, "m", "v")
    assert later.get(first) == later.get(second) == answered


@contextmanager
def served_without_a_log(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server whose log is on a full disk, and its address."""
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            [sys.executable, "-m", "quart_app", "serve", "--port", "0"],
            stdout=full,
            stderr=full,
            cwd=folder,
            env={"PYTHONPATH": str(ROOT)},
        )
    try:
        while (server := find_server(folder / ".scholiast")) is None:
            assert process.poll() is None
        yield process, server.url
    finally:
        process.kill()


async def test_a_log_that_cannot_be_written_stops_no_server(example_copy: Path) -> None:
    with served_without_a_log(example_copy.parent) as (process, url):
        async with client(url) as socket:
            await receive(socket)
            assert (await ask(socket, ZMP))[-1]["data"]["status"] == "completed"
        process.terminate()
        code = await asyncio.to_thread(process.wait, 60)
    assert code in (0, 120)  # 120 is Python's own, where it cannot flush at its end


@pytest.mark.parametrize(
    "arguments", [("status",), ("doctor",), ("prompts", "check"), ("--help",), ("ask", ZMP)]
)
def test_a_command_whose_output_finds_no_room_says_so_in_one_line(
    example_copy: Path, arguments: tuple[str, ...]
) -> None:
    with (
        Path("/dev/full").open("w") as full,
        started_on(full.fileno(), example_copy.parent, *arguments) as process,
    ):
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said == "scholiast: No space left on device; make room and run this again.\n"
