"""An endpoint of embeddings that sends what no vector is: it costs a question, and no memory."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import aclosing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr
from typing_extensions import override

from chains.embeddings import bounded_clients
from chains.embeddings.base import BookEmbeddings
from chains.embeddings.minilm import MiniLM
from chains.embeddings.provider import open_embeddings
from chains.errors import ServiceUnavailable
from chains.settings import Settings
from quart_app import tutors
from quart_app.serve import serving
from quart_app.settings import WebSettings

PART = b" " * 100_000
MOST = 2_000_000
"""Bytes that an answer may have in these tests."""
VECTOR = json.dumps(
    {"object": "list", "model": "m", "data": [{"index": 0, "embedding": [0.5] * 8}], "usage": None}
).encode()


class Endpoint(ThreadingHTTPServer):
    """Answers each request by its model's name, and counts what it could send."""

    block_on_close = False
    sent = 0
    elsewhere = 0
    """Requests that were sent on."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    """Ends each connection with its answer, as HTTP/1.0 has it."""

    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/elsewhere":
            self.server.elsewhere += 1
            self.answer(200, VECTOR)
            return
        match json.loads(body)["model"]:
            case "endless":
                with suppress(OSError):
                    self.send_for_ever()
            case "packed":
                self.answer(200, gzip.compress(VECTOR), "Content-Encoding", "gzip")
            case "elsewhere":
                self.answer(307, b"", "Location", "/elsewhere")
            case _:
                self.answer(200, VECTOR)

    def answer(self, status: int, body: bytes, *header: str) -> None:
        self.send_response(status)
        if header:
            self.send_header(*header)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_for_ever(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        while self.server.sent < 20 * MOST:
            self.wfile.write(PART)
            self.server.sent += len(PART)

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def embeddings_at(server: Endpoint, model: str) -> BookEmbeddings:
    return open_embeddings(
        Settings.model_construct(
            embeddings=f"openai:{model}",
            openai_base_url=server.url,
            openai_api_key=SecretStr("sk-secret"),
        )
    )


@pytest.mark.parametrize("model", ["endless", "packed", "elsewhere"])
async def test_what_is_no_vector_is_given_up_before_it_fills_memory_and_texts_stay_here(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_clients, "LARGEST_OF_BOOK", MOST)
    with endpoint() as server:
        embeddings = embeddings_at(server, model)
        with pytest.raises(ServiceUnavailable) as failed:
            embeddings.embed_query("A secret question.")
        with pytest.raises(ServiceUnavailable):
            await embeddings.aembed_query("A secret question.")
        assert "check its address and key" in failed.value.reason
        assert "secret" not in failed.value.reason
        assert server.sent < 20 * MOST
        assert server.elsewhere == 0


async def test_a_vector_comes_through() -> None:
    with endpoint() as server:
        embeddings = embeddings_at(server, "whole")
        assert embeddings.embed_query("A question.") == [0.5] * 8
        assert await embeddings.aembed_query("A question.") == [0.5] * 8


async def test_connections_to_the_endpoint_are_closed_with_the_server(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    class Closing(MiniLM):
        @override
        async def aclose(self) -> None:
            closed.append("by the server")

    monkeypatch.setattr(tutors, "open_embeddings", lambda one: Closing(one.embedding_path))
    async with serving(example):
        assert closed == []
    assert closed == ["by the server"]
    with endpoint() as server:
        async with aclosing(embeddings_at(server, "whole")) as embeddings:
            await embeddings.aembed_query("A question.")
        with pytest.raises(RuntimeError, match="closed"):
            await embeddings.aembed_query("Another one.")
