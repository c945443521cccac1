"""The record that names the current version of an index is damaged, or removed: no version is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chains.embeddings.provider import open_embeddings
from chains.errors import SettingError, StoreError
from chains.index.beacon import beacon, find_server
from chains.index.records import list_chunks
from chains.index.store import open_store
from ingestion.folder.kept_pages import KeptPages
from ingestion.last_run import read_last_run
from quart_app.answers.session_tokens import load_secret
from quart_app.authors.token import load_token
from tests.conftest import settings_of
from tests.support.folders import copy_folder


def held(data: Path) -> object:
    settings = settings_of(data)
    with open_store(settings, open_embeddings(settings)) as store:
        return list_chunks(store)


@pytest.mark.parametrize("damaged", [b"", b"../../etc\n", b"\xff\0\xfe", b"0123456789abcdef\n"])
def test_a_damaged_record_costs_no_index_and_is_named_with_its_fix(
    example_folder: Path, tmp_path: Path, damaged: bytes
) -> None:
    data = tmp_path / "data"
    copy_folder(example_folder, data)
    before = held(data)
    [record] = data.rglob("current")
    name = record.read_text("ascii").strip()
    record.write_bytes(damaged)
    for _ in range(2):
        with pytest.raises(StoreError, match=f"write that name into it. There is {name}."):
            held(data)
    record.write_text(name, "ascii")
    assert held(data) == before


def test_a_record_that_was_removed_costs_no_index_and_is_written_again(
    example_folder: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    copy_folder(example_folder, data)
    before = held(data)
    [record] = data.rglob("current")
    name = record.read_text("ascii").strip()
    older, unfinished = (record.with_name(digit * 16) for digit in "01")
    copy_folder(record.with_name(name), older)
    (older / "finished").write_text("1\n", "ascii")
    copy_folder(record.with_name(name), unfinished)
    (unfinished / "finished").unlink()
    record.unlink()
    assert held(data) == before
    assert record.read_text("ascii").strip() == name
    assert not unfinished.exists()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", ["index/current", "index/.lock", "server.lock"])
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such pipes")
def test_a_pipe_in_the_place_of_a_file_is_named_and_not_waited_for(
    example_copy: Path, name: str
) -> None:
    (example_copy / name).unlink(missing_ok=True)
    os.mkfifo(example_copy / name)
    if name == "server.lock":
        assert find_server(example_copy) is None
        with beacon(example_copy, "http://localhost/"):
            assert find_server(example_copy) is None
        return
    for _ in range(2):
        with pytest.raises(StoreError, match=f"{Path(name).name} is no regular file; remove it"):
            held(example_copy)


@pytest.mark.timeout(30)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such pipes")
def test_nor_is_one_in_the_place_of_what_can_be_missing(tmp_path: Path) -> None:
    for name in ("session.secret", "ingest.token", "ingestion.json", "pages.kept", "server.json"):
        os.mkfifo(tmp_path / name)
    with pytest.raises(SettingError, match=r"session\.secret is no regular file; remove it"):
        load_secret(tmp_path)
    assert load_token(tmp_path) != load_token(tmp_path)
    assert read_last_run(tmp_path) is None
    assert KeptPages(tmp_path).known == {}
    with beacon(tmp_path, "http://localhost/"):
        assert find_server(tmp_path) is not None
