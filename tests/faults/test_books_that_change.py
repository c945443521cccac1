"""A book that is edited at random, with ingestions between, some of them killed.

The embedded index must always hold what a fresh `QdrantClient(":memory:")` holds that was given the
book once: the same records, the same chunks, the same vectors.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from langchain_qdrant import QdrantVectorStore, RetrievalMode
from qdrant_client import QdrantClient

import ingestion.folder.book_folder
from chains.index.bm25 import Bm25
from chains.index.records import list_chunks, read_book
from chains.index.store import COLLECTION, create_collection, open_store
from ingestion.changes import find_changes
from ingestion.folder.book_folder import read_book_folder
from ingestion.indexer import embed_missing
from ingestion.options import Published
from ingestion.writing import write_changes
from tests.conftest import settings_of
from tests.faults.test_ingestion import Runner, state
from tests.support.fake_embeddings import FakeEmbeddings

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")
NAMES = st.sampled_from([f"{name}.md" for name in ("a", "b", "c", "parts/d", "parts/e")])
TEXTS = st.sampled_from(
    [
        "# Motors\n\nA motor turns.\n",
        "# Motors\n\nA motor turns.\n\n## Gears\n\nA gear has teeth.\n",
        "# Motors\n\nNew above.\n\nA motor turns.\n\n## Gears\n\nA gear has teeth.\n",
        "---\nslug: brakes\n---\n\n# Brakes\n\nA brake stops it.\n",
        "---\ndraft: true\n---\n\n# Draft\n",
    ]
)


class Here:
    """Reads pages in this process: a worker of its own for each book would take a second."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def call(self, seconds: float, *arguments: Any) -> Any:
        return self.function(*arguments)


class Books(RuleBasedStateMachine):
    """A folder, its index, and an index that is made anew for each comparison."""

    runner: Runner

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.root, self.data = self.folder / "book", self.folder / "data"
        self.root.mkdir()
        (self.root / "index.md").write_text("# Robots\n\nA robot moves.\n")

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(name=NAMES, text=TEXTS)
    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    @rule(old=NAMES, new=NAMES)
    def rename(self, old: str, new: str) -> None:
        if (self.root / old).exists():
            (self.root / new).parent.mkdir(exist_ok=True)
            (self.root / old).replace(self.root / new)

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    @precondition(lambda self: self.data.exists())
    @rule(step=st.integers(1, 40), replace=st.booleans())
    def interrupt(self, step: int, replace: bool) -> None:
        before = state(self.data)
        ended = self.runner.ingest(self.root, self.data, replace=replace, last=step)
        if ended == 9:  # killed there; it may have been past its last step
            assert state(self.data) in (before, self.made_anew())

    @rule(replace=st.booleans())
    def ingest(self, replace: bool) -> None:
        assert self.runner.ingest(self.root, self.data, replace=replace) > 9
        assert self.held() == self.oracle()

    def made_anew(self) -> Any:
        """What an ingestion into an empty folder makes."""
        data = self.folder / "anew"
        shutil.rmtree(data, ignore_errors=True)
        self.runner.ingest(self.root, data)
        return state(data)

    def held(self) -> Any:
        with open_store(settings_of(self.data), FakeEmbeddings()) as store:
            return everything(store)

    def oracle(self) -> Any:
        embeddings = FakeEmbeddings()
        client = QdrantClient(":memory:")
        create_collection(client, embeddings.size)
        store = QdrantVectorStore(
            client,
            COLLECTION,
            embeddings,
            retrieval_mode=RetrievalMode.HYBRID,
            vector_name="chunk",
            sparse_embedding=Bm25("english"),
            sparse_vector_name="words",
            validate_collection_config=False,
        )
        changes = find_changes(store, read_book_folder(self.root), None, Published("/book/"))
        write_changes(store, changes, embed_missing(store, embeddings, changes))
        try:
            return everything(store)
        finally:
            client.close()


def everything(store: QdrantVectorStore) -> Any:
    """The book and its chunks with their vectors; those of the two clients round differently."""
    chunks = list_chunks(store)
    records = store.client.retrieve(COLLECTION, list(chunks), with_vectors=["chunk", "words"])
    vectors = {str(one.id): rounded(one.vector) for one in records}
    return read_book(store), chunks, vectors


def rounded(vectors: Any) -> Any:
    words = vectors["words"]
    chunk = [round(number, 4) for number in vectors["chunk"]]
    return chunk, dict(zip(words.indices, [round(v, 4) for v in words.values], strict=True))


def test_an_index_is_what_its_book_is_however_it_came_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ingestion.folder.book_folder, "Worker", Here)
    Books.runner = Runner()
    try:
        Books.TestCase.settings = hypothesis_settings(
            max_examples=4, stateful_step_count=10, deadline=None, derandomize=True
        )
        Books.TestCase().runTest()
    finally:
        Books.runner.process.kill()
        Books.runner.process.communicate()
