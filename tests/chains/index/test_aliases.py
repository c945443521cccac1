"""The next collection of a Qdrant server, built beside the current one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from qdrant_client import QdrantClient, models

from chains.index.aliases import rewriting
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


def held(client: QdrantClient) -> dict[str, object]:
    records, _ = client.scroll(COLLECTION, with_vectors=True)
    return {str(one.id): (one.payload, one.vector) for one in records}


def test_the_alias_is_given_over_when_the_new_collection_is_whole(client: QdrantClient) -> None:
    first = held(client)
    for id, empty, ids in ((TWO, False, {ONE, TWO}), (THREE, True, {THREE})):
        before = held(client)
        with rewriting(client, 2, empty=empty) as name:
            write(client, name, id)
            assert held(client) == before
        assert held(client).keys() == ids
        assert {one.name for one in client.get_collections().collections} == {name}
        if not empty:
            assert held(client)[ONE] == first[ONE]


def test_what_fails_or_is_killed_leaves_the_current_one_and_is_cleared_away(
    client: QdrantClient,
) -> None:
    with rewriting(client, 2, empty=False) as current:
        pass
    before = held(client)
    with pytest.raises(KeyboardInterrupt), rewriting(client, 2, empty=True):
        raise KeyboardInterrupt
    create_collection(client, 2, f"{COLLECTION}-{'0' * 16}")  # of a process that was killed
    create_collection(client, 2, f"{COLLECTION}-of-mine")
    assert held(client) == before
    with rewriting(client, 2, empty=False) as name:
        pass
    assert held(client) == before
    names = {one.name for one in client.get_collections().collections}
    assert names == {name, f"{COLLECTION}-of-mine"}
    assert current != name
