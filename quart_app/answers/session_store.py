"""Readers' sessions: what was asked in them, what was answered, and how long both are kept."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic
from uuid import uuid4

from chains.question import Turn
from quart_app.answers.session_tokens import SessionTokens

MOST_TURNS = 6
MOST_CHARACTERS = 6000
"""Of a session's history, questions and answers together; older turns are dropped first."""
MOST_QUERIES = 256
"""How many questions of a session are known by their ids; older ones are forgotten."""
MOST_SESSIONS = 20_000
CITATION = re.compile(r"(?:(?<![ \t])[ \t]+)?\[\d{1,3}\]")


@dataclass(slots=True)
class _State:
    last_used: float
    turns: deque[Turn] = field(default_factory=deque)
    queries: OrderedDict[str, str | None] = field(default_factory=OrderedDict)
    """Query ids, oldest first, each with the client's own."""
    by_client: dict[str, str] = field(default_factory=dict)


class SessionStore:
    """Sessions in the memory of this process.

    A session begins with its first question and ends `lifetime` seconds after its last use. The
    methods that a store on the network would have to wait for are asynchronous.
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
        """An id that nobody can guess, of a session that has not begun."""
        return f"session_{uuid4().hex}"

    def token(self, session_id: str) -> str:
        """What opens the session from any connection."""
        return self._tokens.issue(session_id)

    def opens(self, session_id: str | None, token: str | None) -> bool:
        """Whether the token is this session's; that nothing was asked in it yet is no matter."""
        return bool(session_id and token and self._tokens.opens(session_id, token))

    async def has_begun(self, session_id: str) -> bool:
        """Whether anything was asked in the session."""
        return self._find(session_id) is not None

    async def claim(self, session_id: str, query_id: str, client_query_id: str | None) -> str:
        """Begin a query in the session, unless one with this `client_query_id` was begun before.

        Returns the id of whichever it is; the same client id never stands for two.
        """
        state = self._find(session_id) or self._begin(session_id)
        if client_query_id is not None:
            query_id = state.by_client.setdefault(client_query_id, query_id)
        state.queries.setdefault(query_id, client_query_id)
        if len(state.queries) > MOST_QUERIES:
            _, forgotten = state.queries.popitem(last=False)
            if forgotten is not None:
                del state.by_client[forgotten]
        return query_id

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

    async def history(self, session_id: str) -> tuple[Turn, ...]:
        """The last turns, oldest first."""
        state = self._find(session_id)
        return tuple(state.turns) if state else ()

    async def add_turn(self, session_id: str, turn: Turn) -> None:
        """Remember an answered question; a session that has ended meanwhile stays so."""
        state = self._find(session_id)
        if state is None:
            return
        # The numbers of its sources would mean others in the next answer.
        answer = CITATION.sub("", turn.answer)[: MOST_CHARACTERS - len(turn.asked)]
        state.turns.append(replace(turn, answer=answer))
        while len(state.turns) > MOST_TURNS or _characters(state) > MOST_CHARACTERS:
            state.turns.popleft()

    def _begin(self, session_id: str) -> _State:
        if len(self._states) >= MOST_SESSIONS:
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


def _characters(state: _State) -> int:
    return sum(len(turn.asked) + len(turn.answer) for turn in state.turns)
