"""Copies of an index that another process owns: read beside it, and followed when it changes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from qdrant_client import models

from chains.errors import StoreError
from chains.index.edge import versions
from chains.index.edge.edge_client import EdgeClient
from chains.index.edge.following import following_folder
from chains.index.edge.following.following_folder import FollowingFolder
from chains.index.edge.shards import load_copy
from chains.index.store import COLLECTION, create_collection


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pulls the plug here."""
    monkeypatch.setattr(versions, "_sync", lambda _: None)


def fill(client: EdgeClient, count: int) -> None:
    """Make the next version, with so many points."""
    with client.rewriting(empty=True, added=1000) as fresh:
        create_collection(fresh, 3)
        points = [models.PointStruct(id=n, vector={"chunk": [1.0, n, 0.0]}) for n in range(count)]
        operation = models.UpsertOperation(upsert=models.PointsList(points=points))
        fresh.batch_update_points(COLLECTION, [operation])


def test_several_read_beside_the_owner_and_follow_it_to_the_next_version(tmp_path: Path) -> None:
    owner = EdgeClient(tmp_path)
    fill(owner, 3)
    first, second = (EdgeClient(tmp_path, FollowingFolder) for _ in range(2))
    assert [one.count(COLLECTION).count for one in (owner, first, second)] == [3, 3, 3]
    fill(owner, 5)
    assert [one.count(COLLECTION).count for one in (owner, first, second)] == [5, 5, 5]
    found = first.query_points(COLLECTION, [1.0, 0.0, 0.0], using="chunk", limit=1).points
    assert [point.id for point in found] == [0]
    for one in (owner, first, second):
        one.close()


def test_a_copy_can_be_read_without_the_owner_and_never_written(tmp_path: Path) -> None:
    owner = EdgeClient(tmp_path)
    fill(owner, 3)
    follower = EdgeClient(tmp_path, FollowingFolder)
    owner.close()
    assert follower.count(COLLECTION).count == 3
    with pytest.raises(StoreError, match="read-only"):
        follower.delete(COLLECTION, [1])
    EdgeClient(tmp_path).close()  # nobody has it open
    follower.close()
    with pytest.raises(RuntimeError, match="is closed"):
        follower.count(COLLECTION)


def test_while_one_thread_copies_the_next_version_others_do_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = EdgeClient(tmp_path)
    fill(owner, 3)
    follower = EdgeClient(tmp_path, FollowingFolder)
    fill(owner, 5)
    copying, goes_on = threading.Event(), threading.Event()

    def slow(shard: str) -> object:
        copying.set()
        assert goes_on.wait(30)
        return load_copy(shard)

    monkeypatch.setattr(following_folder, "load_copy", slow)
    one = threading.Thread(target=follower.count, args=(COLLECTION,))
    one.start()
    assert copying.wait(30)
    assert follower.count(COLLECTION).count == 3
    goes_on.set()
    one.join()
    assert follower.count(COLLECTION).count == 5
    follower.close()
    owner.close()


def test_a_version_that_is_removed_while_it_is_copied_is_left_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = EdgeClient(tmp_path)
    fill(owner, 3)
    before = versions.current_version(tmp_path)
    fill(owner, 5)
    said = [before]  # what was read a moment before the owner replaced it
    monkeypatch.setattr(
        following_folder,
        "current_version",
        lambda home: said.pop() if said else versions.current_version(home),
    )
    follower = EdgeClient(tmp_path, FollowingFolder)
    assert follower.count(COLLECTION).count == 5
    follower.close()
    owner.close()
