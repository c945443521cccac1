"""LangChain's standard suite for a vector store: hybrid, over EdgeClient and over its oracle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import pytest
from langchain_core.documents import Document
from langchain_core.vectorstores import VectorStore
from langchain_qdrant import QdrantVectorStore, RetrievalMode
from langchain_tests.integration_tests import VectorStoreIntegrationTests
from qdrant_client import QdrantClient

from chains.index.bm25 import Bm25
from chains.index.edge.edge_client import EdgeClient
from chains.index.store import CHUNK_VECTOR, COLLECTION, WORDS_VECTOR, create_collection


class AnyIds(QdrantVectorStore):
    """The suite's ids are words, and its documents keep theirs; Qdrant's ids are UUIDs."""

    words: dict[str, str] = {}  # noqa: RUF012 (ids mean the same in every store)

    def add_texts(  # type: ignore[override]
        self,
        texts: Iterable[str],
        metadatas: Any = None,
        ids: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> list[str | int]:
        texts = list(texts)
        words = [word or uuid4().hex for word in ids or [None] * len(texts)]
        self.words.update((point_id(word), word) for word in words)
        super().add_texts(texts, metadatas, [point_id(word) for word in words], *args, **kwargs)
        return words

    def delete(self, ids: Any = None, **kwargs: Any) -> bool | None:
        return super().delete([point_id(word) for word in ids], **kwargs)

    def get_by_ids(self, ids: Sequence[Any], /) -> list[Document]:
        return super().get_by_ids([point_id(word) for word in ids])

    @classmethod
    def _document_from_point(cls, *args: Any) -> Document:
        document = super()._document_from_point(*args)
        document.id = cls.words[document.metadata.pop("_id")]
        del document.metadata["_collection_name"]
        return document


def point_id(word: str) -> str:
    return str(uuid5(NAMESPACE_OID, word))


@pytest.mark.filterwarnings(
    # The oracle scans everything, so an index of the payload is nothing to it.
    "ignore:Payload indexes have no effect:UserWarning"
)
class TestHybridStore(VectorStoreIntegrationTests):
    @pytest.fixture(params=["edge", "memory"])
    def vectorstore(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
        client: Any
        client = EdgeClient(tmp_path) if request.param == "edge" else QdrantClient(":memory:")
        embeddings = self.get_embeddings()
        create_collection(client, len(embeddings.embed_query("size")))
        yield AnyIds(
            client=client,
            collection_name=COLLECTION,
            embedding=embeddings,
            retrieval_mode=RetrievalMode.HYBRID,
            vector_name=CHUNK_VECTOR,
            sparse_embedding=Bm25(),
            sparse_vector_name=WORDS_VECTOR,
        )
        client.close()
