"""What all readers may ask and spend, at all servers that share a Redis together."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from time import time

from typing_extensions import override

from quart_app.answers.budget import Budget, Pot
from quart_app.answers.exceeded import Exceeded
from quart_app.answers.rates import Rate
from quart_app.protocol.server_messages import Limit
from quart_app.shared.redis_link import Gone, RedisLink
from quart_app.shared.redis_names import RedisNames

KEY = "scholiast:budget:"

SETTLE = """
-- KEYS are those of the pots. ARGV holds for each: most; seconds; the period that the server knows
-- and what was used in it; what it owes; and what is to be taken, if there is room in every pot.
-- Then come the name of the server, the number of this call, and that of its last call that it got
-- an answer to: what calls since then have paid is not paid again, and one that comes late does
-- nothing. Gives whether there was room, the time, and of each pot its period and what is used.
local now = tonumber(redis.call('TIME')[1])
local server, call, answered = ARGV[#ARGV - 2], tonumber(ARGV[#ARGV - 1]), tonumber(ARGV[#ARGV])
local fits, reply = 1, {}
for i, key in ipairs(KEYS) do
    local most, seconds, known_period, known, owed = unpack(ARGV, 6 * i - 5, 6 * i - 1)
    local stored = redis.call('HMGET', key, 'period', 'used', 'call:' .. server, 'paid:' .. server)
    local period, used = math.floor(now / seconds), 0
    local later = stored[1] and stored[1] - period -- 1 where the clock was set back
    if later == 0 or later == 1 then
        period, used = tonumber(stored[1]), tonumber(stored[2])
        local last = tonumber(stored[3] or 0)
        if last >= call then return {0, now} end
        if last > answered then owed = owed - stored[4] end
    elseif stored[1] then
        redis.call('DEL', key)
    elseif tonumber(known_period) == period then -- Redis has lost its data
        used = tonumber(known)
    end
    used = math.max(0, used + owed)
    if used >= tonumber(most) then fits = 0 end
    reply[2 * i - 1], reply[2 * i] = period, used
end
for i, key in ipairs(KEYS) do
    local taken = fits * ARGV[6 * i]
    reply[2 * i] = reply[2 * i] + taken
    redis.call('HSET', key, 'period', reply[2 * i - 1],
        'used', string.format('%.0f', reply[2 * i]), 'call:' .. server, call,
        'paid:' .. server, string.format('%.0f', ARGV[6 * i - 1] + taken))
    redis.call('EXPIRE', key, 2 * ARGV[6 * i - 4])
end
return {fits, now, unpack(reply)}
"""


class SharedBudget(Budget):
    """A budget whose counts are in Redis, under `names`, so that another secret counts apart.

    What this server counts while Redis is gone, and the tokens of each call of the model, it owes
    until Redis has them. Where Redis has lost its data, it gets what this server knows of them.
    """

    def __init__(
        self,
        link: RedisLink,
        names: RedisNames,
        questions: tuple[Rate, ...] = (),
        tokens: int | None = None,
        clock: Callable[[], float] = time,
    ) -> None:
        super().__init__(questions, tokens, clock)
        self._link = link
        self._names = names
        self._paying: asyncio.Task[None] | None = None
        self._name = secrets.token_hex(8)
        self._call = self._answered = 0
        self._settling = asyncio.Lock()  # of calls at once, nobody could tell which one was paid
        link.on_return(self._pay_soon)

    @override
    async def take(self) -> Exceeded | None:
        try:
            fits, times = await self._settle(take=1)
        except Gone:
            return await super().take()
        return None if fits else self.used_up(*times)

    @override
    def give_back(self, periods: tuple[int, ...]) -> None:
        super().give_back(periods)
        self._pay_soon()

    @override
    def spend(self, tokens: int) -> None:
        super().spend(tokens)
        self._pay_soon()

    @override
    def count(self, pot: Pot, number: int) -> None:
        super().count(pot, number)
        pot.owed += number

    @override
    async def limits(self) -> tuple[Limit, ...]:
        with suppress(Gone):
            await self._settle()
        return await super().limits()

    async def pay(self) -> None:
        """Have everything counted that this server owes, if Redis is there."""
        with suppress(Gone):
            while any(pot.owed for pot in self.pots):
                await self._settle()

    def _pay_soon(self) -> None:
        if self._paying is None or self._paying.done():
            self._paying = asyncio.create_task(self.pay())

    async def _settle(self, take: int = 0) -> tuple[bool, tuple[float, float]]:
        """Pay what is owed, take so many questions if there is room, and learn what others did.

        Gives whether there was room, and the times of Redis and of this server. Raises Gone.
        """
        async with self._settling:
            return await self._settle_next(take)

    async def _settle_next(self, take: int) -> tuple[bool, tuple[float, float]]:
        now, passed = self.turned()
        if not self.pots:
            return True, (now, passed)
        self._call += 1
        values: list[int | str] = []
        paid = [(pot, pot.period, pot.owed) for pot in self.pots]
        for pot, period, owed in paid:
            counts = take if pot in self._questions else 0
            values += [pot.most, pot.seconds, period, pot.used - owed, owed, counts]
            pot.owed = 0
        try:
            keys = [self._names.of(KEY, pot.name) for pot in self.pots]
            fits, now, *counted = await self._link.run(
                SETTLE, keys, [*values, self._name, self._call, self._answered]
            )
            if len(counted) != 2 * len(keys):  # what stands there is not what this server wrote
                raise Gone
        except BaseException:  # also where the reader has gone meanwhile
            for pot, period, owed in paid:
                if pot.period == period:
                    pot.owed += owed
            raise
        self._answered = self._call
        for pot, period, used in zip(self.pots, counted[::2], counted[1::2], strict=True):
            if period > pot.period:
                pot.period, pot.began, pot.is_logged = period, passed, False
            pot.used = used + pot.owed
        return bool(fits), (now, passed)
