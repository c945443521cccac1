from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from chains.question import Question, Turn
from quart_app.answers import session_store
from quart_app.answers.session_store import SessionStore, turn_of
from quart_app.answers.session_tokens import SessionTokens
from tests.support.scripted_tutor import SOURCE

MINE, OTHER = SessionStore.new_id(), SessionStore.new_id()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> SessionStore:
    return SessionStore(SessionTokens("a secret for tests", 60, clock), 60, clock)


async def history_of(sessions: SessionStore, session_id: str) -> tuple[Turn, ...]:
    return (await sessions.begin(session_id, f"query_{uuid4().hex}", None)).history


async def test_a_session_begins_with_its_first_question(sessions: SessionStore) -> None:
    assert (await sessions.begin(MINE, "query_1", None)).is_new_session
    assert not (await sessions.begin(MINE, "query_2", None)).is_new_session
    assert (await sessions.begin(OTHER, "query_3", None)).is_new_session


async def test_a_client_id_stands_for_one_query_of_its_session(sessions: SessionStore) -> None:
    assert (await sessions.begin(MINE, "query_1", "mine")).query_id == "query_1"
    assert (await sessions.begin(MINE, "query_2", "mine")).query_id == "query_1"
    assert (await sessions.begin(OTHER, "query_3", "mine")).query_id == "query_3"
    assert await sessions.find(MINE, client_query_id="mine") == "query_1"
    assert await sessions.find(OTHER, client_query_id="mine") == "query_3"
    assert await sessions.find(MINE, client_query_id="other") is None


async def test_a_query_is_found_in_its_own_session_only(sessions: SessionStore) -> None:
    await sessions.begin(MINE, "query_1", None)
    await sessions.begin(OTHER, "query_2", None)
    assert await sessions.find(MINE, "query_1") == "query_1"
    assert await sessions.find(MINE, "query_2") is None
    assert await sessions.find(MINE) is None


async def test_a_session_ends_its_lifetime_after_its_last_use(
    sessions: SessionStore, clock: Clock
) -> None:
    await sessions.begin(MINE, "query_1", None)
    await sessions.begin(OTHER, "query_2", None)
    clock.now = 59
    assert await sessions.find(MINE, "query_1") == "query_1"
    clock.now = 61
    assert await sessions.find(OTHER, "query_2") is None
    assert await sessions.find(MINE, "query_1") == "query_1"
    assert len(sessions) == 1
    clock.now = 122
    await sessions.add_turn(MINE, Turn("Too late?", (), "Yes."))
    assert len(sessions) == 0


async def test_the_history_is_bounded_in_turns_and_characters(
    sessions: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sessions.begin(MINE, "query_1", None)
    for number in range(session_store.MOST_TURNS + 2):
        turn = Turn(f"question {number}", (), "An answer [1][2]. Another [3].")
        await sessions.add_turn(MINE, turn)
    history = await history_of(sessions, MINE)
    assert len(history) == session_store.MOST_TURNS
    assert history[0] == Turn("question 2", (), "An answer. Another.")
    monkeypatch.setattr(session_store, "MOST_CHARACTERS", 50)
    await sessions.add_turn(MINE, Turn("q" * 12, ("s" * 6,), "a" * 500))
    assert await history_of(sessions, MINE) == (Turn("q" * 12, ("s" * 6,), "a" * 30),)
    assert await history_of(sessions, OTHER) == ()


def test_the_sources_of_an_answer_are_remembered_by_their_ids_and_bounded() -> None:
    given = [replace(SOURCE, chunk_id=f"chunk_{number:032x}") for number in (3, 1, 1, *range(9))]
    turn = session_store.turn_of(Question("What is a gait?"), "A rhythm.", given)
    assert [UUID(id_).int for id_ in turn.sources] == [3, 1, 0, 2, 4, 5]


async def test_a_released_query_leaves_no_trace(sessions: SessionStore) -> None:
    await sessions.begin(MINE, "query_1", "first")
    await sessions.begin(MINE, "query_2", "mine")
    await sessions.release(MINE, "query_2")
    assert await sessions.find(MINE, "query_2") is None
    assert (await sessions.begin(MINE, "query_3", "mine")).query_id == "query_3"
    assert await sessions.find(MINE, "query_1") == "query_1"


async def test_a_session_goes_with_its_only_query(sessions: SessionStore) -> None:
    await sessions.begin(MINE, "query_1", "mine")
    await sessions.release(MINE, "query_2")
    await sessions.release(OTHER, "query_1")
    assert len(sessions) == 1
    await sessions.release(MINE, "query_1")
    assert len(sessions) == 0
    assert (await sessions.begin(MINE, "query_3", "mine")).is_new_session


async def test_queries_and_sessions_are_bounded(
    sessions: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_store, "MOST_QUERIES", 2)
    monkeypatch.setattr(session_store, "MOST_SESSIONS", 2)
    for number in range(4):
        await sessions.begin(MINE, f"query_{number}", f"mine_{number}")
    assert await sessions.find(MINE, client_query_id="mine_0") is None
    assert await sessions.find(MINE, "query_0") is None
    assert await sessions.find(MINE, client_query_id="mine_1") == "query_1"
    others = [OTHER, SessionStore.new_id(), SessionStore.new_id()]
    for session_id in others:
        await sessions.begin(session_id, f"query_{session_id}", None)
    assert await sessions.find(MINE, "query_3") is None
    assert await sessions.find(others[-1], f"query_{others[-1]}") is not None
    assert len(sessions) == 3


async def test_questions_that_are_released_cost_nobody_their_place(
    sessions: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_store, "MOST_QUERIES", 1)
    monkeypatch.setattr(session_store, "MOST_SESSIONS", 1)
    await sessions.begin(MINE, "query_1", None)
    for number in range(5):
        for session_id in (MINE, SessionStore.new_id()):
            await sessions.begin(session_id, f"refused_{number}", None)
            await sessions.release(session_id, f"refused_{number}")
    assert await sessions.find(MINE, "query_1") == "query_1"


def test_only_its_own_token_opens_a_session(sessions: SessionStore) -> None:
    token = sessions.token(MINE)
    assert sessions.opens(MINE, token)
    assert not sessions.opens(OTHER, token)
    assert not sessions.opens(MINE, None)
    assert not sessions.opens(None, token)


@pytest.mark.parametrize("answer", ["[1][2]", " [3]\n", "\u200b"])
async def test_an_answer_that_would_be_an_empty_message_is_not_remembered(
    sessions: SessionStore, answer: str
) -> None:
    await sessions.begin(MINE, "query_1", None)
    await sessions.add_turn(MINE, Turn("Why?", (), answer))
    assert await history_of(sessions, MINE) == ()


@pytest.mark.timeout(5)  # linear it takes milliseconds
async def test_blanks_of_an_answer_cost_no_time(sessions: SessionStore) -> None:
    await sessions.begin(MINE, "query_1", None)
    await sessions.add_turn(MINE, Turn("Why?", (), " " * 100_000 + "x"))
    assert len(await history_of(sessions, MINE)) == 1


def test_a_turn_says_which_book_it_was_about() -> None:
    assert turn_of(Question("What is a joint?", book="wood"), "It is glued.").book == "wood"
    assert turn_of(Question("What is a joint?"), "It turns.").book == ""
