"""BM25 as LangChain's Qdrant store wants it: the words of a text as a sparse vector."""

from __future__ import annotations

import qdrant_edge as edge
from langchain_qdrant.sparse_embeddings import SparseEmbeddings, SparseVector

from chains.errors import SettingError
from chains.language.languages import ENGLISH, LANGUAGES, stop_words
from chains.language.terms import all_terms
from chains.language.tokenization import is_uncut, plain, words_of

AUTO = "auto"
"""The language that the book was found to be in when it was ingested."""
_OF_THE_ENGINE = {name.lower() for name in dir(edge.Language) if name[0].isupper()}


class Bm25(SparseEmbeddings):
    """Stems and weighs the words of a text (Robertson and Zaragoza, 2009; k = 1.2, b = 0.75).

    How rare a word is in the book, the index knows itself: its vector has the IDF modifier.
    `asked` is the language that the settings name, `language` the one that a Book remembers.
    Where AUTO is asked for, `settle` says which one that is. Raises SettingError for a language
    that is not known.
    """

    def __init__(self, asked: str = ENGLISH) -> None:
        if asked != AUTO and asked not in LANGUAGES:
            known = ", ".join((AUTO, *LANGUAGES))
            raise SettingError(f"SCHOLIAST_LANGUAGE: {asked!r} is not known; use one of {known}.")
        self.asked = asked
        self.settle(ENGLISH if asked == AUTO else asked)

    def settle(self, language: str) -> None:
        """Count words in this language from now on."""
        self.language = language
        # The engine knows common words of some languages that stopwords-iso lacks.
        self._is_ours = language != ENGLISH and (
            bool(stop_words(language)) or language not in _OF_THE_ENGINE
        )
        self._model = edge.Bm25(
            edge.Bm25Config(
                tokenizer=edge.TokenizerType.Whitespace,
                stopwords=edge.StopwordsSet(custom=set()),
                stemmer=edge.DisabledStemmer(),
            )
            if self._is_ours
            else edge.Bm25Config(language=language)
        )

    def embed_documents(self, texts: list[str]) -> list[SparseVector]:
        """The words of the texts, weighted by how often they occur."""
        return [_sparse(self._model.embed_document(self._apart(text))) for text in texts]

    def embed_query(self, text: str) -> SparseVector:
        """The words of a question, each of weight 1; empty where all are stop words."""
        return _sparse(self._model.embed_query(self._apart(text)))

    def _apart(self, text: str) -> str:
        """The text with blanks between its words."""
        if self._is_ours:
            return " ".join(all_terms(text, self.language))
        return " ".join(words_of(text)) if is_uncut(text) else plain(text)


def _sparse(vector: edge.SparseVector) -> SparseVector:
    return SparseVector(indices=vector.indices, values=vector.values)
