"""The record that names the current version of an index is damaged, or removed: no version is."""

from __future__ import annotations

from pathlib import Path

import pytest

from chains.embeddings.provider import open_embeddings
from chains.errors import StoreError
from chains.index.records import list_chunks
from chains.index.store import open_store
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
