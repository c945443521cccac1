"""/api: what pages of other origins may fetch, so many times a minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from quart import Blueprint, ResponseReturnValue, request
from quart_rate_limiter import RateLimit, RateLimiter, RateLimitExceeded, rate_limit
from typing_extensions import override
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from quart_app.answers.limit_store import Charge, LimitStore
from quart_app.answers.limits import address_key
from quart_app.protocol.messages import SUBPROTOCOL
from quart_app.routes.site import about, read_pages

BOOK_LIMIT = RateLimit(60, timedelta(minutes=1))

api = Blueprint("api", __name__, url_prefix="/api")


class AtomicRateLimiter(RateLimiter):
    """quart-rate-limiter's, which would look first and charge later, in one step of the store."""

    store: LimitStore

    def __init__(self) -> None:
        super().__init__(key_function=_address, store=LimitStore())

    @override
    async def _raise_on_rejection(self, endpoint: str, rate_limits: Sequence[RateLimit]) -> None:
        charges = [
            Charge(
                await self._create_key(endpoint, limit), limit.count, limit.period.total_seconds()
            )
            for limit in rate_limits
        ]
        refusal = await self.store.take(charges)
        if refusal is not None:
            raise RateLimitExceeded(refusal.retry_after)

    @override
    async def _update_limits(self, endpoint: str, rate_limits: Sequence[RateLimit]) -> None:
        """They are charged already."""


@api.get("/book")
@rate_limit(limits=[BOOK_LIMIT])
async def book() -> ResponseReturnValue:
    """The book that can be asked here, by which model, and where."""
    return about(await read_pages()) | {"protocol": SUBPROTOCOL, "chat": "/ws/chat"}


@api.app_errorhandler(RateLimitExceeded)
async def too_many(error: RateLimitExceeded) -> ResponseReturnValue:
    """When to come again."""
    message = f"Too many requests; come again in {error.retry_after} s."
    return {"error": message}, 429, {"Retry-After": str(error.retry_after)}


@api.errorhandler(ServiceUnavailable)
async def unavailable(error: HTTPException) -> ResponseReturnValue:
    """What is missing, and what to do."""
    return {"error": error.description}, 503, {"Retry-After": "5"}


async def _address() -> str:
    return address_key(request.remote_addr or "")
