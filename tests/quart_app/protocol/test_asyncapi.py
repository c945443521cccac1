"""docs/asyncapi.json: says what the code does, and is an AsyncAPI document."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft7Validator
from websockets.asyncio.client import ClientConnection

from quart_app.answers.rates import parse_rates
from quart_app.chat.inbound import Refused, check_session_id, parse, question
from quart_app.protocol.asyncapi.document import OPERATIONS, document, text
from quart_app.protocol.asyncapi.schemas import FROM_CLIENT, FROM_SERVER, MESSAGES, type_of
from quart_app.protocol.asyncapi.words import (
    CLOSE_CODES,
    ERRORS,
    FEATURES,
    HANDSHAKE_STATUSES,
    LIMITS,
    STATUSES,
)
from quart_app.protocol.client_messages import QuestionMessage, Resume
from quart_app.protocol.messages import FEATURES as FEATURES_IN_WELCOME
from quart_app.protocol.messages import RESUME_ANYWHERE, ErrorCode, LimitName
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.node import Node, find_node, installed, node_of_wheel, run
from tests.support.talking import Message, ask, client, receive

ROOT = Path(__file__).parents[3]
CHECKED_IN = ROOT / "docs" / "asyncapi.json"
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
PROJECT = Path(__file__).parent / "asyncapi"
DOCUMENT = document()
ID = "session_" + 32 * "0"
KEYS = {"session_id": ID, "session_token": "t"}
QUERY = "query_" + 32 * "0"


def validator(type: str) -> Draft7Validator:
    """For the messages of a type."""
    payload = DOCUMENT["components"]["messages"][type]["payload"]
    return Draft7Validator({**payload, "components": DOCUMENT["components"]})


def faults(message: Any) -> list[str]:
    """Where a message is not as its schema wants it."""
    return [
        f"{error.json_path}: {error.message}"
        for error in validator(message["type"]).iter_errors(message)
    ]


def table(heading: str) -> set[str]:
    """The first column of the table below a heading of docs/protocol.md."""
    section = PROTOCOL.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `?([\w]+)`? ", section, flags=re.MULTILINE)
    return set(rows) - {"code", "status"}


# The document


def test_the_document_that_is_checked_in_is_the_one_that_the_types_make() -> None:
    is_current = CHECKED_IN.read_text(encoding="utf-8") == text()
    assert is_current, "docs/asyncapi.json is not what the code says any more: run `make asyncapi`"


def test_the_module_writes_the_document_and_names_what_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "asyncapi.json"
    module = [sys.executable, "-m", "quart_app.protocol.asyncapi"]
    assert run([*module, str(file)], ROOT).returncode == 0
    assert file.read_bytes() == CHECKED_IN.read_bytes()
    without = run(module, ROOT)
    assert (without.returncode, without.stdout) == (1, "")
    assert "docs/asyncapi.json" in without.stderr


@pytest.mark.parametrize("find", [find_node, node_of_wheel])
def test_the_asyncapi_parser_finds_no_fault(find: Any, request: pytest.FixtureRequest) -> None:
    node: Node = find()
    folder = installed(node, PROJECT, request.config.cache.mkdir("node"))
    done = run([*node.node, "validate.cjs", str(CHECKED_IN)], folder)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    # 3.0 is what most tools read; that there is a 3.1 is all it remarks.
    assert {each["code"] for each in report["diagnostics"]} <= {"asyncapi-latest-version"}, report
    assert report["valid"]
    assert set(report["messages"]) == {type_of(message) for message in MESSAGES}


def test_the_asyncapi_parser_would_find_a_fault(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    broken = document()
    del broken["channels"]["chat"]["messages"]["pong"]
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(broken), encoding="utf-8")
    node = find_node()
    folder = installed(node, PROJECT, request.config.cache.mkdir("node"))
    report = json.loads(run([*node.node, "validate.cjs", str(file)], folder).stdout)
    assert not report["valid"]
    assert 0 in {each["severity"] for each in report["diagnostics"]}


def test_the_lock_file_of_the_parser_names_no_registry() -> None:
    lock = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))
    packages = [each for path, each in lock["packages"].items() if path]
    assert packages
    assert all("integrity" in each and "resolved" not in each for each in packages)


# Nothing is left out


def test_every_message_is_received_or_sent_by_an_operation() -> None:
    for action, messages in (("receive", FROM_CLIENT), ("send", FROM_SERVER)):
        operations = [each for each in OPERATIONS.values() if each.action == action]
        named = {message for each in operations for message in each.messages}
        assert named == {type_of(message) for message in messages}
    replies = {message for each in OPERATIONS.values() for message in each.reply}
    assert replies == {type_of(message) for message in FROM_SERVER} - {"welcome"}


def test_every_code_limit_and_feature_is_explained() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    explained = {
        "code": schemas["ErrorData"]["properties"]["code"]["description"],
        "limit": schemas["Limit"]["properties"]["name"]["description"],
        "feature": schemas["WelcomeData"]["properties"]["features"]["description"],
        "status": schemas["StatusData"]["properties"]["status"]["description"],
    }
    assert set(get_args(ErrorCode)) == set(ERRORS) == names_in(explained["code"])
    assert set(get_args(LimitName)) == set(LIMITS) == names_in(explained["limit"])
    in_welcome = {*FEATURES_IN_WELCOME, RESUME_ANYWHERE}
    assert in_welcome == set(FEATURES) == names_in(explained["feature"])
    assert set(STATUSES) == names_in(explained["status"])


def names_in(listed: str) -> set[str]:
    return set(re.findall(r"^- `(\w+)`: \S", listed, flags=re.MULTILINE))


def test_codes_are_those_of_the_protocol_for_people() -> None:
    channel = DOCUMENT["channels"]["chat"]
    assert set(ERRORS) == table("Errors")
    assert set(channel["x-close-codes"]) == table("Close codes")
    assert set(channel["x-handshake-statuses"]) == table("Connection")


def test_every_close_code_and_status_of_the_code_is_in_the_document() -> None:
    files = (ROOT / "quart_app").rglob("*.py")
    # What assistants get is no answer to a handshake.
    sources = [file.read_text("utf-8") for file in files if "assistants" not in file.parts]
    closes = re.findall(r"\bClose\((\d{4}),|\bRESTART = \((\d{4}),", "\n".join(sources))
    assert {4000, 1012} <= {int(one or other) for one, other in closes} <= set(CLOSE_CODES)
    statuses = re.findall(r"\bRefusal\(\s*(\d{3}),", "\n".join(sources))
    assert {int(status) for status in statuses} == set(HANDSHAKE_STATUSES)


@pytest.mark.parametrize("type", sorted(type_of(message) for message in MESSAGES))
def test_schema_is_one_of_draft_7_and_its_examples_satisfy_it(type: str) -> None:
    message = DOCUMENT["components"]["messages"][type]
    Draft7Validator.check_schema(DOCUMENT["components"]["schemas"][message["payload"]["$ref"][21:]])
    assert message["examples"]
    for example in message["examples"]:
        assert example["payload"]["type"] == type
        assert faults(example["payload"]) == []


def places(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every object in a JSON document, and where it is."""
    if isinstance(schema, dict):
        yield path, schema
        for key, value in schema.items():
            yield from places(value, (*path, key))
    elif isinstance(schema, list):
        for each in schema:
            yield from places(each, path)


def test_no_schema_says_anything_beside_a_reference_or_in_the_patterns_of_python() -> None:
    for path, each in places(DOCUMENT["components"]["schemas"]):
        if "$ref" in each:
            assert list(each) == ["$ref"], path
        if path[-1:] != ("properties",):
            assert r"\Z" not in each.get("pattern", ""), path


# The schemas and the server agree


FRAMES: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("question", {"question": "a"}),
    "longest": ("question", {"question": 1000 * "𝛼"}),
    "too long": ("question", {"question": 1001 * "a"}),
    "empty": ("question", {"question": ""}),
    "missing": ("question", {}),
    "number": ("question", {"question": 1}),
    "five selections": ("question", {"question": "a", "context_chunks": 5 * ["b"]}),
    "six selections": ("question", {"question": "a", "context_chunks": 6 * ["b"]}),
    "longest selection": ("question", {"question": "a", "context_chunks": [2000 * "b"]}),
    "long selection": ("question", {"question": "a", "context_chunks": [2001 * "b"]}),
    "no selection": ("question", {"question": "a", "context_chunks": [""]}),
    "selection": ("question", {"question": "a", "context_chunks": [{"text": "b", "page": "/"}]}),
    "long selected text": ("question", {"question": "a", "context_chunks": [{"text": 2001 * "b"}]}),
    "long anchor": (
        "question",
        {"question": "a", "context_chunks": [{"text": "b", "anchor": 2001 * "c"}]},
    ),
    "not a selection": ("question", {"question": "a", "context_chunks": [{"page": "/"}]}),
    "own id": ("question", {"question": "a", "client_query_id": 64 * "-"}),
    "long id": ("question", {"question": "a", "client_query_id": 65 * "-"}),
    "odd id": ("question", {"question": "a", "client_query_id": "a b"}),
    "session": ("question", {"question": "a", **KEYS}),
    "not a session": ("question", {"question": "a", "session_id": "session_1"}),
    "long token": ("question", {"question": "a", "session_token": 201 * "t"}),
    "long page": ("question", {"question": "a", "page": 2001 * "p"}),
    "more": ("question", {"question": "a", "and": {"more": []}}),
    "cancel": ("cancel", {"query_id": QUERY}),
    "cancel own": ("cancel", {"client_query_id": "q"}),
    "cancel number": ("cancel", {"query_id": 1}),
    "cancel nothing": ("cancel", {}),
    "resume": ("resume", {**KEYS, "last_seq": -1, "query_id": QUERY}),
    "resume nothing": ("resume", {**KEYS, "last_seq": -1}),
    "resume early": ("resume", {**KEYS, "last_seq": -2, "query_id": QUERY}),
    "resume half": ("resume", {**KEYS, "last_seq": 0.5, "query_id": QUERY}),
    "resume without last_seq": ("resume", {**KEYS, "query_id": QUERY}),
    "resume unopened": ("resume", {"session_id": ID, "last_seq": -1, "query_id": QUERY}),
    "resume elsewhere": (
        "resume",
        {"session_id": "s", "session_token": "t", "last_seq": 0, "query_id": QUERY},
    ),
    "ping": ("ping", {}),
    "nonce": ("ping", {"nonce": 64 * "𝛼"}),
    "long nonce": ("ping", {"nonce": 65 * "a"}),
}


def is_refused(frame: str) -> bool:
    """Whether the server refuses a frame for what it holds."""
    try:
        message = parse(frame)
        if isinstance(message, QuestionMessage):
            question(message.data)
        elif isinstance(message, Resume):
            check_session_id(message.data.session_id)
    except Refused:
        return True
    return False


@pytest.mark.parametrize("name", sorted(set(FRAMES) - {"cancel nothing", "resume nothing"}))
def test_a_schema_refuses_what_the_server_refuses(name: str) -> None:
    type, data = FRAMES[name]
    message = {"type": type, "data": data}
    assert bool(faults(message)) == is_refused(json.dumps(message))


async def said(socket: ClientConnection, type: str, data: dict[str, Any]) -> Message:
    """The one message that a message is answered with."""
    await socket.send(json.dumps({"type": type, "data": data}))
    return await receive(socket)


async def test_frames_of_a_real_conversation_satisfy_their_schemas(example: WebSettings) -> None:
    settings = example.model_copy(update={"limit_questions": parse_rates("2/day")})
    selection = {"text": "A planned motion is feasible on flat ground", "page": "/book/motion"}
    async with serving(settings) as url, client(url) as socket:
        got = [await receive(socket)]
        keys = {name: got[0]["data"][name] for name in ("session_id", "session_token")}
        got += await ask(
            socket,
            "What is the zero moment point?",
            context_chunks=[selection],
            client_query_id="q1",
        )
        own = {"client_query_id": "q1", "last_seq": -1}
        got += [await said(socket, "resume", {**keys, **own})]
        while got[-1]["type"] != "response_end":
            got += [await receive(socket)]
        got += [await said(socket, "resume", {**keys, **own, "client_query_id": "q2"})]
        got += await ask(socket, "What is the capital of France?")
        got += await ask(socket, "And of Spain?", client_query_id="q3")
        got += await ask(socket, 1001 * "a")
        got += await ask(socket, "Where?", context_chunks=["chunk_" + 32 * "0"])
        got += await ask(socket, "Where?", session_id="mine")
        got += [await said(socket, "get_starters", {"page": "/book/motion"})]
        got += [await said(socket, "ping", {})]
        got += [await said(socket, "ping", {"nonce": "n"})]
        for name in ("cancel nothing", "resume nothing"):
            type, data = FRAMES[name]
            got += [await said(socket, type, data)]
            assert faults({"type": type, "data": data})
    sent = {type_of(message) for message in FROM_SERVER} - {"status"}  # where no question waits
    assert {message["type"] for message in got} == sent
    codes = {message["data"]["code"] for message in got if message["type"] == "error"}
    assert codes == {
        "CONTENT_NOT_FOUND", "RATE_LIMIT_EXCEEDED", "QUESTION_TOO_LONG", "INVALID_SESSION",
        "INVALID_MESSAGE",
    }  # fmt: skip
    for message in got:
        assert faults(message) == [], message
        assert faults({"type": message["type"], "data": message["data"]}), "no timestamp"
