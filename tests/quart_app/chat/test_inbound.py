from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.question import Question, Selection
from quart_app.chat.inbound import Refused, parse, question
from quart_app.protocol.bounds import DEEPEST
from quart_app.protocol.client_messages import (
    Ping,
    PingData,
    QuestionData,
    QuestionMessage,
    SelectionData,
)

CHUNK = "chunk_0123456789abcdef0123456789abcdef"

UNSEEN = (
    "\u200b\u2060",
    "\u00ad\ufeff",
    "\x00\x07",
    "\U000e0041",
    "\ufe0f\u0301",
    "\u3164",
    "\u2800",
)
"""Texts of blanks, controls, joiners, tags, marks and fillers alone."""


def frame(type: str, **data: Any) -> str:
    return json.dumps({"type": type, "data": data})


def refused(text: str) -> Refused:
    with pytest.raises(Refused) as caught:
        read(text)
    return caught.value


def read(text: str) -> Question:
    message = parse(text)
    assert isinstance(message, QuestionMessage)
    return question(message.data)


def test_a_question_is_parsed_with_its_selections_and_trimmed() -> None:
    message = parse(
        frame(
            "question",
            question="  What is this?\n",
            context_chunks=[CHUNK, " a passage ", {"text": "b", "page": "/p", "anchor": "a"}],
            page="/book/a",
            never_heard_of="ignored",
        )
    )
    assert isinstance(message, QuestionMessage)
    assert question(message.data) == Question(
        "What is this?",
        (
            Selection(chunk_id="01234567-89ab-cdef-0123-456789abcdef"),
            Selection("a passage"),
            Selection("b", page="/p", anchor="a"),
        ),
        "/book/a",
    )


def test_a_question_is_composed() -> None:
    message = parse(frame("question", question="Was ist ein U\u0308berlauf?"))
    assert isinstance(message, QuestionMessage)
    assert question(message.data).text == "Was ist ein Überlauf?"


def test_only_the_exact_form_of_a_chunk_id_is_one() -> None:
    for text in (CHUNK.upper(), CHUNK[:-1], CHUNK + "0", f"see {CHUNK}"):
        assert question(QuestionData("q", (text,))).selections == (Selection(text),)


def test_a_ping_needs_no_data() -> None:
    assert parse('{"type": "ping"}') == Ping()
    assert parse(frame("ping", nonce="7")) == Ping(PingData("7"))


@pytest.mark.parametrize(
    ("text", "param"),
    [
        ("", None),
        ("nonsense", None),
        ("[]", None),
        ("NaN", None),
        ('{"type": "question", "data": {"question": NaN}}', None),
        ('{"type": "question", "data": {"question": "\\ud800"}}', None),
        ("{}", "type"),
        ('{"type": "shout"}', "type"),
        ('{"type": 3}', "type"),
        ('{"type": "question"}', "data"),
        ('{"type": "question", "data": []}', "data"),
        (frame("question"), "question"),
        (frame("question", question=3), "question"),
        (frame("question", question=" \n"), "question"),
        *((frame("question", question=one), "question") for one in UNSEEN),
        (frame("question", question="q", context_chunks=[UNSEEN[0]]), "context_chunks"),
        (frame("question", question="q", context_chunks="all"), "context_chunks"),
        (frame("question", question="q", context_chunks=[3]), "context_chunks"),
        (frame("question", question="q", context_chunks=[" "]), "context_chunks"),
        (frame("question", question="q", context_chunks=["a"] * 6), "context_chunks"),
        (frame("question", question="q", context_chunks=["a" * 2001]), "context_chunks"),
        (frame("question", question="q", client_query_id="not this"), "client_query_id"),
        (frame("question", question="q", client_query_id="a" * 65), "client_query_id"),
        (frame("question", question="q", page="p" * 2001), "page"),
        (frame("ping", nonce="n" * 65), "nonce"),
        ("[" * 60_000, None),
        ('{"type": "ping", "x": ' + "[" * 40 + "]" * 40 + "}", None),
    ],
)
def test_a_bad_message_is_refused_and_the_field_named(text: str, param: str | None) -> None:
    error = refused(text)
    assert (error.code, error.param) == ("INVALID_MESSAGE", param)


PLAIN = {
    "[]": "The message has to be an object.",
    "{}": "`type` is missing.",
    '{"type": "x"}': "`type` has to be one of question, cancel, resume, get_starters, ping.",
    frame("question"): "`data.question` is missing.",
    frame("question", question=3): "`data.question` has to be a string.",
    frame("question", question="q", page="p" * 2001): "`data.page` has to have at most 2000 "
    "characters.",
    frame("question", question="q", context_chunks=["a", 3]): "`data.context_chunks[1]` has to be "
    "a string or an object.",
    frame("question", question="q", context_chunks=[{}]): "`data.context_chunks[0].text` is "
    "missing.",
    frame("cancel", query_id="é"): "`data.query_id` has to be 1 to 64 letters of English, digits, "
    "hyphens or underscores.",
    frame("resume", session_id="s", session_token="t", last_seq=-2): "`data.last_seq` has to be "
    "-1 or more.",
    frame("resume", session_id="s", session_token="t", last_seq=0.5): "`data.last_seq` has to be "
    "a whole number.",
    '{"type": "resume", "data": {"last_seq": 1e999}}': "`data.last_seq` is too large a number.",
}


@pytest.mark.parametrize("sent", PLAIN)
def test_what_is_wrong_is_said_in_plain_words_of_the_protocol(sent: str) -> None:
    assert refused(sent).message == PLAIN[sent]


@pytest.mark.parametrize(
    "text", ["a\u200bb", "\u0915\u094d\u0937", "\U0001f916", "？", "\u05d0\u200f"]
)
def test_a_question_with_a_character_that_shows_is_not_empty(text: str) -> None:
    assert question(QuestionData(text)).text == text


def test_lengths_count_code_points_after_trimming() -> None:
    assert len(question(QuestionData(" " + "𝛼" * 1000 + " ")).text) == 1000
    assert refused(frame("question", question="𝛼" * 1001)).code == "QUESTION_TOO_LONG"
    assert question(QuestionData("q", ("𝛼" * 2000,))).selections[0].text == "𝛼" * 2000


def test_a_malformed_session_id_is_named() -> None:
    good = "session_" + "0" * 32
    assert question(QuestionData("q", session_id=good)).text == "q"
    assert (
        refused(frame("question", question="q", session_id="session_1")).code == "INVALID_SESSION"
    )


def test_brackets_in_strings_do_not_nest() -> None:
    text = '[{"\\"' * 20
    message = parse(frame("question", question=text, context_chunks=[{"text": text}]))
    assert isinstance(message, QuestionMessage)
    assert message.data == QuestionData(text, (SelectionData(text),))


@given(st.text(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_whatever_comes_in_is_parsed_or_refused(text: str) -> None:
    try:
        parse(text.encode(errors="ignore").decode())
    except Refused as error:
        assert error.code == "INVALID_MESSAGE"


@pytest.mark.timeout(5)  # linear it takes milliseconds, and quadratic a quarter of a minute
@pytest.mark.parametrize("frame", ["[" * 33 + '"\\' * 32_000, "[" * 33 + '"' + '\\"' * 32_000])
def test_a_string_that_never_ends_costs_no_time(frame: str) -> None:
    assert refused(frame).code == "INVALID_MESSAGE"


def test_what_was_sent_is_not_sent_back_at_length() -> None:
    assert len(refused(frame("x" * 60_000)).message) < 250
    assert refused(frame("cancel", query_id="q" * 65)).param == "query_id"


@pytest.mark.timeout(5)
def test_flat_brackets_are_counted_quickly() -> None:
    frame = '{"type": "ping", "x": [' + "[]," * 20_000 + "[]]}"
    assert all(isinstance(parse(frame), Ping) for _ in range(100))


VALUES = st.recursive(
    st.none() | st.text('[]{}"\\a🦿'),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(']}"\\'), one, max_size=3),
)


@given(VALUES, st.integers(0, 34), st.booleans())
def test_levels_are_counted_whatever_the_strings_between_them_hold(
    value: Any, levels: int, is_ascii: bool
) -> None:
    for level in range(levels):
        value = {"[\\": value} if level % 2 else [value]
    written = json.dumps({"type": "ping", "data": {"x": value}}, ensure_ascii=is_ascii)
    is_too_deep = 2 + depth(value) > DEEPEST
    try:
        assert isinstance(parse(written), Ping)
    except Refused as error:
        assert "deeper" in error.message
        assert is_too_deep
    else:
        assert not is_too_deep


def depth(value: Any) -> int:
    """How many lists and objects are within each other."""
    if not isinstance(value, dict | list):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, inner), default=0)
