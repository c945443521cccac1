"""The limits of chat-v1: how many questions a reader may ask, and of whom they are counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from quart_app.answers.budget import Budget
from quart_app.answers.exceeded import CONVERSATIONS, Exceeded
from quart_app.answers.limit_store import Charge, LimitStore
from quart_app.answers.rates import Rate
from quart_app.door.addresses import allowances
from quart_app.protocol.messages import LimitName
from quart_app.protocol.server_messages import Limit


class Limits:
    """The limits of this server, counted in `store`.

    A key may ask `questions`: an address, or where `by_session` a session, of which an address
    may then begin `sessions`. `messages` bounds each connection, `connections` each address;
    None is no bound. `everybody` is what all readers together may take.
    """

    def __init__(
        self,
        store: LimitStore,
        *,
        questions: tuple[Rate, ...],
        sessions: tuple[Rate, ...],
        messages: int | None,
        connections: int | None,
        by_session: bool,
        everybody: Budget,
    ) -> None:
        self.store = store
        self.everybody = everybody
        self.messages = messages
        self.connections = connections
        self._by_session = by_session
        self._questions = questions
        self._sessions = sessions if by_session else ()

    def key(self, address: str, session_id: str) -> str:
        """By what questions are counted."""
        return session_id if self._by_session else address

    async def take_question(
        self, address: str, session_id: str, *, is_new_session: bool
    ) -> Exceeded | None:
        """Count a question, and a session that begins with it; None if there was room for both."""
        if (used_up := await self.everybody.take()) is not None:
            return used_up
        periods = self.everybody.periods
        key = self.key(address, session_id)
        asked = {charge: rate for rate, charge in self._each("question", self._questions, key)}
        begun = {charge: rate for rate, charge in self._each("session", self._sessions, address)}
        try:
            refusal = await self.store.take([*asked, *(begun if is_new_session else ())])
        except BaseException:  # also where the reader has gone meanwhile
            self.everybody.give_back(periods)
            raise
        if refusal is None:
            return None
        self.everybody.give_back(periods)
        if refusal.charge in asked:
            return Exceeded(asked[refusal.charge].period, refusal.retry_after)
        return Exceeded(begun[refusal.charge].period, refusal.retry_after, CONVERSATIONS)

    async def question_limits(self, address: str, session_id: str) -> tuple[Limit, ...]:
        """What remains now, for the welcome; counts nothing."""
        key = self.key(address, session_id)
        each: list[tuple[LimitName, Rate, list[Charge]]] = [
            *((rate.period, rate, _charges("question", rate, key)) for rate in self._questions),
            *(("sessions", rate, _charges("session", rate, address)) for rate in self._sessions),
        ]
        asked = [charge for _, _, charges in each for charge in charges]
        remaining = iter(await self.store.remaining(asked))
        own = [
            Limit(name, rate.count, min([next(remaining) for _ in charges]))
            for name, rate, charges in each
        ]
        return (*own, *await self.everybody.limits())

    def _each(self, what: str, rates: Sequence[Rate], key: str) -> Iterator[tuple[Rate, Charge]]:
        for rate in rates:
            for charge in _charges(what, rate, key):
                yield rate, charge


def _charges(what: str, rate: Rate, key: str) -> list[Charge]:
    """One for the key, and of an IPv6 address one for the site that it belongs to."""
    return [
        Charge(f"{what} {rate.period} {counted}", rate.count * times, rate.seconds)
        for counted, times in allowances(key).items()
    ]
