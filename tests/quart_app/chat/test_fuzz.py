"""Whatever a client sends, it gets a documented reply, and the session goes on."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, get_args

import pytest
from langchain_core.runnables import RunnableConfig
from typing_extensions import override

from chains.events import Delta, Event
from chains.question import Question
from quart_app.answers.session_store import SessionStore
from quart_app.protocol.messages import ErrorCode
from quart_app.settings import WebSettings
from tests.support.generated_messages import TYPES, Messages
from tests.support.scripted_tutor import ScriptedTutor, whole_answer
from tests.support.sessions import Client, Server

CODES = frozenset(get_args(ErrorCode))
PATIENCE = 60.0
ENDINGS = ("response_end", "error")


class ReadyTutor(ScriptedTutor):
    """Answers every question at once."""

    @override
    async def astream(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Event]:
        for event in whole_answer("A gait ", "is a rhythm."):
            yield Delta(event) if isinstance(event, str) else event


def ready_server() -> Server:
    settings = WebSettings.model_construct(limit_questions=(), limit_messages=None)
    return Server(settings, ReadyTutor())


async def replies(client: Client, frame: str) -> list[dict[str, Any]]:
    """What the frame is answered with, through the end of the answer if it brings one."""
    client.inbox.put_nowait(frame)
    client.send("ping", nonce="after it")
    got: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE):
        while not got or got[-1]["type"] != "pong" or got[-1]["data"].get("nonce") != "after it":
            got.append(json.loads(await client.outbox.get()))
        pong = got.pop()
        while brings_answer(frame, got) and not has_ended(got):
            got.append(json.loads(await client.outbox.get()))
    assert pong["type"] == "pong"
    assert client.outbox.empty()
    return got


def brings_answer(frame: str, got: list[dict[str, Any]]) -> bool:
    """Whether an answer is on its way: the question was accepted, or there is one to resume."""
    if any(m["type"] == "error" and "query_id" not in m["data"] for m in got):
        return False
    if any(m["type"] == "resumed" for m in got):
        return any(m["data"].get("recovered") for m in got)
    return type_of(frame) == "question"


def has_ended(got: list[dict[str, Any]]) -> bool:
    return any(m["type"] in ENDINGS and "query_id" in m["data"] for m in got)


def type_of(frame: str) -> str | None:
    """The type of a message, in the eyes of Python's lenient parser; None where there is none."""
    try:
        message = json.loads(frame)
    except (ValueError, RecursionError):
        return None
    type = message.get("type") if isinstance(message, dict) else None
    return type if isinstance(type, str) and type in TYPES else None


def check(frame: str, got: list[dict[str, Any]]) -> str:
    """One reply for what is refused, the right ones for the rest. Returns the first's name."""
    refusals = [m["data"] for m in got if m["type"] == "error"]
    kind = type_of(frame)
    if refusals:
        assert len(got) == 1
        assert refusals[0]["code"] in CODES
        return str(refusals[0]["code"])
    if kind == "cancel":
        assert got == []
        return "nothing"
    types = [m["type"] for m in got if m["type"] != "status"]  # it may wait in line
    if types[0] == "resumed":
        assert kind == "resume"
        assert types.count("response_end") == got[0]["data"]["recovered"]
    elif kind == "question":
        assert types[0] == "response_start"
        assert (types.count("response_end"), types[-1]) == (1, "response_end")
    else:
        assert (kind, types) in (("ping", ["pong"]), ("get_starters", ["starters"]))
    return str(types[0])


@pytest.mark.parametrize("many", [2500, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_thousands_of_generated_messages_get_one_documented_reply_each(many: int) -> None:
    server = ready_server()
    met: Counter[str] = Counter()
    async with server.connected() as client:
        messages = Messages(3, client.keys)
        for number, frame in enumerate(messages.frames(many)):
            try:
                got = await replies(client, frame)
                met[check(frame, got)] += 1
            except (AssertionError, TimeoutError) as error:
                error.add_note(f"message {number}: {frame[:3000]}")
                raise
            messages.queries += [m["data"]["query_id"] for m in got if m["type"] == "response_end"]
        assert not client.running.done()
    await server.answers.close()
    # Each way that a message can go was gone often enough to mean something.
    assert met.keys() >= {
        "INVALID_MESSAGE", "QUESTION_TOO_LONG", "INVALID_SESSION", "nothing", "pong",
        "resumed", "response_start", "starters",
    }  # fmt: skip
    assert min(met.values()) >= many // 2000, met
    assert met["response_start"] >= many // 20, met


NO_TEXT: list[Any] = [None, True, 1, 0.5, [], {}, ["a"], {"a": "b"}]
NO_NAME = [*NO_TEXT[1:], "", "a b", "a\n", "é", "x" * 65]
OBJECTS: list[Any] = [True, 1, "text", []]

WRONG: dict[tuple[str, str], list[Any]] = {
    ("question", "question"): [*NO_TEXT, "", " \n\t", "\u2003"],
    ("question", "context_chunks"): [
        True, 1, "text", {}, [None], [1], [[]], [{}], [{"text": None}], [{"text": ""}], [""],
        [" "], ["x" * 2001], [{"text": "x" * 2001}], ["x"] * 6, [{"text": "x", "page": 1}],
        [{"text": "x", "anchor": []}], [{"text": "x", "page": "x" * 2001}], ["x", {"page": "x"}],
    ],
    ("question", "session_id"): NO_TEXT[1:],
    ("question", "session_token"): [*NO_TEXT[1:], "x" * 201],
    ("question", "client_query_id"): NO_NAME,
    ("question", "page"): [*NO_TEXT[1:], "x" * 2001],
    ("question", "prompt"): [*NO_NAME, "nowhere", "../answer"],
    ("cancel", "query_id"): NO_TEXT[1:],
    ("cancel", "client_query_id"): NO_NAME,
    ("resume", "session_id"): NO_TEXT,
    ("resume", "session_token"): [*NO_TEXT, "x" * 201],
    ("resume", "last_seq"): [None, True, "0", 0.5, -2, -(2**63), 1e300, [], {}],
    ("resume", "query_id"): NO_TEXT[1:],
    ("resume", "client_query_id"): NO_NAME,
    ("ping", "nonce"): [*NO_TEXT[1:], "x" * 65],
}  # fmt: skip
VALID: dict[str, dict[str, Any]] = {
    "question": {"question": "What is a gait?"},
    "cancel": {"query_id": f"query_{0:032x}"},
    "resume": {
        "session_id": SessionStore.new_id(),
        "session_token": "1.x",
        "last_seq": -1,
        "query_id": f"query_{0:032x}",
    },
    "ping": {},
}


@pytest.mark.parametrize(("type", "field"), WRONG)
async def test_every_field_made_wrong_is_named(type: str, field: str) -> None:
    async with ready_server().connected() as client:
        for wrong in WRONG[type, field]:
            frame = json.dumps({"type": type, "data": {**VALID[type], field: wrong}})
            [error] = await replies(client, frame)
            assert error["data"]["code"] == "INVALID_MESSAGE", frame
            assert error["data"]["param"] == field, (frame, error)
            assert error["data"]["retryable"] is False


@pytest.mark.parametrize(
    ("type", "field"),
    [("question", "question"), *[("resume", name) for name in list(VALID["resume"])[:3]]],
)
async def test_every_field_that_is_missing_is_named(type: str, field: str) -> None:
    data = {name: value for name, value in VALID[type].items() if name != field}
    async with ready_server().connected() as client:
        [error] = await replies(client, json.dumps({"type": type, "data": data}))
    assert (error["data"]["code"], error["data"]["param"]) == ("INVALID_MESSAGE", field)


@pytest.mark.parametrize(
    ("frame", "param"),
    [
        ("{}", "type"),
        ('{"data": {}}', "type"),
        ('{"type": null}', "type"),
        ('{"type": 1}', "type"),
        ('{"type": "QUESTION", "data": {"question": "q"}}', "type"),
        ('{"type": "welcome", "data": {}}', "type"),
        *[(json.dumps({"type": "question", "data": data}), "data") for data in OBJECTS],
        ('{"type": "question"}', "data"),
        ('{"type": "question", "data": null}', "data"),
        *[(frame, None) for frame in ("", "null", "[]", '"question"', "1", "nonsense", "\ufeff{}")],
    ],
)
async def test_what_is_no_message_is_refused(frame: str, param: str | None) -> None:
    async with ready_server().connected() as client:
        [error] = await replies(client, frame)
    assert (error["data"]["code"], error["data"].get("param")) == ("INVALID_MESSAGE", param)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"question": "x" * 1001}, "QUESTION_TOO_LONG"),
        ({"question": "🦾" * 1001}, "QUESTION_TOO_LONG"),
        *[
            ({"question": "q", "session_id": id}, "INVALID_SESSION")
            for id in ("", "x", "session_" + "0" * 31, "session_" + "G" * 32, "query_" + "0" * 32)
        ],
    ],
)
async def test_what_has_a_code_of_its_own_gets_it(data: dict[str, Any], code: str) -> None:
    async with ready_server().connected() as client:
        [error] = await replies(client, json.dumps({"type": "question", "data": data}))
    assert error["data"]["code"] == code


@pytest.mark.parametrize(
    "wrong",
    [
        *["NaN", "Infinity", "-Infinity", "0x1F", "01", r'"\ud800"', r'"\udc00 x"'],
        *["[" * 31 + "]" * 31, "[" * 60_000, '{"a":' * 60_000, "[" * 60_000 + "]" * 60_000],
    ],
)
@pytest.mark.parametrize("where", ['{"type": "ping", "data": {"x": %s}}', '{"x": %s}', "[%s]"])
async def test_what_json_should_not_hold_is_refused_wherever_it_stands(
    where: str, wrong: str
) -> None:
    async with ready_server().connected() as client:
        [error] = await replies(client, where % wrong)
    assert error["data"]["code"] == "INVALID_MESSAGE"


async def test_the_last_of_a_field_that_stands_twice_wins() -> None:
    twice = '{"type": "ping", "data": {"nonce": "1"}, "data": {"nonce": "2", "nonce": "last"}}'
    async with ready_server().connected() as client:
        [pong] = await replies(client, twice)
    assert (pong["type"], pong["data"]["nonce"]) == ("pong", "last")


@pytest.mark.parametrize(
    ("frame", "param"),
    [
        ('{"type": "cancel", "type": "ping"}', "type"),
        ('{"type": "ping", "data": 1, "data": {}}', "data"),
        ('{"type": "ping", "data": {"nonce": 1, "nonce": "last"}}', "nonce"),
    ],
)
async def test_a_field_that_stands_twice_is_right_both_times(frame: str, param: str) -> None:
    async with ready_server().connected() as client:
        [error] = await replies(client, frame)
    assert (error["data"]["code"], error["data"]["param"]) == ("INVALID_MESSAGE", param)


async def test_what_stands_at_the_limit_is_read() -> None:
    most: dict[str, Any] = {
        "question": "  " + "🦾" * 1000 + "  ",
        "context_chunks": ["🦾" * 2000] * 4 + [{"text": " " + "x" * 2000}],
        "client_query_id": "x" * 64,
        "page": "x" * 2000,
        "unknown": [[]],
    }
    async with ready_server().connected() as client:
        got = await replies(client, json.dumps({"type": "question", "data": most}))
        assert got[-1]["data"]["status"] == "completed"
        deep = '{"type": "ping", "data": {"x": %s}}' % ("[" * 30 + "]" * 30)
        assert (await replies(client, deep))[0]["type"] == "pong"
