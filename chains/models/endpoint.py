"""A model behind an OpenAI-compatible endpoint, spoken to through langchain-openai."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
from pydantic import SecretStr

from chains.errors import SettingError
from chains.models.bounded_bodies import PLAIN, bound_body
from chains.models.completions import Completions, OpenAICompletions
from chains.models.model import Timeouts
from chains.models.transport import transport
from chains.models.wire.raw_streams import RawCompletions
from chains.tls_handshakes import close_when_cancelled

OPENAI = "https://api.openai.com/v1"
NO_KEY = "none"
"""Sent to servers such as Ollama, llama.cpp and vLLM, which want a key and do not check it."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Never reached through the proxy that the environment may name."""
KEEP_ALIVE = 30.0
"""Seconds for which an idle connection is kept."""
LIMITS = httpx2.Limits(
    max_connections=None, max_keepalive_connections=20, keepalive_expiry=KEEP_ALIVE
)
"""There are as many connections as answers at work, which the server bounds. With a bound here,
too, answers beyond it would fail instead of waiting in line. Few are kept, since the pool looks at
each of them for each question."""


@asynccontextmanager
async def open_endpoint(
    name: str, base_url: str | None, key: str | None, timeouts: Timeouts
) -> AsyncIterator[Completions]:
    """Open the model `name`, with one connection pool that is closed after use.

    Without `base_url` it is OpenAI's, which takes a key. It streams, reports its usage, and
    speaks Chat Completions, which every such server knows. Tokens are counted by the endpoint, so
    no encoding of tiktoken is downloaded.
    """
    if base_url is None and key is None:
        raise SettingError(
            f"SCHOLIAST_MODEL={name} needs OPENAI_API_KEY, or OPENAI_BASE_URL for a server of "
            "your own; SCHOLIAST_MODEL=quotes needs neither"
        )
    base_url = base_url or OPENAI
    # This warning prints what a malformed event holds. `generation.py` reports such events.
    warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
    options = _options(base_url, timeouts)
    hooks: dict[str, list[Any]] = {"request": [close_when_cancelled], "response": [bound_body]}
    with DefaultHttpxClient(**options) as client:
        async_options = options | {"event_hooks": hooks, "transport": _transport(options)}
        async with DefaultAsyncHttpxClient(**async_options) as async_client:
            chosen = OpenAICompletions if base_url.rstrip("/") == OPENAI else Completions
            chat = chosen(
                model=name,
                base_url=base_url,
                api_key=SecretStr(key or NO_KEY),
                openai_proxy=None,
                use_responses_api=False,
                streaming=True,
                stream_usage=True,
                timeout=options["timeout"],
                stream_chunk_timeout=None,  # see `chains.models.generation`, also for retries
                max_retries=0,
                http_client=client,
                http_async_client=async_client,
            )
            chat.async_client = RawCompletions(chat.async_client)
            yield chat


def _of_connections(timeouts: Timeouts) -> httpx2.Timeout:
    """What ends a connection that is stuck; `chains.models.generation` ends an answer before."""
    return httpx2.Timeout(
        connect=timeouts.connect,
        read=max(timeouts.first, timeouts.between),
        write=timeouts.first,
        pool=timeouts.connect,
    )


def _transport(options: dict[str, Any]) -> httpx2.AsyncBaseTransport | None:
    return transport(trust_env=options["trust_env"], keep_alive=KEEP_ALIVE)


def _options(base_url: str, timeouts: Timeouts) -> dict[str, Any]:
    """Of an HTTP client for the endpoint."""
    return {
        "timeout": _of_connections(timeouts),
        "limits": LIMITS,
        "trust_env": urlsplit(base_url).hostname not in LOOPBACK,
        "follow_redirects": False,  # questions go where the settings say, and nowhere else
        "headers": PLAIN,
    }
