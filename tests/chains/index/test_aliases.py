"""The next collection of a Qdrant server, built beside the current one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from qdrant_client import QdrantClient, models

from chains.errors import StoreError
from chains.index.aliases import STALE, current_collection, rewriting
from chains.index.store import COLLECTION, create_collection

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")
ONE, TWO, THREE = (f"00000000-0000-0000-0000-00000000000{number}" for number in (1, 2, 3))


@pytest.fixture
def client() -> Iterator[QdrantClient]:
    """With an index as an older release made it."""
    client = QdrantClient(":memory:")
    create_collection(client, 2)
    write(client, COLLECTION, ONE)
    yield client
    client.close()


def write(client: QdrantClient, name: str, id: str) -> None:
    vector = {
        "chunk": [0.0, 1.0],
        "sentences": [[1.0, 0.0], [0.0, 1.0]],
        "words": models.SparseVector(indices=[1], values=[2.0]),
    }
    client.upsert(name, [models.PointStruct(id=id, vector=vector, payload={"id": id})])


def building(client: QdrantClient, *, empty: bool) -> AbstractContextManager[str]:
    return rewriting(client, 2, empty=empty, current=current_collection(client))


def held(client: QdrantClient) -> dict[str, object]:
    records, _ = client.scroll(COLLECTION, with_vectors=True)
    return {str(one.id): (one.payload, one.vector) for one in records}


def test_the_alias_is_given_over_when_the_new_collection_is_whole(client: QdrantClient) -> None:
    first = held(client)
    for id, empty, ids in ((TWO, False, {ONE, TWO}), (THREE, True, {THREE})):
        before = held(client)
        with building(client, empty=empty) as name:
            write(client, name, id)
            assert held(client) == before
        assert held(client).keys() == ids
        assert {one.name for one in client.get_collections().collections} == {name}
        if not empty:
            assert held(client)[ONE] == first[ONE]


def test_what_fails_or_is_killed_leaves_the_current_one_and_is_cleared_away(
    client: QdrantClient,
) -> None:
    with building(client, empty=False) as current:
        pass
    before = held(client)
    with pytest.raises(KeyboardInterrupt), building(client, empty=True):
        raise KeyboardInterrupt
    create_collection(client, 2, f"{COLLECTION}-{'0' * 16}")  # of a process that was killed
    create_collection(client, 2, f"{COLLECTION}-of-mine")
    assert held(client) == before
    with building(client, empty=False) as name:
        pass
    assert held(client) == before
    names = {one.name for one in client.get_collections().collections}
    assert names == {name, f"{COLLECTION}-of-mine"}
    assert current != name


def test_of_two_at_the_same_time_the_last_is_refused_and_neither_harms_the_other(
    client: QdrantClient,
) -> None:
    slow = building(client, empty=False)
    write(client, slow.__enter__(), THREE)
    with building(client, empty=False) as quick:
        write(client, quick, TWO)
    with pytest.raises(StoreError, match="Another ingestion has written this index"):
        slow.__exit__(None, None, None)
    assert held(client).keys() == {ONE, TWO}
    assert {one.name for one in client.get_collections().collections} == {quick}
    compared_before_that = rewriting(client, 2, empty=False, current=None)
    with pytest.raises(StoreError, match="run this one again"), compared_before_that:
        pass
    assert held(client).keys() == {ONE, TWO}


def test_what_is_built_for_hours_was_left_behind(client: QdrantClient) -> None:
    recent, old = (
        f"{COLLECTION}-{int(time.time()) - age:08x}{'0' * 8}" for age in (STALE // 2, STALE * 2)
    )
    for name in (recent, old):
        create_collection(client, 2, name)
    with building(client, empty=False) as name:
        pass
    assert {one.name for one in client.get_collections().collections} == {name, recent}
