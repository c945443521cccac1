"""/api: what pages of other origins may fetch, so many times a minute."""

from __future__ import annotations

from datetime import timedelta

from quart import Blueprint, ResponseReturnValue
from quart_rate_limiter import RateLimit, RateLimitExceeded, rate_limit

from chains.errors import ServiceUnavailable, StoreError
from quart_app.protocol.messages import SUBPROTOCOL
from quart_app.routes.current import about, read_pages, reason_of

BOOK_LIMIT = RateLimit(60, timedelta(minutes=1))

api = Blueprint("api", __name__, url_prefix="/api")


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
@api.errorhandler(StoreError)
async def closed(error: ServiceUnavailable | StoreError) -> ResponseReturnValue:
    """What is missing, and what to do."""
    return {"error": reason_of(error)}, 503, {"Retry-After": "5"}
