from __future__ import annotations

import pytest

from chains.question import Turn
from quart_app.answers import session_store
from quart_app.answers.session_store import SessionStore
from quart_app.answers.session_tokens import SessionTokens

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


async def test_a_session_begins_with_its_first_question(sessions: SessionStore) -> None:
    assert not await sessions.has_begun(MINE)
    await sessions.claim(MINE, "query_1", None)
    assert await sessions.has_begun(MINE)
    assert not await sessions.has_begun(OTHER)


async def test_a_client_id_stands_for_one_query_of_its_session(sessions: SessionStore) -> None:
    assert await sessions.claim(MINE, "query_1", "mine") == "query_1"
    assert await sessions.claim(MINE, "query_2", "mine") == "query_1"
    assert await sessions.claim(OTHER, "query_3", "mine") == "query_3"
    assert await sessions.find(MINE, client_query_id="mine") == "query_1"
    assert await sessions.find(OTHER, client_query_id="mine") == "query_3"
    assert await sessions.find(MINE, client_query_id="other") is None


async def test_a_query_is_found_in_its_own_session_only(sessions: SessionStore) -> None:
    await sessions.claim(MINE, "query_1", None)
    await sessions.claim(OTHER, "query_2", None)
    assert await sessions.find(MINE, "query_1") == "query_1"
    assert await sessions.find(MINE, "query_2") is None
    assert await sessions.find(MINE) is None


async def test_a_session_ends_its_lifetime_after_its_last_use(
    sessions: SessionStore, clock: Clock
) -> None:
    await sessions.claim(MINE, "query_1", None)
    await sessions.claim(OTHER, "query_2", None)
    clock.now = 59
    assert await sessions.has_begun(MINE)
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
    await sessions.claim(MINE, "query_1", None)
    for number in range(session_store.MOST_TURNS + 2):
        turn = Turn(f"question {number}", (), "An answer [1][2]. Another [3].")
        await sessions.add_turn(MINE, turn)
    history = await sessions.history(MINE)
    assert len(history) == session_store.MOST_TURNS
    assert history[0] == Turn("question 2", (), "An answer. Another.")
    monkeypatch.setattr(session_store, "MOST_CHARACTERS", 50)
    await sessions.add_turn(MINE, Turn("q" * 12, ("s" * 6,), "a" * 500))
    assert await sessions.history(MINE) == (Turn("q" * 12, ("s" * 6,), "a" * 30),)
    assert await sessions.history(OTHER) == ()


async def test_queries_and_sessions_are_bounded(
    sessions: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_store, "MOST_QUERIES", 2)
    monkeypatch.setattr(session_store, "MOST_SESSIONS", 2)
    for number in range(3):
        await sessions.claim(MINE, f"query_{number}", f"mine_{number}")
    assert await sessions.find(MINE, client_query_id="mine_0") is None
    assert await sessions.find(MINE, "query_0") is None
    assert await sessions.find(MINE, client_query_id="mine_2") == "query_2"
    third = SessionStore.new_id()
    for session_id in (OTHER, third):
        await sessions.claim(session_id, f"query_{session_id}", None)
    assert not await sessions.has_begun(MINE)
    assert await sessions.has_begun(third)
    assert len(sessions) == 2


def test_only_its_own_token_opens_a_session(sessions: SessionStore) -> None:
    token = sessions.token(MINE)
    assert sessions.opens(MINE, token)
    assert not sessions.opens(OTHER, token)
    assert not sessions.opens(MINE, None)
    assert not sessions.opens(None, token)


@pytest.mark.timeout(5)  # linear it takes milliseconds
async def test_blanks_of_an_answer_cost_no_time(sessions: SessionStore) -> None:
    await sessions.claim(MINE, "query_1", None)
    await sessions.add_turn(MINE, Turn("Why?", (), " " * 100_000 + "x"))
    assert len(await sessions.history(MINE)) == 1
