from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfile
from threading import Thread
from typing import Any

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests
from pydantic import SecretStr

from chains.embeddings.base import BookEmbeddings, ChunkVectors, Spans
from chains.embeddings.minilm import AHEAD, MiniLM, _package_files
from chains.embeddings.provider import open_embeddings
from chains.embeddings.remote import RemoteEmbeddings
from chains.errors import ServiceUnavailable, SettingError
from chains.settings import Settings
from tests.support.fake_embeddings import FakeEmbeddings

TEXT = (
    "Robots > Basics\n\n"
    "Batteries store energy in lithium cells. A gait is a pattern of steps. The café 🤖 is open."
)
SENTENCES = ["Batteries store energy in lithium cells.", "A gait is a pattern of steps."]


class TestMiniLMUnit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return MiniLM


class TestMiniLM(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return MiniLM


def settings_for(**given: object) -> Settings:
    """Defaults but for what is given, whatever the environment says."""
    return Settings.model_construct(**given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def minilm() -> BookEmbeddings:
    return open_embeddings(settings_for())


def places(text: str, *sentences: str) -> list[tuple[int, int]]:
    return [(text.index(one), text.index(one) + len(one)) for one in sentences]


def nearest(vectors: list[list[float]], query: list[float]) -> int:
    return int(np.argmax(np.asarray(vectors) @ np.asarray(query)))


def test_the_built_in_embeddings_are_minilm(minilm: BookEmbeddings) -> None:
    assert (minilm.name, minilm.size) == ("minilm", 384)
    vector = minilm.embed_query("What is a gait?")
    assert len(vector) == 384
    assert np.linalg.norm(vector) == pytest.approx(1)


def test_meaning_counts_and_not_the_words(minilm: BookEmbeddings) -> None:
    texts = ["A humanoid keeps upright.", "The recipe needs two eggs.", "Shares fell on Monday."]
    vectors = minilm.embed_documents(texts)
    for text, question in enumerate(["balance of a robot", "how to bake", "stock market"]):
        assert nearest(vectors, minilm.embed_query(question)) == text


def test_sentences_are_pooled_from_the_run_of_the_whole_text(minilm: BookEmbeddings) -> None:
    (vectors,) = minilm.embed_chunks([TEXT], [places(TEXT, *SENTENCES)])
    assert vectors.chunk == minilm.embed_query(TEXT)
    assert np.linalg.norm(vectors.sentences, axis=1) == pytest.approx([1, 1])
    for sentence, question in enumerate(["How is energy kept?", "How does it step?"]):
        assert nearest(vectors.sentences, minilm.embed_query(question)) == sentence
    alone = minilm.embed_documents(SENTENCES)
    assert all(
        0.5 < float(np.dot(pooled, own)) < 0.999
        for pooled, own in zip(vectors.sentences, alone, strict=True)
    )


def test_offsets_count_code_points(minilm: BookEmbeddings) -> None:
    wide = "🤖🤖🤖 čaj é. " + TEXT
    (vectors,) = minilm.embed_chunks([wide], [places(wide, *SENTENCES)])
    for sentence, question in enumerate(["How is energy kept?", "How does it step?"]):
        assert nearest(vectors.sentences, minilm.embed_query(question)) == sentence


def test_sentences_past_the_truncation_are_embedded_on_their_own(minilm: BookEmbeddings) -> None:
    long = "The robot walks on two legs. " * 60 + SENTENCES[0]
    (vectors,) = minilm.embed_chunks([long], [places(long, SENTENCES[0])])
    assert vectors.sentences == [minilm.embed_query(SENTENCES[0])]
    assert vectors.chunk == minilm.embed_query(long + " And nothing more counts.")


def test_a_span_without_a_token_gets_a_vector_all_the_same(minilm: BookEmbeddings) -> None:
    (vectors,) = minilm.embed_chunks(["a  b"], [[(1, 2), (0, 0)]])
    assert np.linalg.norm(vectors.sentences, axis=1) == pytest.approx([1, 1])


def test_chunks_come_in_order_and_the_first_before_the_last_is_asked_for(
    minilm: BookEmbeddings,
) -> None:
    texts = [f"Robot number {number} has {number} legs." for number in range(40)]
    coming = minilm.embed_chunks(texts, [[] for _ in texts])
    first = next(coming)
    assert first == ChunkVectors(minilm.embed_query(texts[0]), [])
    assert [first, *coming] == [ChunkVectors(minilm.embed_query(text), []) for text in texts]


def test_chunks_wait_until_those_before_them_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    def embed(_self: MiniLM, text: str, _spans: Spans) -> ChunkVectors:
        begun.append(text)
        return ChunkVectors([1.0], [])

    monkeypatch.setattr(MiniLM, "_embed", embed)
    texts = [f"Part {number}." for number in range(10 * AHEAD)]
    made = MiniLM().embed_chunks(texts, [()] * len(texts))
    next(made)
    made.close()
    assert len(begun) <= AHEAD + 1


def test_as_many_spans_as_texts_are_needed(minilm: BookEmbeddings) -> None:
    with pytest.raises(ValueError, match="zip"):
        next(minilm.embed_chunks(["one", "two"], [[]]))


def test_many_threads_get_the_vectors_of_one(minilm: BookEmbeddings) -> None:
    texts = ["short", "a somewhat longer question about robots?", "long " * 200] * 8
    alone = [minilm.embed_query(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(minilm.embed_query, texts)) == alone


def test_an_empty_text_has_a_vector(minilm: BookEmbeddings) -> None:
    assert np.linalg.norm(minilm.embed_query("")) == pytest.approx(1)


def test_weights_are_known_by_their_content_wherever_they_lie(
    tmp_path: Path, minilm: BookEmbeddings
) -> None:
    for path in _package_files():
        copyfile(path, tmp_path / path.name)
    assert open_embeddings(settings_for(embedding_path=tmp_path)).name == "minilm"
    with (tmp_path / "model.onnx").open("ab") as model:
        model.write(b"\x32\x05other")  # ONNX keeps a remark in field 6
    other = open_embeddings(settings_for(embedding_path=tmp_path))
    assert other.name.startswith("onnx-")
    assert other.embed_query("robot") == minilm.embed_query("robot")


def test_a_missing_or_broken_model_names_the_setting(tmp_path: Path) -> None:
    settings = settings_for(embedding_path=tmp_path)
    with pytest.raises(SettingError, match=r"SCHOLIAST_EMBEDDING_PATH: there is no .*model\.onnx"):
        open_embeddings(settings)
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_text("nothing of use")
    with pytest.raises(SettingError, match=r"SCHOLIAST_EMBEDDING_PATH: .* no usable model"):
        open_embeddings(settings)


class Endpoint(BaseHTTPRequestHandler):
    """OpenAI's way of embedding, with `FakeEmbeddings` behind it."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        vectors = FakeEmbeddings().embed_documents(body["input"])
        answer = {
            "object": "list",
            "model": body["model"],
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
            "data": [
                {"object": "embedding", "index": index, "embedding": vector}
                for index, vector in enumerate(vectors)
            ],
        }
        self.send_response(200 if body["model"] == "right" else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def remote(url: str, name: str = "openai:right") -> BookEmbeddings:
    return open_embeddings(
        settings_for(embeddings=name, openai_base_url=url, openai_api_key=SecretStr("key"))
    )


async def test_an_endpoint_embeds_as_its_model_does(endpoint: str) -> None:
    embeddings = remote(endpoint)
    assert (embeddings.name, embeddings.size) == ("openai:right", 16)
    expected = FakeEmbeddings().embed_query("robot")
    assert embeddings.embed_query("robot") == pytest.approx(expected)
    assert await embeddings.aembed_query("robot") == pytest.approx(expected)
    assert await embeddings.aembed_documents(["robot"]) == [pytest.approx(expected)]


def test_an_endpoint_embeds_chunks_with_their_sentences(endpoint: str) -> None:
    texts = [f"{TEXT} {number}" for number in range(40)]
    spans = [places(TEXT, *SENTENCES)[: number % 3] for number in range(40)]
    found = list(remote(endpoint).embed_chunks(texts, spans))
    wanted = list(FakeEmbeddings().embed_chunks(texts, spans))
    assert len(found) == len(wanted)
    for mine, fakes in zip(found, wanted, strict=True):
        assert mine.chunk == pytest.approx(fakes.chunk)
        assert np.asarray(mine.sentences) == pytest.approx(np.asarray(fakes.sentences))


async def test_an_endpoint_that_refuses_is_an_unavailable_service(endpoint: str) -> None:
    embeddings = remote(endpoint, "openai:wrong")
    for call in (embeddings.embed_query, lambda text: embeddings.embed_documents([text])):
        with pytest.raises(ServiceUnavailable, match="The embeddings did not answer") as refused:
            call("robot")
        assert "\n" not in str(refused.value)
    with pytest.raises(ServiceUnavailable):
        await embeddings.aembed_query("robot")


async def test_a_provider_gets_texts_composed() -> None:
    provider = FakeEmbeddings()
    embeddings = RemoteEmbeddings("fake:model", provider)
    apart, composed = "u\u0308ber", provider.embed_query("über")
    assert embeddings.embed_query(apart) == composed != provider.embed_query(apart)
    assert await embeddings.aembed_query(apart) == composed
    assert embeddings.embed_documents([apart]) == [composed]
    assert await embeddings.aembed_documents([apart]) == [composed]


def test_any_failure_that_a_provider_names_is_an_unavailable_service() -> None:
    class Broken(FakeEmbeddings):
        def embed_query(self, text: str) -> list[float]:
            raise ConnectionResetError("the key sk-1")

    with pytest.raises(
        ServiceUnavailable, match="ConnectionResetError from broken:model"
    ) as raised:
        RemoteEmbeddings("broken:model", Broken()).embed_query("robot")
    assert "sk-1" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nobody:model", "there is no provider 'nobody'; write provider:model"),
        ("http://localhost:1/v1", "there is no provider 'http'; .* OPENAI_BASE_URL"),
        ("justaname", "justaname"),
        ("cohere:embed", "'cohere' needs a package; run pip install langchain-cohere"),
        ("openai:text-embedding-3-small", "OPENAI_API_KEY"),
    ],
)
def test_embeddings_that_cannot_be_opened_name_the_setting(name: str, reason: str) -> None:
    with pytest.raises(SettingError, match=f"SCHOLIAST_EMBEDDINGS: .*{reason}") as refused:
        open_embeddings(settings_for(embeddings=name))
    assert "\n" not in str(refused.value)
