from __future__ import annotations

import socket
from pathlib import Path

import pytest
from qdrant_client import models

from chains.errors import ServiceUnavailable, SettingError, StoreError
from chains.index.bm25 import Bm25
from chains.index.edge.edge_client import EdgeClient
from chains.index.store import (
    CHUNK_VECTOR,
    COLLECTION,
    SENTENCES_VECTOR,
    WORDS_VECTOR,
    open_store,
    reaching_index,
)
from chains.language.languages import LANGUAGES
from chains.settings import Settings
from tests.support.fake_embeddings import FakeEmbeddings


def settings_for(data: Path, **given: object) -> Settings:
    """Defaults but for what is given, whatever the environment says."""
    return Settings.model_construct(data=data, **given)  # type: ignore[arg-type]


def test_without_a_book_the_error_says_to_ingest_and_nothing_is_left_behind(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    with (
        pytest.raises(StoreError, match=r"no book in .*data.*run `scholiast ingest PATH` first"),
        open_store(settings, FakeEmbeddings()),
    ):
        pass
    assert not settings.data.exists()


def test_a_folder_whose_book_is_gone_has_no_book(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with open_store(settings, FakeEmbeddings(), create=True) as store:
        store.client.delete_collection(COLLECTION)
    with pytest.raises(StoreError, match="no book"), open_store(settings, FakeEmbeddings()):
        pass


def test_what_is_put_into_a_created_store_is_found_when_it_is_opened(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with open_store(settings, FakeEmbeddings(), create=True) as store:
        store.add_texts(["The robot walks.", "A battery stores energy."])
    with open_store(settings, FakeEmbeddings(), create=True) as store:
        found = store.similarity_search("walking robots", k=1)
    assert [document.page_content for document in found] == ["The robot walks."]


def test_the_collection_has_the_three_vectors_of_a_book(tmp_path: Path) -> None:
    with open_store(settings_for(tmp_path), FakeEmbeddings(size=5), create=True) as store:
        params = store.client.get_collection(COLLECTION).config.params
    assert isinstance(params.vectors, dict)
    assert {name: vector.size for name, vector in params.vectors.items()} == {
        CHUNK_VECTOR: 5,
        SENTENCES_VECTOR: 5,
    }
    assert params.vectors[SENTENCES_VECTOR].multivector_config
    assert params.sparse_vectors == {
        WORDS_VECTOR: models.SparseVectorParams(modifier=models.Modifier.IDF)
    }


def test_a_store_is_opened_once_at_a_time(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with (
        open_store(settings, FakeEmbeddings(), create=True),
        pytest.raises(StoreError, match="in use"),
        open_store(settings, FakeEmbeddings()),
    ):
        pass
    with open_store(settings, FakeEmbeddings()):
        pass


def test_an_ingestion_opens_a_damaged_index_and_leaves_it_alone(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with open_store(settings, FakeEmbeddings(), create=True) as store:
        store.add_texts(["old"])
    for path in tmp_path.rglob("segment.json"):
        path.write_text("{")
    with (
        pytest.raises(StoreError, match="--replace"),
        open_store(settings, FakeEmbeddings(), create=True),
    ):
        pass
    with open_store(settings, FakeEmbeddings(), unseen=True) as store:
        assert store.client.collection_exists(COLLECTION)


def test_a_collection_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    client = EdgeClient(tmp_path / "index")
    cosine = models.VectorParams(size=3, distance=models.Distance.COSINE)
    client.create_collection(COLLECTION, {"other": cosine})
    client.close()
    with (
        pytest.raises(StoreError, match="not one of Scholiast's"),
        open_store(settings_for(tmp_path), FakeEmbeddings(), create=True),
    ):
        pass


def test_a_server_that_is_not_there_is_an_unavailable_service(tmp_path: Path) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # and never listens
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        with (
            pytest.raises(ServiceUnavailable, match="The index did not answer") as refused,
            open_store(settings_for(tmp_path, qdrant_url=url), FakeEmbeddings()),
        ):
            pass
    assert "\n" not in str(refused.value)


def test_what_the_chain_calls_between_is_reported_alike() -> None:
    from qdrant_client.http.exceptions import ResponseHandlingException

    with pytest.raises(ServiceUnavailable, match="timed out"), reaching_index():
        raise ResponseHandlingException(TimeoutError("timed out"))


def test_an_unknown_language_names_the_known_ones(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, language="klingon")
    with (
        pytest.raises(SettingError, match=r"SCHOLIAST_LANGUAGE: 'klingon'.*auto.*english, esp"),
        open_store(settings, FakeEmbeddings(), create=True),
    ):
        pass


@pytest.mark.parametrize("language", ["auto", *LANGUAGES])
def test_every_language_that_is_offered_can_be_used(language: str) -> None:
    assert Bm25(language).embed_query("qwertz").indices


def test_bm25_knows_words_by_their_stem_and_not_their_number_in_a_question() -> None:
    words = Bm25()
    question = words.embed_query("Which robots are walking, walking?")
    document = words.embed_documents(["The robot walks and walks. A robot walked."])[0]
    assert set(question.indices) == set(document.indices)
    assert set(question.values) == {1.0}
    assert len(set(document.values)) == 2


def test_a_question_of_stop_words_has_no_words() -> None:
    assert Bm25().embed_query("what is this of the").indices == []


@pytest.mark.parametrize(
    ("language", "question", "text"),
    [
        ("chinese", "什么是数组？", "数组把相同类型的元素存放在连续的内存中。"),
        ("japanese", "配列とは何ですか？", "配列は同じ型の要素を格納します。"),
        ("thai", "อาร์เรย์คืออะไร", "อาร์เรย์เก็บสมาชิกชนิดเดียวกัน"),
        ("korean", "배열이란 무엇인가요?", "배열은 원소를 저장합니다."),
        ("hindi", "सरणी क्या है?", "सरणियाँ तत्व रखती हैं।"),
        ("english", "什么是数组？", "In Chinese an array is 数组。"),
    ],
)
def test_a_question_finds_its_words_in_any_script(language: str, question: str, text: str) -> None:
    words = Bm25(language)
    [found] = words.embed_documents([text])
    assert set(words.embed_query(question).indices) & set(found.indices)


def test_common_words_of_a_language_are_no_words_of_a_question() -> None:
    for language, question in {
        "azerbaijani": "və",
        "thai": "คืออะไร",
        "chinese": "这是什么？",
    }.items():
        assert Bm25(language).embed_query(question).indices == []
