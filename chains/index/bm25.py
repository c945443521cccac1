"""BM25 as LangChain's Qdrant store wants it: the words of a text as a sparse vector."""

from __future__ import annotations

import qdrant_edge as edge
from langchain_qdrant.sparse_embeddings import SparseEmbeddings, SparseVector

from chains.errors import SettingError

LANGUAGES = sorted(name.lower() for name in dir(edge.Language) if name[0].isupper())


class Bm25(SparseEmbeddings):
    """Stems and weighs the words of a text (Robertson and Zaragoza, 2009; k = 1.2, b = 0.75).

    How rare a word is in the book, the index knows itself: its vector has the IDF modifier.
    `language` is what a Book remembers. Raises SettingError for one without known stop words.
    """

    def __init__(self, language: str = "english") -> None:
        if language not in LANGUAGES:
            raise SettingError(
                f"SCHOLIAST_LANGUAGE: {language!r} is not known; use one of {', '.join(LANGUAGES)}."
            )
        self.language = language
        self._model = edge.Bm25(edge.Bm25Config(language=language))

    def embed_documents(self, texts: list[str]) -> list[SparseVector]:
        """The words of the texts, weighted by how often they occur."""
        return [_sparse(self._model.embed_document(text)) for text in texts]

    def embed_query(self, text: str) -> SparseVector:
        """The words of a question, each of weight 1; empty where all are stop words."""
        return _sparse(self._model.embed_query(text))


def _sparse(vector: edge.SparseVector) -> SparseVector:
    return SparseVector(indices=vector.indices, values=vector.values)
