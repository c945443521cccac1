"""Embeddings behind an endpoint: any provider that LangChain's `init_embeddings` knows."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from unicodedata import normalize

from langchain_core.embeddings import Embeddings
from typing_extensions import override

from chains.embeddings.base import BookEmbeddings, ChunkVectors, Spans
from chains.errors import ServiceUnavailable, SettingError, first_line
from chains.settings import Settings

TIMEOUT = 20.0
"""Seconds for one request, of which there is one a question."""
CHUNKS_A_REQUEST = 16
LIKE = "such as openai:text-embedding-3-small"
_PACKAGE = re.compile(r"pip install (?:-U )?([\w-]+)")


def open_remote_embeddings(settings: Settings) -> RemoteEmbeddings:
    """The model that SCHOLIAST_EMBEDDINGS names as ``provider:model``. Asks it nothing yet.

    Raises SettingError for an unknown provider and a missing package or key.
    """
    if ":" not in settings.embeddings:
        raise SettingError(
            f"SCHOLIAST_EMBEDDINGS: {settings.embeddings!r} is neither minilm nor provider:model, "
            f"{LIKE}."
        )
    from langchain.embeddings import init_embeddings

    options = _openai_options(settings) if settings.embeddings.startswith("openai:") else {}
    try:
        embeddings = init_embeddings(settings.embeddings, **options)
    except (ValueError, ImportError) as error:
        raise SettingError(f"SCHOLIAST_EMBEDDINGS: {_problem(settings, error)}") from error
    return RemoteEmbeddings(settings.embeddings, embeddings, options.get("http_async_client"))


def _problem(settings: Settings, error: Exception) -> str:
    """Why the embeddings cannot be had, and the fix."""
    provider, reason = settings.embeddings.partition(":")[0], first_line(error)
    if "not supported" in reason:
        own = "a server of your own is openai:, with its address in OPENAI_BASE_URL"
        return f"there is no provider {provider!r}; write provider:model, {LIKE}; {own}."
    if package := _PACKAGE.search(reason):
        return f"{provider!r} needs a package; run pip install {package[1]}."
    return f"{settings.embeddings!r} cannot be opened ({reason})."


def _openai_options(settings: Settings) -> dict[str, Any]:
    if settings.openai_api_key is None and settings.openai_base_url is None:
        raise SettingError("SCHOLIAST_EMBEDDINGS: openai needs OPENAI_API_KEY or OPENAI_BASE_URL.")
    from chains.embeddings.bounded_clients import bounded_clients

    return {
        **bounded_clients(),
        # Servers of one's own take any key; the client insists on one.
        "api_key": settings.openai_api_key or "none",
        "base_url": settings.openai_base_url,
        "timeout": TIMEOUT,
        "max_retries": 1,
        # Counting tokens would download a vocabulary, and other servers take no token numbers.
        "check_embedding_ctx_length": False,
    }


class Connections(Protocol):
    """Of a client of HTTP."""

    async def aclose(self) -> None:
        """Close them."""


class RemoteEmbeddings(BookEmbeddings):
    """Any LangChain Embeddings under a name. Raises ServiceUnavailable where they fail."""

    is_remote = True

    def __init__(
        self, name: str, embeddings: Embeddings, connections: Connections | None = None
    ) -> None:
        """`connections` are what `embeddings` have open, closed with them."""
        self.name = name
        self._connections = connections
        self._embeddings = embeddings
        self._errors = _errors(embeddings)
        self._size: int | None = None

    @property
    def size(self) -> int:
        """The length of the vectors; the first time, a request."""
        if self._size is None:
            self._size = len(self.embed_query("How long is a vector?"))
        return self._size

    def embed_query(self, text: str) -> list[float]:
        """The vector of a text."""
        with self._reported():
            return self._embeddings.embed_query(normalize("NFC", text))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of the texts."""
        with self._reported():
            return self._embeddings.embed_documents([normalize("NFC", one) for one in texts])

    async def aembed_query(self, text: str) -> list[float]:
        """The vector of a text."""
        with self._reported():
            return await self._embeddings.aembed_query(normalize("NFC", text))

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of the texts."""
        with self._reported():
            return await self._embeddings.aembed_documents([normalize("NFC", one) for one in texts])

    def embed_chunks(self, texts: Sequence[str], spans: Sequence[Spans]) -> Generator[ChunkVectors]:
        """The vectors of each chunk and of its sentences, embedded as documents."""
        pairs = list(zip(texts, spans, strict=True))
        for first in range(0, len(pairs), CHUNKS_A_REQUEST):
            yield from self._embed(pairs[first : first + CHUNKS_A_REQUEST])

    def _embed(self, pairs: list[tuple[str, Spans]]) -> Generator[ChunkVectors]:
        texts = [
            part
            for text, spans in pairs
            for part in (text, *(text[start:end] for start, end in spans))
        ]
        vectors = iter(self.embed_documents(texts))
        for _, spans in pairs:
            yield ChunkVectors(next(vectors), [next(vectors) for _ in spans])

    @override
    async def aclose(self) -> None:
        """Close the connections to the endpoint."""
        if self._connections is not None:
            await self._connections.aclose()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            # What an endpoint says may repeat the key.
            reason = f"{type(error).__name__} from {self.name}; check its address and key"
            raise ServiceUnavailable("embeddings", reason) from error


def _errors(embeddings: Embeddings) -> tuple[type[Exception], ...]:
    """What a provider's client may raise when the service fails."""
    if type(embeddings).__module__.startswith("langchain_openai"):
        from httpx2 import HTTPError
        from openai import OpenAIError

        return (OpenAIError, HTTPError, OSError, ValueError)  # an answer may be no JSON
    return (OSError, RuntimeError, ValueError)
