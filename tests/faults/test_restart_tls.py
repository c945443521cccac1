"""A server with a certificate of its own stops: readers over wss get what those over ws get."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from websockets.asyncio.client import ClientConnection, connect

from tests.support.commands import Served, served
from tests.support.scripted_openai import HANG, ScriptedOpenAI, Step
from tests.support.talking import receive, text_of, until_end

ZMP = "What is the zero moment point?"
HALF = "Half an answer. "


@pytest.fixture
def trusting(example_copy: Path) -> ssl.SSLContext:
    """What trusts the certificate of the server that is started in this folder."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(example_copy.parent / "key.pem")
    issued.cert_chain_pems[0].write_to_path(example_copy.parent / "cert.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@asynccontextmanager
async def reader(server: Served, trusting: ssl.SSLContext) -> AsyncIterator[ClientConnection]:
    """A reader over wss, past the welcome."""
    port = urlsplit(server.url).port
    async with connect(f"wss://localhost:{port}/ws/chat", ssl=trusting) as socket:
        await receive(socket)
        yield socket


@pytest.mark.parametrize("is_too_long", [False, True])
async def test_at_sigterm_an_answer_over_tls_ends_as_over_a_plain_line(
    alone: Path, trusting: ssl.SSLContext, is_too_long: bool
) -> None:
    keys = 'certfile = "cert.pem"\nkeyfile = "key.pem"\n'
    grace = "graceful_timeout = 0.3\n" if is_too_long else ""
    (alone / "hypercorn.toml").write_text(keys + grace)
    goes_on = asyncio.Event()
    script: list[Step] = [HALF, HANG] if is_too_long else [HALF, goes_on, "The rest?"]
    async with ScriptedOpenAI(script) as endpoint:
        variables = {"SCHOLIAST_MODEL": "scripted", "OPENAI_BASE_URL": endpoint.base_url}
        with served(alone, **variables) as server:
            port = urlsplit(server.url).port
            _, silent = await asyncio.open_connection("localhost", port)  # never begins its TLS
            async with reader(server, trusting) as idle, reader(server, trusting) as asking:
                await asking.send(json.dumps({"type": "question", "data": {"question": ZMP}}))
                messages = [await receive(asking), await receive(asking)]
                stopping = asyncio.create_task(asyncio.to_thread(server.end))
                await idle.wait_closed()
                goes_on.set()
                messages += await until_end(asking)
                await asking.wait_closed()
                code, said = await stopping
            silent.transport.abort()
    assert (idle.close_code, asking.close_code, code) == (1012, 1012, 0)
    end = messages[-1]["data"]
    if is_too_long:
        assert (end["code"], end["retryable"]) == ("SERVICE_UNAVAILABLE", True)
        assert "failed: " in said
    else:
        assert (end["status"], text_of(messages)) == ("completed", HALF + "The rest?")
    assert "Traceback" not in said
