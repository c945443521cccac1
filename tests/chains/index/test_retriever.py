"""The retriever over real indexes: the example book, and books of a few chunks."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from langchain_qdrant import QdrantVectorStore, RetrievalMode
from langchain_tests.integration_tests import RetrieversIntegrationTests
from qdrant_client.http.exceptions import ResponseHandlingException

from chains.errors import ContextNotFound, ServiceUnavailable
from chains.index import search
from chains.index.bm25 import Bm25
from chains.index.book import BOOK_ID, Book, Chunk, File, Section, Sentence
from chains.index.edge.edge_client import EdgeClient
from chains.index.library import Library
from chains.index.passages import Passage
from chains.index.records import book_point, chunk_point, file_point
from chains.index.retriever import PASSAGES, BookRetriever
from chains.index.store import (
    CHUNK_VECTOR,
    COLLECTION,
    SENTENCES_VECTOR,
    WORDS_VECTOR,
    create_collection,
)
from chains.question import Question, Selection
from tests.support.fake_embeddings import FakeEmbeddings

ZMP = "What is the zero moment point?"
BALANCE = "/book/motion/balance"


class FailingClient(EdgeClient):
    """An index that can be lost: from then on, the calls in `lost` do not get through, and of
    the records in `removed` no sentence can be read."""

    lost: Sequence[str] = ()
    removed: Sequence[str] = ()
    retrieved: Sequence[Sequence[str]] = ()
    """The ids that `retrieve` was asked for together with their chunk vectors, call by call."""
    on_search: Callable[[], object] = staticmethod(lambda: None)
    after_search: Callable[[], object] | None = None
    """What somebody else does to it after the next search."""

    def query_points(self, *args: Any, **kwargs: Any) -> Any:
        self._check("query_points")
        self.on_search()
        found = super().query_points(*args, **kwargs)
        then, self.after_search = self.after_search, None
        if then is not None:
            then()
        return found

    def retrieve(self, *args: Any, **kwargs: Any) -> Any:
        self._check("retrieve")
        records = super().retrieve(*args, **kwargs)
        if kwargs.get("with_vectors") == [CHUNK_VECTOR]:
            self.retrieved = [*self.retrieved, list(args[1])]
        if kwargs.get("with_vectors") != [SENTENCES_VECTOR]:
            return records
        return [record for record in records if str(record.id) not in self.removed]

    def _check(self, call: str) -> None:
        if call in self.lost:
            raise ResponseHandlingException(TimeoutError("timed out"))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FailingClient]:
    client = FailingClient(tmp_path / "index")
    create_collection(client, 16)
    yield client
    client.close()


def chunk(content: str, file: str = "a.md", section: str = "Gait") -> Chunk:
    sentences = (Sentence(0, len(content), content),)
    return Chunk(file, ("Walking", section), 0, 0, len(content), content, sentences)


def write_book(
    client: EdgeClient, *chunks: Chunk, unlisted: Sequence[str] = (), version: str = "v1"
) -> BookRetriever:
    """A retriever over a book of these chunks, whose files are listed unless `unlisted`."""
    store = QdrantVectorStore(
        cast("Any", client),
        COLLECTION,
        FakeEmbeddings(),
        RetrievalMode.HYBRID,
        CHUNK_VECTOR,
        sparse_embedding=Bm25(),
        sparse_vector_name=WORDS_VECTOR,
    )
    texts = [c.embedded_text for c in chunks]
    vectors = FakeEmbeddings().embed_chunks(texts, [[(0, len(text))] for text in texts])
    points = [chunk_point(store, c, v) for c, v in zip(chunks, vectors, strict=True)]
    for name in sorted({c.file for c in chunks} - set(unlisted)):
        paths = dict.fromkeys(c.section for c in chunks if c.file == name)
        sections = tuple(Section(path, 0, path[-1].lower(), 0, 9) for path in paths)
        points.append(file_point(File(name, "Walking", name.removesuffix(".md"), sections), ""))
    points.append(book_point(Book("Robots", "/robots", "/book/", "fake", 16, version)))
    client.upsert(COLLECTION, points)
    return BookRetriever(library=Library(store))


def find(
    retriever: BookRetriever, text: str, *selections: Selection, page: str = ""
) -> list[Passage]:
    return cast("list[Passage]", retriever.invoke(text, question=Question(text, selections, page)))


@pytest.fixture
def retriever(library: Library) -> BookRetriever:
    return BookRetriever(library=library)


@pytest.mark.parametrize("count", [3, 40, 200])
def test_equal_chunks_come_in_the_same_order_whichever_was_written_first(
    client: FailingClient, tmp_path: Path, count: int
) -> None:
    chunks = [chunk("A gait is a rhythm.", f"{number}.md") for number in range(count)]
    other = EdgeClient(tmp_path / "other")
    create_collection(other, 16)
    try:
        found = [
            [passage.id for passage in find(write_book(where, *given), "What is a gait?")]
            for where, given in ((client, chunks), (other, chunks[::-1]))
        ]
    finally:
        other.close()
    assert found[0] == found[1]
    assert len(found[0]) == min(count, PASSAGES)


class TestRetriever(RetrieversIntegrationTests):
    retriever_constructor = BookRetriever
    retriever_query_example = ZMP

    @pytest.fixture(autouse=True)
    def _open(self, library: Library) -> None:
        self._library = library

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"library": self._library}

    @pytest.mark.xfail(reason="How many sources an answer has is not for a caller to say.")
    def test_k_constructor_param(self) -> None:
        super().test_k_constructor_param()

    @pytest.mark.xfail(reason="How many sources an answer has is not for a caller to say.")
    def test_invoke_with_k_kwarg(self, retriever: Any) -> None:
        super().test_invoke_with_k_kwarg(retriever)


def test_the_section_that_answers_comes_first_of_a_few(retriever: BookRetriever) -> None:
    found = find(retriever, ZMP)
    assert found[0].source(1).url == f"{BALANCE}#zmp"
    assert found[0].source(1).quote in {s.text for s in found[0].chunk.sentences}
    assert len(found) == len({passage.id for passage in found}) == PASSAGES
    scores = [passage.metadata["score"] for passage in found]
    assert scores == sorted(scores, reverse=True)
    assert not any(passage.selected for passage in found)


async def test_a_thread_and_the_event_loop_get_the_same(retriever: BookRetriever) -> None:
    named = find(retriever, ZMP)[3]
    question = Question(ZMP, (Selection(chunk_id=named.id), Selection("gravity")), BALANCE)
    waited = retriever.invoke(ZMP, question=question)
    awaited = await retriever.ainvoke(ZMP, question=question)
    assert [(p.id, p.metadata) for p in waited] == [(p.id, p.metadata) for p in awaited]


@pytest.mark.parametrize(
    "place",
    [{"page": BALANCE, "anchor": "capture-point"}, {"page": BALANCE}, {}, {"page": "/elsewhere"}],
    ids=["page and anchor", "page", "text only", "another page"],
)
def test_a_selection_is_what_this_means(retriever: BookRetriever, place: dict[str, str]) -> None:
    selected = "The capture point always flees from the center of pressure."
    best, *others = find(retriever, "explain this", Selection(selected, **place))
    assert best.source(1).url == f"{BALANCE}#capture-point"
    assert selected in best.page_content
    assert [best.selected, *(other.selected for other in others)] == [True] + [False] * 5


def test_a_chunk_is_selected_by_its_id_and_its_words_are_searched_for(
    retriever: BookRetriever,
) -> None:
    chunk_id = find(retriever, "How long does a charge last?")[0].id
    best, *others = find(retriever, "explain this", Selection(chunk_id=chunk_id))
    assert (best.id, best.selected) == (chunk_id, True)
    assert any(other.chunk.file == best.chunk.file for other in others)
    assert best.cosine > 0.5


def test_a_chunk_that_is_named_is_read_once_a_question(client: FailingClient) -> None:
    one, other = chunk("A gait repeats itself."), chunk("A step is half a stride.")
    retriever = write_book(client, one, other)
    assert find(retriever, "explain this", Selection(chunk_id=one.id))[0].chunk == one
    assert client.retrieved.count([one.id]) == 1


def test_a_chunk_that_goes_after_it_was_read_is_left_out(client: FailingClient) -> None:
    gone, kept = chunk("A gait repeats itself."), chunk("A step is half a stride.")
    retriever = write_book(client, gone, kept)
    client.after_search = lambda: client.delete(COLLECTION, [gone.id])
    found = find(retriever, "explain this", Selection(chunk_id=gone.id))
    assert [passage.chunk for passage in found] == [kept]


def test_all_selections_come_before_all_that_is_found(retriever: BookRetriever) -> None:
    ids = [passage.id for passage in find(retriever, "batteries and hands")[:5]]
    found = find(retriever, ZMP, *(Selection(chunk_id=chunk_id) for chunk_id in ids))
    assert {passage.id for passage in found[:5]} == set(ids)
    assert len(found) == PASSAGES


@pytest.mark.parametrize("missing", ["00000000-0000-0000-0000-000000000000", BOOK_ID])
async def test_an_id_that_is_of_no_chunk_is_named_in_the_error(
    retriever: BookRetriever, missing: str
) -> None:
    question = Question(ZMP, (Selection(chunk_id=missing),))
    with pytest.raises(ContextNotFound) as raised:
        await retriever.ainvoke(ZMP, question=question)
    assert raised.value.chunk_id == "chunk_" + missing.replace("-", "")


@pytest.mark.parametrize("page", ["worded", "near"])
def test_where_the_searches_disagree_the_page_settles_it(client: EdgeClient, page: str) -> None:
    worded = chunk("gait gait gait wow mmm", "worded.md", "Steps")
    near = chunk("gait tiag agit taig gati itag", "near.md", "Steps")
    retriever = write_book(client, worded, near)
    assert find(retriever, "gait", page=f"/book/{page}")[0].chunk.file == f"{page}.md"


def test_the_page_does_not_outweigh_the_question(retriever: BookRetriever) -> None:
    found = find(retriever, ZMP, page="/book/hardware/sensors")
    assert found[0].source(1).url == f"{BALANCE}#zmp"


@pytest.mark.parametrize("text", ["what is this of the", "?", "🤖", "零力矩点", "\0", "x" * 5000])
def test_a_question_without_a_word_that_counts_still_finds_the_nearest(
    retriever: BookRetriever, text: str
) -> None:
    assert len(find(retriever, text)) == PASSAGES


@pytest.mark.parametrize("page", ["http://[", "", "//", "javascript:alert(1)", "\0"])
def test_a_page_that_is_none_changes_nothing(retriever: BookRetriever, page: str) -> None:
    odd = find(retriever, ZMP, Selection("gravity", page=page), page=page)
    assert odd == find(retriever, ZMP, Selection("gravity"))


def test_a_chunk_without_prose_is_quoted_from_its_beginning(client: EdgeClient) -> None:
    table = "| joint | axes |\n" + "| hip | 3 |\n" * 80
    bare = Chunk("a.md", ("Walking", "Joints"), 0, 0, len(table), table, ())
    source = find(write_book(client, bare), "joints of the hip")[0].source(1)
    assert source.quote == table[: len(source.quote)]
    assert 0 < len(source.quote) <= 300


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        ("```python\nstep = 0.3  # m\n```\n", "step = 0.3  # m"),
        ("| joint | axes |\n|---|---|\n| hip | 3 |\n", "| joint | axes |\n| hip | 3 |"),
    ],
)
def test_a_quote_shows_no_scaffolding(client: EdgeClient, content: str, seen: str) -> None:
    bare = Chunk("a.md", ("Walking", "Joints"), 0, 0, len(content), content, ())
    assert find(write_book(client, bare), "step of a joint")[0].source(1).quote == seen


def test_a_book_without_chunks_has_no_passages(client: EdgeClient) -> None:
    assert find(write_book(client), ZMP) == []


def test_a_chunk_whose_file_is_not_listed_yet_is_left_out(client: EdgeClient) -> None:
    listed, new = chunk("A gait repeats itself."), chunk("A gait is a rhythm.", "new.md")
    retriever = write_book(client, listed, new, unlisted=["new.md"])
    assert [passage.chunk for passage in find(retriever, "gait")] == [listed]
    named = find(retriever, "explain this", Selection(chunk_id=new.id), Selection("a rhythm"))
    assert [passage.chunk for passage in named] == [listed]


def test_a_chunk_that_goes_while_it_is_found_is_left_out(client: FailingClient) -> None:
    kept, gone = chunk("A gait repeats itself."), chunk("A gait is a rhythm.")
    retriever = write_book(client, kept, gone)
    client.removed = [gone.id]
    assert [passage.chunk for passage in find(retriever, "gait")] == [kept]


@pytest.mark.parametrize("call", ["query_points", "retrieve"])
async def test_an_index_that_is_lost_is_an_unavailable_service(
    client: FailingClient, call: str
) -> None:
    retriever = write_book(client, chunk("A gait repeats itself."))
    client.lost = [call]
    with pytest.raises(ServiceUnavailable, match="timed out") as lost:
        await retriever.ainvoke("gait")
    assert lost.value.service == "index"
    with pytest.raises(ServiceUnavailable):
        find(retriever, "gait", Selection(chunk_id=chunk("A gait repeats itself.").id))
    client.lost = []
    assert len(find(retriever, "gait")) == 1


def test_an_ingestion_beside_a_search_does_not_mix_two_versions(client: FailingClient) -> None:
    retriever = write_book(client, chunk("An old gait is a rhythm."))

    def ingest_again() -> None:
        old = [record.id for record in client.scroll(COLLECTION, limit=100)[0]]
        client.delete(COLLECTION, old)
        write_book(client, chunk("A new gait is a cycle."), version="v2")

    client.after_search = ingest_again
    (found,) = find(retriever, "What is a gait?")
    assert found.page_content == "A new gait is a cycle."
    assert found.book.version == "v2"


def test_chunks_are_read_once_as_long_as_the_book_has_this_version(client: FailingClient) -> None:
    retriever = write_book(client, chunk("A gait repeats itself."), chunk("A step is a half."))
    client.retrieved = []  # without what is looked at when an index is opened
    for _ in range(2):
        assert len(find(retriever, "What is a gait?")) == 2
    assert len([ids for ids in client.retrieved if ids]) == 1
    changed = replace(chunk("A gait repeats itself."), start=40, end=62)
    write_book(client, changed, chunk("A step is a half."), version="v2")
    assert {passage.chunk.start for passage in find(retriever, "What is a gait?")} == {0, 40}


def test_so_many_chunks_are_kept_and_no_more(
    client: FailingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "KNOWN", 3)
    retriever = write_book(client, *(chunk(f"A gait of {n} steps.") for n in range(2)))
    write_book(client, *(chunk(f"A robot of {n} legs.", section="Legs") for n in range(2)))
    for question in ("What is a gait?", "What is a leg?"):
        assert len(find(retriever, question)) == 4
        assert len(retriever.library.read) <= 4


async def test_one_core_is_left_to_the_answers_that_stream(client: FailingClient) -> None:
    retriever = write_book(client, chunk("A gait repeats itself."))
    at_work, most = 0, 0

    def note(*_: object) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        time.sleep(0.01)  # others could begin meanwhile
        at_work -= 1

    client.on_search = note
    await asyncio.gather(*(retriever.ainvoke("What is a gait?") for _ in range(8)))
    assert 0 < most <= max(1, (os.cpu_count() or 1) - 1)
