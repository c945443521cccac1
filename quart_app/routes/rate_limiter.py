"""How often a route may be called: quart-rate-limiter, which counts in our store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quart import request
from quart_rate_limiter import RateLimit, RateLimiter, RateLimitExceeded
from quart_rate_limiter.store import RateLimiterStoreABC
from typing_extensions import override

from quart_app.answers.limit_store import Charge, LimitStore
from quart_app.door.addresses import address_key, allowances


class AtomicRateLimiter(RateLimiter):
    """Checks and charges the limits of a route in one step of the store.

    The library's own would check first and charge later, so that requests which come together
    could all pass. Until `count_in` names another, it counts in a store of its own.
    """

    def __init__(self) -> None:
        super().__init__(key_function=_address)
        self.count_in(LimitStore())

    def count_in(self, store: LimitStore) -> None:
        """Charge the limits in `store` from now on."""
        self._charged = store
        self.store = _Times(store)

    @override
    async def _raise_on_rejection(self, endpoint: str, rate_limits: Sequence[RateLimit]) -> None:
        charges: list[Charge] = []
        _, *sites = allowances(await _address()).items()
        for limit in rate_limits:
            key, seconds = await self._create_key(endpoint, limit), limit.period.total_seconds()
            charges.append(Charge(key, limit.count, seconds))
            charges += [
                Charge(f"{endpoint} {seconds} {site}", limit.count * times, seconds)
                for site, times in sites
            ]
        refusal = await self._charged.take(charges)
        if refusal is not None:
            raise RateLimitExceeded(refusal.retry_after)

    @override
    async def _update_limits(self, endpoint: str, rate_limits: Sequence[RateLimit]) -> None:
        """They are charged already."""


class _Times(RateLimiterStoreABC):
    """The store as the library reads it for its headers: arrival times by the wall clock."""

    def __init__(self, store: LimitStore) -> None:
        self._store = store

    @override
    async def get(self, key: str, default: datetime) -> datetime:
        """`default` is now."""
        return default + await self._store.ahead(key)

    @override
    async def set(self, key: str, tat: datetime) -> None:
        raise NotImplementedError("Only `LimitStore.take` charges.")

    @override
    async def before_serving(self) -> None:
        """Nothing is to be opened."""

    @override
    async def after_serving(self) -> None:
        """Nothing is to be closed."""


async def _address() -> str:
    return address_key(request.remote_addr or "")
