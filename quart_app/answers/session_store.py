"""Readers' sessions: what was asked in them, what was answered, and how long both are kept."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from uuid import uuid4

from chains.answering.draft import is_blank
from chains.events import Source, chunk_uuid
from chains.question import Question, Turn
from quart_app.answers.session_tokens import SessionTokens

MOST_TURNS = 6
MOST_CHARACTERS = 6000
"""Of a session's history, questions and answers together; older turns are dropped first."""
LONGEST_REMEMBERED = 300
"""Characters of a question's selections that go into a session's history."""
MOST_SOURCES = 6
"""Chunks of an answer that are remembered by their ids."""
MOST_QUERIES = 256
"""How many questions of a session are known by their ids, beside the newest; older ones are
forgotten."""
MOST_SESSIONS = 20_000
"""How many there may be beside the newest."""
CITATION = re.compile(r"(?:(?<![ \t])[ \t]+)?\[\d{1,3}\]")


@dataclass(slots=True)
class _State:
    last_used: float
    turns: deque[Turn] = field(default_factory=deque)
    queries: OrderedDict[str, str | None] = field(default_factory=OrderedDict)
    """Query ids, oldest first, each with the client's own."""
    by_client: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a session knows of a question that is asked in it.

    `query_id` is the query's own, or that of the earlier one with the same client id. `history`
    holds the last turns, oldest first.
    """

    query_id: str
    history: tuple[Turn, ...]
    is_new_session: bool


class SessionStore:
    """Sessions in the memory of this process.

    A session begins with its first question and ends `lifetime` seconds after its last use. The
    methods that a store on the network would have to wait for are asynchronous; a question that
    is accepted calls one of them, `begin`, and its answer another, `add_turn`.
    """

    def __init__(
        self, tokens: SessionTokens, lifetime: float, clock: Callable[[], float] = monotonic
    ) -> None:
        self._tokens = tokens
        self._lifetime = lifetime
        self._clock = clock
        self._states: OrderedDict[str, _State] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    @staticmethod
    def new_id() -> str:
        """An id that cannot be guessed, of a session that has not begun."""
        return f"session_{uuid4().hex}"

    def token(self, session_id: str) -> str:
        """What opens the session from any connection."""
        return self._tokens.issue(session_id)

    def opens(self, session_id: str | None, token: str | None) -> bool:
        """Whether the token is this session's; that nothing was asked in it yet is no matter."""
        return bool(session_id and token and self._tokens.opens(session_id, token))

    async def begin(self, session_id: str, query_id: str, client_query_id: str | None) -> Begun:
        """Begin a query in the session, and with its first one the session.

        A query with a `client_query_id` that was used before is not begun: the same client id
        never stands for two. Its answer then has the id of the query that was begun before.
        """
        state = self._find(session_id)
        is_new_session = state is None
        state = state or self._begin(session_id)
        if client_query_id is not None:
            query_id = state.by_client.setdefault(client_query_id, query_id)
        # What is too much goes before the new one comes: a question that is refused and
        # released costs no other query its place.
        while len(state.queries) > MOST_QUERIES:
            _, forgotten = state.queries.popitem(last=False)
            if forgotten is not None:
                del state.by_client[forgotten]
        state.queries.setdefault(query_id, client_query_id)
        return Begun(query_id, tuple(state.turns), is_new_session)

    async def release(self, session_id: str, query_id: str) -> None:
        """Take back a query whose question was refused, and the session if it began with it."""
        state = self._find(session_id)
        if state is None or query_id not in state.queries:
            return
        client_query_id = state.queries.pop(query_id)
        if client_query_id is not None:
            del state.by_client[client_query_id]
        if not state.queries:
            del self._states[session_id]

    async def find(
        self, session_id: str, query_id: str | None = None, client_query_id: str | None = None
    ) -> str | None:
        """The id of a query that was begun in this session, by either of its ids."""
        state = self._find(session_id)
        if state is None:
            return None
        if query_id is not None:
            return query_id if query_id in state.queries else None
        return state.by_client.get(client_query_id or "")

    async def add_turn(self, session_id: str, turn: Turn) -> None:
        """Remember an answered question; a session that has ended meanwhile stays so.

        An answer of nothing but citations and blanks is not remembered: models refuse an empty
        message.
        """
        state = self._find(session_id)
        if state is None:
            return
        kept = remembered(turn)
        if kept is None:
            return
        state.turns.append(kept)
        while len(state.turns) > MOST_TURNS or _characters(state) > MOST_CHARACTERS:
            state.turns.popleft()

    def _begin(self, session_id: str) -> _State:
        while len(self._states) > MOST_SESSIONS:  # as in `begin`
            self._states.popitem(last=False)
        state = self._states[session_id] = _State(self._clock())
        return state

    def _find(self, session_id: str) -> _State | None:
        """The session, used as of now. Those out of use are dropped: they stand in front."""
        now = self._clock()
        while self._states:
            oldest = next(iter(self._states.values()))
            if now - oldest.last_used < self._lifetime:
                break
            self._states.popitem(last=False)
        state = self._states.get(session_id)
        if state is not None:
            state.last_used = now
            self._states.move_to_end(session_id)
        return state


def remembered(turn: Turn) -> Turn | None:
    """What is kept of a turn; None of an answer that says nothing but citations."""
    # The numbers of its sources would mean others in the next answer.
    answer = CITATION.sub("", turn.answer).strip()[: MOST_CHARACTERS - len(turn.asked)]
    return None if is_blank(answer) else replace(turn, answer=answer)


def turn_of(question: Question, answer: str, sources: Sequence[Source] = ()) -> Turn:
    """An answered question, with as much of its selections as the next questions need, and its
    `sources`, at most `MOST_SOURCES`; one that stands twice counts once."""
    kept: list[str] = []
    left = LONGEST_REMEMBERED
    for text in filter(None, (selection.text for selection in question.selections)):
        if left <= 0:
            break
        kept.append(text[:left])
        left -= len(text) + 1  # they are shown line by line
    ids = dict.fromkeys(chunk_uuid(source.chunk_id) for source in sources)
    return Turn(question.text, tuple(kept), answer, tuple(ids)[:MOST_SOURCES], question.book)


def _characters(state: _State) -> int:
    return sum(len(turn.asked) + len(turn.answer) for turn in state.turns)
