"""What was taken of each limit, by all servers that share a Redis.

The arithmetic is that of `quart_app.answers.limit_store`, in microseconds, which a number of Lua
holds exactly, and by the clock of Redis, so that no server's own matters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from time import monotonic_ns

from typing_extensions import override

from quart_app.answers.limit_store import (
    MICROSECOND,
    MOST_KEYS,
    SECOND,
    Charge,
    LimitStore,
    Refusal,
)
from quart_app.shared.redis_link import Gone, RedisLink
from quart_app.shared.redis_names import RedisNames

KEY = "scholiast:limit:"

TAKE = """
-- KEYS are those of the charges, ARGV holds interval and period of each. Gives the place of the
-- charge that is not to be had, 0 for none, and how long it is not.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local tats, refused, longest = {}, 0, 0
for i, key in ipairs(KEYS) do
    local interval, period = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local tat = tonumber(redis.call('GET', key) or now)
    -- A clock that was set back would keep everybody out until it is as late as it was.
    tats[key] = math.min(math.max(tat, now), now + period)
    local wait = tats[key] + interval - period - now
    if wait > longest then refused, longest = i, wait end
end
if refused > 0 then return {refused, longest} end
for i, key in ipairs(KEYS) do
    tats[key] = tats[key] + tonumber(ARGV[2 * i - 1])
    local expires = math.ceil((tats[key] - now) / 1000)
    redis.call('SET', key, string.format('%.0f', tats[key]), 'PX', expires)
end
return {0, 0}
"""

AHEAD = """
-- How far the TAT of each of KEYS is ahead of now.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ahead = {}
for i, key in ipairs(KEYS) do
    ahead[i] = math.max(0, tonumber(redis.call('GET', key) or now) - now)
end
return ahead
"""


class SharedLimitStore(LimitStore):
    """TATs in Redis, under `names`, so that none holds an address or a session.

    What this server let through is counted here, too: while Redis is gone that goes on, and those
    who have used up their limit at this server get no new one.
    """

    def __init__(
        self, link: RedisLink, names: RedisNames, clock: Callable[[], int] = monotonic_ns
    ) -> None:
        super().__init__(clock, MOST_KEYS)
        self._link = link
        self._names = names

    @override
    async def take(self, charges: Sequence[Charge]) -> Refusal | None:
        if not charges:
            return None
        times = [time for charge in charges for time in _times(charge)]
        try:
            refused, longest = await self._link.run(TAKE, self._keys(charges), times)
        except Gone:
            return await super().take(charges)
        if refused:
            return Refusal(charges[refused - 1], -(-longest * MICROSECOND // SECOND))
        await super().take(charges)
        return None

    @override
    async def remaining(self, charges: Sequence[Charge]) -> list[int]:
        if not charges:
            return []
        try:
            ahead = await self._link.run(AHEAD, self._keys(charges), ())
        except Gone:
            return await super().remaining(charges)
        pairs = zip(charges, ahead, strict=True)
        return [charge.left(microseconds * MICROSECOND) for charge, microseconds in pairs]

    @override
    async def ahead(self, key: str) -> timedelta:
        try:
            [ahead] = await self._link.run(AHEAD, [self._names.of(KEY, key)], ())
        except Gone:
            return await super().ahead(key)
        return timedelta(microseconds=ahead)

    def _keys(self, charges: Sequence[Charge]) -> list[str]:
        return [self._names.of(KEY, charge.key) for charge in charges]


def _times(charge: Charge) -> tuple[int, int]:
    """Interval and period in microseconds, of which one is the shortest that is counted."""
    return max(1, charge.interval // MICROSECOND), charge.period // MICROSECOND
