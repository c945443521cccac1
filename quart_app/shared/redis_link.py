"""The way to Redis: calls that never wait for long, and whether it is there at all.

One task looks at Redis and is alone in deciding that it is gone or back, so the log has one line
for each change. While it is gone no call waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from pydantic import SecretStr
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from quart_app.shared.other_secrets import SHOWN, OtherSecrets
from quart_app.shared.redis_problems import describe
from quart_app.shared.redis_url import place_of
from quart_app.shared.refused_calls import RefusedCalls

log = logging.getLogger("scholiast.redis")

T = TypeVar("T")

FAILURES = (RedisError, OSError, TimeoutError, ValueError)
"""What redis-py raises for the other end's sake; ValueError where that is no Redis."""
LONGEST_CALL = 0.5
"""Seconds that a call may take; a question waits for some."""
MOST_CALLS = 4
"""Calls under way, and so connections; others wait for these, which answer thousands a second. In a
burst with a connection for each, making them took so long that Redis counted as gone."""
LONGEST_LOOK = 1.0
"""Seconds that a look may take, before Redis counts as gone."""
OFTEN, SELDOM = 1.0, 5.0
"""Seconds between two looks while Redis is gone, and while it is there and every call succeeds."""
LOOKED_AT = "scholiast:looked-at"
"""A key that each look writes: who can be read but not written is no use. It holds the mark of who
looked last."""
SHARED = "limits, sessions and answers are shared"
MEANWHILE = "each server counts limits and keeps sessions and answers for itself meanwhile"
WARNING = f"Redis does not work as it should, so {MEANWHILE}; the log has the reason."
"""For everybody who can read /readyz."""


class Gone(Exception):
    """Redis did not answer, or has not for a while; the log has the reason."""


class RedisLink:
    """Calls to the Redis of `client`, which is at `place`; `mark` is for `OtherSecrets`.

    `problem` says what is wrong, and is None while nothing is.
    """

    def __init__(self, client: Redis, place: str, mark: str) -> None:
        self.client = client
        self.problem: str | None = None
        self.place = place
        self._refused = RefusedCalls(place)
        self._others = OtherSecrets(mark)
        self._doubt = asyncio.Event()
        self._places = asyncio.Semaphore(MOST_CALLS)
        self._on_return: list[Callable[[], None]] = []

    def warnings(self) -> list[str]:
        """What /readyz says of it."""
        if self.problem is not None:
            return [WARNING]
        return [*self._refused.warnings(), *self._others.warnings()]

    def on_return(self, call: Callable[[], None]) -> None:
        """Call this whenever Redis is back."""
        self._on_return.append(call)

    async def ask(self, call: Callable[[], Awaitable[T]]) -> T:
        """What the call gives. Raises Gone where it fails, takes too long, or would in vain."""
        if self.problem is not None:
            raise Gone
        async with self._places:
            return await self._call(call, LONGEST_CALL)

    async def wait(self, call: Callable[[], Awaitable[T]], longest: float) -> T:
        """What a call gives that waits at Redis, for up to `longest` seconds; there is one at a
        time, which has a connection of its own. Raises Gone."""
        return await self._call(call, longest + LONGEST_CALL)

    async def run(self, script: str, keys: Sequence[str], values: Sequence[int | str]) -> Any:
        """What a Lua script gives, which Redis keeps after the first time. Raises Gone."""
        registered = self.client.register_script(script)
        return await self.ask(lambda: registered(keys=keys, args=values))

    async def _call(self, call: Callable[[], Awaitable[T]], longest: float) -> T:
        if self.problem is not None:  # by now
            raise Gone
        try:
            async with asyncio.timeout(longest):
                return await call()
        except FAILURES as error:
            self._doubt.set()
            self._refused.note(error)
            raise Gone from error

    async def look(self) -> None:
        """Find out whether Redis can be written to, and log it where that has changed."""
        problem = await self._find_problem()
        # What failed while Redis was gone is no refusal of one that works.
        self._refused.report(is_working=problem is None and self.problem is None)
        if problem == self.problem:
            return
        was_gone, self.problem = self.problem is not None, problem
        if problem is not None:
            log.warning("%s: %s", MEANWHILE, problem)
        elif was_gone:
            log.info("the Redis at %s works again; %s", self.place, SHARED)
            for call in self._on_return:
                call()

    async def watch(self) -> None:
        """Look again and again, at once where a call has failed."""
        while True:
            if self.problem is None:
                with suppress(
                    TimeoutError
                ):  # not wait_for, which may miss in 3.11 that it is cancelled
                    async with asyncio.timeout(SELDOM):
                        await self._doubt.wait()
            else:
                await asyncio.sleep(OFTEN)
            self._doubt.clear()
            await self.look()

    async def _find_problem(self) -> str | None:
        try:
            async with asyncio.timeout(LONGEST_LOOK):
                [found] = await self.client.mget(LOOKED_AT)  # None where it is of another kind
                await self.client.set(LOOKED_AT, self._others.mark, ex=SHOWN)
        except FAILURES as error:
            return f"the Redis at {self.place} {describe(error)}"
        self._others.note(found)
        return None


@asynccontextmanager
async def open_redis(url: SecretStr, mark: str = "1") -> AsyncIterator[RedisLink]:
    """The way to the Redis at `url`, looked at once; where it is gone, the log says so.

    Servers that share have the same `mark`, made of their secret."""
    client = Redis.from_url(
        url.get_secret_value(),
        protocol=2,
        retry=Retry(NoBackoff(), 0),  # a charge must not be made twice
        socket_connect_timeout=LONGEST_LOOK,
        socket_timeout=LONGEST_LOOK,
        driver_info=None,  # which would be two more round trips for each connection
    )
    link = RedisLink(client, place_of(url), mark)
    await link.look()
    if link.problem is None:
        log.info("%s by the Redis at %s", SHARED, place_of(url))
    watching = asyncio.create_task(link.watch())
    try:
        yield link
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        await client.aclose()
