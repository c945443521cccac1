"""EdgeClient against qdrant-client's own local mode: the same calls, the same answers."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from qdrant_client import QdrantClient, models

from chains.errors import StoreError
from chains.index.edge.edge_client import EdgeClient
from chains.index.store import COLLECTION, create_collection

pytestmark = pytest.mark.filterwarnings(
    # The oracle scans everything, so an index of the payload is nothing to it.
    "ignore:Payload indexes have no effect:UserWarning"
)
SIZE = 8
RRF = models.RrfQuery(rrf=models.Rrf(k=2))


def uid(number: int) -> str:
    return str(UUID(int=number))


def vector(rng: random.Random) -> list[float]:
    return [rng.gauss(0, 1) for _ in range(SIZE)]


def words(rng: random.Random) -> models.SparseVector:
    indices = sorted(rng.sample(range(30), 6))
    return models.SparseVector(indices=indices, values=[rng.uniform(0.5, 2) for _ in indices])


def chunk(number: int, seed: int = 0) -> models.PointStruct:
    rng = random.Random(number * 1000 + seed)
    return models.PointStruct(
        id=uid(number),
        vector={
            "chunk": vector(rng),
            "sentences": [vector(rng) for _ in range(1 + number % 3)],
            "words": words(rng),
        },
        payload={
            "page_content": f"Chunk {number}, čeština 🤖",
            "metadata": {
                "kind": "chunk",
                "file": f"{number % 4}.md",
                "section": ["A", f"B{number}"],
                "start": number * 10,
                "lead": None,
                "sentences": [[0, 5, "Chunk", None]],
            },
        },
    )


def dense(point: models.PointStruct) -> Any:
    assert isinstance(point.vector, dict)
    return point.vector["chunk"]


def page(number: int) -> models.PointStruct:
    payload = {"page_content": "text", "metadata": {"kind": "file", "file": f"{number}.md"}}
    return models.PointStruct(id=uid(9000 + number), vector={}, payload=payload)


def matches(field: str, *values: str) -> models.FieldCondition:
    return models.FieldCondition(key=f"metadata.{field}", match=models.MatchAny(any=list(values)))


class Pair(NamedTuple):
    """Two clients with the same points."""

    edge: EdgeClient
    oracle: QdrantClient
    path: Path

    @property
    def clients(self) -> tuple[EdgeClient, QdrantClient]:
        return self.edge, self.oracle

    def same(self, call: str, *args: Any, **kwargs: Any) -> Any:
        """Call both; the answers are equal, numbers to single precision."""
        mine = getattr(self.edge, call)(COLLECTION, *args, **kwargs)
        theirs = getattr(self.oracle, call)(COLLECTION, *args, **kwargs)
        assert plain(mine) == approximately(plain(theirs))
        return mine


def plain(answer: Any) -> Any:
    """An answer as lists and dicts; without what the oracle does not count: versions."""
    if isinstance(answer, models.ScoredPoint):
        answer = answer.model_copy(update={"version": 0})
    if isinstance(answer, models.UpdateResult):
        return answer.status
    if isinstance(answer, tuple | list):
        return [plain(one) for one in answer]
    if hasattr(answer, "points"):
        return [plain(one) for one in answer.points]
    return answer.model_dump() if hasattr(answer, "model_dump") else answer


def approximately(answer: Any) -> Any:
    """Floats compare to single precision, at any depth."""
    if isinstance(answer, float):
        return pytest.approx(answer, rel=1e-5, abs=1e-6)
    if isinstance(answer, list):
        return [approximately(one) for one in answer]
    if isinstance(answer, dict):
        return {name: approximately(one) for name, one in answer.items()}
    return answer


def open_pair(path: Path) -> Iterator[Pair]:
    pair = Pair(EdgeClient(path), QdrantClient(":memory:"), path)
    for client in pair.clients:
        create_collection(client, SIZE)
        client.upsert(COLLECTION, [chunk(n) for n in range(40)] + [page(n) for n in range(4)])
    yield pair
    for client in pair.clients:
        client.close()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """For tests that only read."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Payload indexes have no effect")
        yield from open_pair(tmp_path_factory.mktemp("pair"))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Pair]:
    """For tests that write."""
    yield from open_pair(tmp_path)


FILTERS = [
    None,
    models.Filter(must=[matches("file", "1.md")]),
    models.Filter(must=[matches("kind", "chunk")], must_not=[matches("file", "0.md", "2.md")]),
    models.Filter(should=[matches("file", "3.md"), matches("section", "B8")]),
    models.Filter(must=models.FieldCondition(key="metadata.start", range=models.Range(gt=90))),
    models.Filter(must=[models.HasIdCondition(has_id=[uid(3), uid(5), uid(77)])]),
    models.Filter(must=[models.Filter(should=[matches("file", "1.md"), matches("kind", "file")])]),
    models.Filter(
        must_not=[
            models.FieldCondition(
                key="metadata.file", match=models.MatchExcept(**{"except": ["1.md"]})
            )
        ]
    ),
    models.Filter(must=[models.HasVectorCondition(has_vector="chunk")]),
    models.Filter(must=[models.IsEmptyCondition(is_empty=models.PayloadField(key="metadata.end"))]),
    models.Filter(must=[models.IsNullCondition(is_null=models.PayloadField(key="metadata.lead"))]),
    models.Filter(
        must=[models.FieldCondition(key="metadata.file", match=models.MatchValue(value="2.md"))]
    ),
]


@pytest.mark.parametrize("condition", FILTERS)
def test_filters_choose_the_same_points(pair: Pair, condition: models.Filter | None) -> None:
    pair.same("count", condition)
    pair.same("scroll", condition, limit=100)
    pair.same("query_points", vector(random.Random(1)), using="chunk", query_filter=condition)


def test_dense_search_finds_the_same_points_with_the_same_scores(pair: Pair) -> None:
    query = vector(random.Random(2))
    found = pair.same("query_points", query, using="chunk", limit=7)
    assert len(found.points) == 7
    pair.same("query_points", query, using="chunk", limit=5, offset=3)
    pair.same("query_points", query, using="chunk", limit=40, score_threshold=0.2)
    pair.same("query_points", models.NearestQuery(nearest=query), using="chunk", limit=3)


def test_sparse_search_weighs_words_by_how_rare_they_are(pair: Pair) -> None:
    pair.same("query_points", words(random.Random(3)), using="words", limit=12)


def test_search_with_no_known_word_finds_nothing(pair: Pair) -> None:
    nothing = models.SparseVector(indices=[], values=[])
    assert pair.edge.query_points(COLLECTION, nothing, using="words").points == []
    unknown = models.SparseVector(indices=[4711], values=[1.0])
    assert pair.same("query_points", unknown, using="words").points == []


def test_sentence_vectors_can_be_searched_by_their_best(pair: Pair) -> None:
    query = [vector(random.Random(4)), vector(random.Random(5))]
    pair.same("query_points", query, using="sentences", limit=6)


def hybrid(seed: int, condition: models.Filter | None = None) -> dict[str, Any]:
    rng = random.Random(seed)
    searches = [
        models.Prefetch(query=vector(rng), using="chunk", limit=15, filter=condition),
        models.Prefetch(query=words(rng), using="words", limit=15, filter=condition),
    ]
    return {"prefetch": searches, "limit": 15}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "fusion",
    [
        RRF,
        models.RrfQuery(rrf=models.Rrf(k=60)),
        models.FusionQuery(fusion=models.Fusion.RRF),
        models.FusionQuery(fusion=models.Fusion.DBSF),
    ],
)
def test_hybrid_search_fuses_alike(pair: Pair, fusion: models.Query, seed: int) -> None:
    pair.same("query_points", query=fusion, **hybrid(seed), with_vectors=["chunk"])
    pair.same("query_points", query=fusion, **hybrid(seed, FILTERS[2]))


def test_a_second_search_ranks_what_the_first_found(pair: Pair) -> None:
    rng = random.Random(6)
    first = models.Prefetch(query=words(rng), using="words", limit=9)
    pair.same("query_points", vector(rng), using="chunk", prefetch=first, limit=5)


def test_points_come_back_by_id_with_what_was_asked_for(pair: Pair) -> None:
    ids = [uid(7), uid(3), uid(9001), uid(404)]
    records = pair.same("retrieve", ids, with_vectors=True)
    assert [record.id for record in records] == ids[:3]
    pair.same("retrieve", ids, with_payload=False, with_vectors=["sentences"])
    pair.same("retrieve", ids, with_payload=["metadata"])
    pair.same("retrieve", ids, with_payload=models.PayloadSelectorExclude(exclude=["metadata"]))
    pair.same("retrieve", [uid(7).replace("-", "")], with_payload=["page_content"])


def test_scrolling_gives_every_point_once(pair: Pair) -> None:
    seen, offset = [], None
    while True:
        records, offset = pair.same("scroll", limit=9, offset=offset)
        seen += [record.id for record in records]
        if offset is None:
            break
    assert seen == [uid(n) for n in range(40)] + [uid(9000 + n) for n in range(4)]


def test_a_point_written_again_is_replaced_as_a_whole(fresh: Pair) -> None:
    bare = models.PointStruct(id=uid(4), vector={}, payload={"page_content": "bare"})
    fresh.same("upsert", [chunk(3, seed=1), bare])
    fresh.same("retrieve", [uid(3), uid(4)], with_vectors=True)
    fresh.same("query_points", dense(chunk(3, seed=1)), using="chunk", limit=40)
    assert fresh.same("count").count == 44


@pytest.mark.parametrize(
    "chosen",
    [
        [uid(2), uid(3), uid(404)],
        models.PointIdsList(points=[uid(5)]),
        models.Filter(must=[matches("file", "1.md")]),
        models.FilterSelector(filter=models.Filter(must=[matches("file", "1.md")])),
    ],
)
def test_deleted_points_are_gone(fresh: Pair, chosen: Any) -> None:
    fresh.same("delete", chosen)
    assert fresh.same("count").count < 44
    fresh.same("query_points", vector(random.Random(7)), using="chunk", limit=40)


def test_how_rare_words_are_is_counted_anew_when_the_index_is_opened(fresh: Pair) -> None:
    fresh.same("delete", [uid(2), uid(3)])
    fresh.edge.close()
    reopened = fresh._replace(edge=EdgeClient(fresh.path))
    reopened.same("query_points", words(random.Random(7)), using="words", limit=40)
    reopened.edge.close()


@pytest.mark.parametrize(
    "chosen", [[uid(2), uid(9001)], models.Filter(must=[matches("file", "1.md")])]
)
def test_payloads_change_and_vectors_stay(fresh: Pair, chosen: Any) -> None:
    fresh.same("set_payload", {"page_content": "new", "extra": {"deep": [1, 2.5, None]}}, chosen)
    fresh.same("set_payload", {"start": 1}, chosen, key="metadata")
    fresh.same("scroll", limit=100, with_vectors=True)
    fresh.same("overwrite_payload", {"metadata": {"kind": "chunk"}}, chosen)
    fresh.same("scroll", limit=100, with_vectors=True)


def test_a_batch_applies_its_writes_in_order(fresh: Pair) -> None:
    batch: list[models.UpdateOperation] = [
        models.UpsertOperation(upsert=models.PointsList(points=[chunk(50), chunk(51)])),
        models.DeleteOperation(delete=models.PointIdsList(points=[uid(50), uid(1)])),
        models.SetPayloadOperation(
            set_payload=models.SetPayload(payload={"page_content": "x"}, points=[uid(51)])
        ),
        models.OverwritePayloadOperation(
            overwrite_payload=models.SetPayload(payload={"only": 1}, points=[uid(2)])
        ),
    ]
    fresh.edge.batch_update_points(COLLECTION, batch)
    fresh.oracle.batch_update_points(COLLECTION, batch)
    fresh.same("scroll", limit=100, with_vectors=True)


def test_a_collection_reports_how_it_was_made(pair: Pair) -> None:
    mine, theirs = (client.get_collection(COLLECTION) for client in pair.clients)
    assert mine.points_count == theirs.points_count == 44
    assert mine.config.params.sparse_vectors == theirs.config.params.sparse_vectors
    vectors = mine.config.params.vectors
    assert isinstance(vectors, dict)
    assert isinstance(theirs.config.params.vectors, dict)
    for name, params in theirs.config.params.vectors.items():
        assert (vectors[name].size, vectors[name].distance) == (params.size, params.distance)
        assert vectors[name].multivector_config == params.multivector_config
    assert set(mine.payload_schema) == {"metadata.kind", "metadata.file"}


def test_collections_are_made_and_removed(fresh: Pair) -> None:
    for client in fresh.clients:
        assert client.collection_exists(COLLECTION)
        assert not client.collection_exists("other")
        with pytest.raises(ValueError, match="already exists"):
            create_collection(client, SIZE)
        with pytest.raises(ValueError, match="not found"):
            client.count("other")
        assert client.delete_collection(COLLECTION)
        assert not client.delete_collection(COLLECTION)
        assert not client.collection_exists(COLLECTION)
        create_collection(client, SIZE + 1)
        assert client.count(COLLECTION).count == 0


def test_an_id_that_is_no_uuid_is_refused(fresh: Pair) -> None:
    for client in fresh.clients:
        with pytest.raises(ValueError, match="UUID"):
            client.upsert(COLLECTION, [models.PointStruct(id="one", vector={})])


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.query_points(COLLECTION, [0.0] * SIZE, lookup_from="elsewhere"),
        lambda client: client.query_points(COLLECTION, uid(1), using="chunk"),
        lambda client: client.query_points(COLLECTION, models.SampleQuery(sample="random")),
        lambda client: client.scroll(COLLECTION, order_by="metadata.start"),
        lambda client: client.upsert(COLLECTION, [], update_filter=models.Filter()),
        lambda client: client.count(
            COLLECTION,
            models.Filter(min_should=models.MinShould(conditions=[], min_count=1)),
        ),
        lambda client: client.count(
            COLLECTION,
            models.Filter(
                must=[models.FieldCondition(key="a", match=models.MatchText(text="word"))]
            ),
        ),
        lambda client: client.batch_update_points(
            COLLECTION, [models.ClearPayloadOperation(clear_payload=models.PointIdsList(points=[]))]
        ),
    ],
)
def test_what_has_no_translation_is_refused_and_not_dropped(pair: Pair, call: Any) -> None:
    with pytest.raises(NotImplementedError, match="in the embedded index"):
        call(pair.edge)


def test_a_vector_of_another_size_is_a_store_error(pair: Pair) -> None:
    with pytest.raises(StoreError, match=r"expected dim: 8, got 3.*ingest PATH --replace"):
        pair.edge.query_points(COLLECTION, [1.0, 2.0, 3.0], using="chunk")


def test_searches_run_beside_writes(fresh: Pair) -> None:
    expected = plain(fresh.edge.query_points(COLLECTION, **hybrid(1), query=RRF))

    def search(_: int) -> Any:
        answer = fresh.edge.query_points(
            COLLECTION, **hybrid(1, models.Filter(must_not=[matches("kind", "new")])), query=RRF
        )
        return [point.id for point in answer.points]

    with ThreadPoolExecutor(8) as pool:
        found = pool.map(search, range(200))
        writes = pool.map(lambda n: fresh.edge.upsert(COLLECTION, [page(100 + n)]), range(50))
        assert all(write.status == models.UpdateStatus.COMPLETED for write in writes)
        assert all(ids == [point["id"] for point in expected] for ids in found)
    assert fresh.edge.count(COLLECTION).count == 94
