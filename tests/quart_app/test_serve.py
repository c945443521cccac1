"""`scholiast serve`: what it says, how it goes, and what it refuses to start with."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import signal
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from httpx2 import AsyncClient
from pydantic import SecretStr
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chains.embeddings.provider import open_embeddings
from chains.index.beacon import find_server
from chains.index.book import BOOK_ID
from chains.index.store import COLLECTION, open_store
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.conftest import settings_of
from tests.support.commands import Served, refused, run, served
from tests.support.scripted_openai import HANG, ScriptedOpenAI, Step
from tests.support.talking import ask, client, receive, text_of

ZMP = "What is the zero moment point?"


def test_it_prints_the_book_the_model_and_last_where_to_look(running: Served) -> None:
    book, model, last = running.lines
    assert book == "Humanoid Robots: A Short Textbook, 10 chapters"
    assert model.startswith("Model quotes: quoted from the book, no language model connected")
    assert last == f"Open {running.url} (Ctrl-C stops)"
    server = find_server(running.folder / ".scholiast")
    assert server is not None
    assert (server.url, server.pid) == (running.url, running.process.pid)


async def test_sigterm_sends_idle_sockets_away_and_lets_an_answer_finish(
    alone: Path, example_data: Path
) -> None:
    goes_on = asyncio.Event()
    script: list[Step] = ["Half an answer. ", goes_on, "The other half."]
    async with ScriptedOpenAI(script) as endpoint, AsyncExitStack() as stack:
        settings = scripted(endpoint, example_data)
        server = stack.enter_context(served(alone, **settings))
        reader = await stack.enter_async_context(client(server.url))
        idle = await stack.enter_async_context(client(server.url))
        await receive(reader), await receive(idle)
        await reader.send(json.dumps({"type": "question", "data": {"question": ZMP}}))
        assert (await receive(reader))["type"] == "response_start"
        assert (await receive(reader))["data"]["content"] == "Half an answer."
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            await receive(idle)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        with pytest.raises(InvalidStatus) as turned_away:
            await client(server.url).__aenter__()
        assert turned_away.value.response.status_code == 503
        assert turned_away.value.response.headers["Retry-After"] == "5"
        async with AsyncClient(base_url=server.url, trust_env=False) as http:
            ready = await http.get("readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "draining")
        goes_on.set()
        rest = [await receive(reader)]
        while rest[-1]["type"] != "response_end":
            rest.append(await receive(reader))
        assert text_of(rest) == " The other half."
        with pytest.raises(ConnectionClosed) as closed:
            await receive(reader)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        code, said = await asyncio.to_thread(server.wait)
    assert code == 0
    assert "Traceback" not in said
    assert not (example_data / "server.json").exists()


async def test_sigint_ends_it_whatever_connections_are_open(
    alone: Path, example_data: Path
) -> None:
    with served(alone, SCHOLIAST_DATA=str(example_data)) as server:
        where = urlsplit(server.url)
        kept, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in await kept.readline()
        _, half_writer = await asyncio.open_connection(where.hostname, where.port)
        half_writer.write(b"GET /healthz HTTP/1.1\r\nHos")
        code, said = await asyncio.to_thread(server.end, signal.SIGINT)
        writer.close()
        half_writer.close()
    assert code == 0
    assert "Traceback" not in said
    assert not (example_data / "server.json").exists()


async def test_a_second_sigint_does_not_wait_for_answers(alone: Path, example_data: Path) -> None:
    async with ScriptedOpenAI(["Half an ", HANG]) as endpoint, AsyncExitStack() as stack:
        settings = scripted(endpoint, example_data)
        server = stack.enter_context(served(alone, **settings))
        reader = await stack.enter_async_context(client(server.url))
        idle = await stack.enter_async_context(client(server.url))
        await receive(reader), await receive(idle)
        await reader.send(json.dumps({"type": "question", "data": {"question": ZMP}}))
        assert (await receive(reader))["type"] == "response_start"
        assert (await receive(reader))["type"] == "response_chunk"
        server.process.send_signal(signal.SIGINT)
        with pytest.raises(ConnectionClosed):
            await receive(idle)
        code, said = await asyncio.to_thread(server.end, signal.SIGINT)
    assert code == 130, said
    assert said.splitlines()[-1] == "scholiast: Stopped."
    assert "Traceback" not in said
    assert not (example_data / "server.json").exists()


async def test_a_client_that_reads_nothing_does_not_keep_the_server(
    alone: Path, example_data: Path
) -> None:
    (alone / "hypercorn.toml").write_text("graceful_timeout = 0.2\n")
    more_than_buffers_hold: list[Step] = ["🦾" * 1000] * 99
    async with ScriptedOpenAI(more_than_buffers_hold) as endpoint:
        settings = scripted(endpoint, example_data)
        with served(alone, **settings) as server:
            async with client(server.url, is_narrow=True) as socket:
                await receive(socket)
                socket.transport.pause_reading()
                await socket.send(json.dumps({"type": "question", "data": {"question": ZMP}}))
                assert server.process.stderr
                assert "completed" in await asyncio.to_thread(server.process.stderr.readline)
                code, said = await asyncio.to_thread(server.end)
                socket.transport.abort()
    assert code == 0
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_reported_and_nothing_is_left_behind(alone: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = refused(2, "serve", "--port", port)
    assert f"Port {port} on localhost" in line
    assert "--port" in line
    assert list(alone.iterdir()) == []


def test_the_port_of_the_same_books_server_is_reported_with_its_address(
    running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(running.folder)
    port = str(urlsplit(running.url).port)
    assert f"runs at {running.url}" in refused(2, "serve", "--port", port)


def test_a_data_folder_that_a_server_has_is_reported_with_its_address(
    running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(running.folder)
    line = refused(1, "serve", "--port", "0")
    assert f"in use by the server at {running.url} (process {running.process.pid})" in line


def test_a_data_folder_that_another_process_has_is_reported(example_data: Path) -> None:
    settings = settings_of(example_data)
    with open_store(settings, open_embeddings(settings)):
        assert "in use by another process" in refused(1, "serve", "--port", "0")


def test_without_a_book_the_command_to_ingest_one_is_named(alone: Path) -> None:
    assert "scholiast ingest PATH" in refused(1, "serve", "--port", "0")
    assert list(alone.iterdir()) == []


def test_an_index_of_another_schema_is_reported(example_copy: Path) -> None:
    settings = settings_of(example_copy)
    with open_store(settings, open_embeddings(settings)) as store:
        store.client.set_payload(COLLECTION, {"schema": 0}, points=[BOOK_ID], key="metadata")
    line = refused(1, "serve", "--port", "0")
    assert "schema 0" in line
    assert "run `scholiast ingest " in line


@pytest.mark.usefixtures("example_data")
def test_an_index_of_other_embeddings_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOLIAST_EMBEDDINGS", "openai:other")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    line = refused(1, "serve", "--port", "0")
    assert "minilm" in line
    assert "openai:other" in line


def test_a_damaged_index_is_reported(example_copy: Path) -> None:
    (config,) = (example_copy / "index").glob(f"*/{COLLECTION}/edge_config.json")
    config.write_text("{")
    assert "damaged" in refused(1, "serve", "--port", "0")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("bind =", "Invalid value"),
        ("binds = 'localhost:8000'", "binds"),
        ("_bind = ['localhost:8000']", "_bind"),
        ("create_sockets = 1", "create_sockets"),
        ("bind = 'localhost'", "bind"),
        ("bind = 'localhost:port'", "bind"),
        ("bind = 'localhost:99999'", "99999"),
        ("bind = 'unix:socket'", "bind"),
        ("bind = ['localhost:1', 'localhost:2']", "bind"),
        ("bind = 'nobody.invalid:8000'", "nobody.invalid"),
        ("bind = 'a..b:8000'", "a..b"),
        ("graceful_timeout = 'long'", "graceful_timeout"),
        ("loglevel = 'loud'", "LOUD"),
        ("websocket_max_message_size = 65536", "websocket_max_message_size is 524288 or more"),
        ("workers = 4", "SCHOLIAST_WORKERS"),
        ("h2_max_concurrent_streams = 10", "h2_max_concurrent_streams"),
        ("quic_bind = 'localhost:8000'", "quic_bind"),
        ("alpn_protocols = ['h2']", "alpn_protocols"),
        ("certfile = 'cert.pem'", "keyfile"),
        ("certfile = 'cert.pem'\nkeyfile = 'key.pem'", "hypercorn.toml"),
    ],
)
def test_a_wrong_hypercorn_toml_is_reported(alone: Path, content: str, named: str) -> None:
    (alone / "hypercorn.toml").write_text(content)
    assert named in refused(2, "serve")


@pytest.mark.usefixtures("example_data")
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SCHOLIAST_PORT", "abc"),
        ("SCHOLIAST_PORT", "65536"),
        ("SCHOLIAST_HOST", "nobody.invalid"),
        ("SCHOLIAST_MAX_CONNECTIONS", "0"),
        ("SCHOLIAST_REQUIRE_ORIGIN", "perhaps"),
        ("SCHOLIAST_PROMPTS", "nowhere"),
        ("SCHOLIAST_LANGUAGE", "klingon"),
        ("SCHOLIAST_EMBEDDINGS", "nobody:nothing"),
        ("SCHOLIAST_MODEL", "gpt-x"),
    ],
)
def test_a_wrong_setting_is_reported(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv("SCHOLIAST_PORT", "0")
    monkeypatch.setenv(variable, value)
    line = refused(2, "serve")
    assert variable in line or value in line


def test_a_misspelt_variable_is_reported_with_the_nearest_one(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_MODLE", "local")
    first, _no_book = run("serve", "--port", "0").stderr.splitlines()
    assert first == "scholiast: SCHOLIAST_MODLE is no setting; did you mean SCHOLIAST_MODEL?"


async def test_the_log_has_a_line_an_answer_and_neither_questions_nor_keys(
    example: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="scholiast")
    question = "What is the zero moment point, marker-of-the-question?"
    uncovered = "Where is the capital of marker-of-the-question?"
    async with ScriptedOpenAI(["An answer."], key="another") as endpoint:
        for key in ("another", "marker-of-the-key"):
            update = {
                "model": "scripted",
                "openai_base_url": endpoint.base_url,
                "openai_api_key": SecretStr(key),
            }
            async with serving(example.model_copy(update=update)) as url, client(url) as socket:
                await receive(socket)
                for text in (question, uncovered, question * 50):
                    await ask(socket, text, context_chunks=[])
    assert len(endpoint.requests) == 2
    lines = [record.getMessage() for record in caplog.records if "query_" in record.getMessage()]
    assert [re.sub(r"query_\w+ ", "", line).split()[0] for line in lines] == [
        "completed", "not", "failed:", "not",
    ]  # fmt: skip
    assert "marker" not in caplog.text


def scripted(endpoint: ScriptedOpenAI, data: Path) -> dict[str, str]:
    """The settings of a server that answers by the endpoint."""
    return {
        "SCHOLIAST_DATA": str(data),
        "SCHOLIAST_MODEL": "scripted",
        "OPENAI_BASE_URL": endpoint.base_url,
    }
