"""The disk with the folder for temporary files is full, where copies of an index are read."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from qdrant_client import models

from chains.errors import StoreError
from chains.index.edge import folder, versions
from chains.index.edge.edge_client import EdgeClient
from chains.index.edge.following import following_folder
from chains.index.edge.following.following_folder import FollowingFolder
from chains.index.store import COLLECTION
from tests.chains.index.test_edge_folder import fill as write_points
from tests.chains.index.test_following_folder import fill as write_version
from tests.faults.test_disk import fill, mount


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small file system that is the only folder for temporary files."""
    monkeypatch.setattr(versions, "_sync", lambda _: None)
    folder = tmp_path / "temporary"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder))
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: [str(folder)])
    monkeypatch.setattr("tempfile.tempdir", None)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[EdgeClient]:
    """The one that has an index with three points open."""
    with closing(EdgeClient(tmp_path / "index")) as client:
        write_points(client, 3)
        yield client


def test_a_version_that_cannot_be_copied_leaves_the_one_before_until_it_can(
    temporary: Path,
    owner: EdgeClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with closing(EdgeClient(tmp_path / "index", FollowingFolder)) as follower:
        write_version(owner, 5)
        fill(temporary)
        assert [follower.count(COLLECTION).count for _ in range(3)] == [3, 3, 3]
        (line,) = [one.getMessage() for one in caplog.records if one.name == "scholiast.index"]
        assert "answers are from the one before" in line
        assert f"The disk of {temporary} is full (0.0 MB free" in line
        (temporary / "full").unlink()
        monkeypatch.setattr(following_folder, "PAUSE", 0.0)
        assert follower.count(COLLECTION).count == 5


@pytest.mark.usefixtures("owner")
def test_a_copy_that_leaves_the_engine_no_room_is_not_opened(
    temporary: Path, tmp_path: Path
) -> None:
    EdgeClient(tmp_path / "index", FollowingFolder).close()
    fill(temporary, left=4_000_000)
    with pytest.raises(StoreError, match=f"The disk of {temporary} is full .[0-3]"):
        EdgeClient(tmp_path / "index", FollowingFolder)
    assert [path.name for path in temporary.iterdir()] == ["full"]


@pytest.mark.usefixtures("owner")
def test_where_no_folder_for_temporary_files_has_room_they_are_named(
    temporary: Path, tmp_path: Path
) -> None:
    fill(temporary)
    with pytest.raises(StoreError, match="make room in one of these folders") as refusal:
        EdgeClient(tmp_path / "index", FollowingFolder)
    assert str(temporary) in str(refusal.value)
    assert "damaged" not in str(refusal.value)


@pytest.mark.usefixtures("temporary")
def test_what_was_opened_as_a_copy_for_want_of_room_takes_no_writes(
    owner: EdgeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.close()
    point = models.PointStruct(id=9, vector={"chunk": [1.0, 0.0, 0.0]})
    with closing(EdgeClient(tmp_path / "index")) as client:
        with monkeypatch.context() as full:
            full.setattr(folder, "has_room_to_open", lambda *_: False)
            assert client.count(COLLECTION).count == 3  # of a copy
        with pytest.raises(StoreError, match="no room when it was opened; run this again"):
            client.upsert(COLLECTION, [point])  # now there is room
    with closing(EdgeClient(tmp_path / "index")) as client:
        assert client.count(COLLECTION).count == 3
        client.upsert(COLLECTION, [point])
    with closing(EdgeClient(tmp_path / "index")) as client:
        assert client.count(COLLECTION).count == 4
