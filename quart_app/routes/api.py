"""/api: what pages of other origins may fetch, so many times a minute."""

from __future__ import annotations

from datetime import timedelta

from quart import Blueprint, Response, ResponseReturnValue, request
from quart_rate_limiter import RateLimit, RateLimitExceeded, rate_limit

from chains.book_names import NoSuchBook
from chains.errors import ServiceUnavailable, StoreError
from quart_app.door.addresses import address_key
from quart_app.door.arrival import Arrival
from quart_app.protocol.messages import SUBPROTOCOL
from quart_app.routes.current import (
    about,
    book_asked_for,
    may_open_socket,
    place_of,
    read_pages,
    reason_of,
    seen_here,
    services,
)

BOOK_LIMIT = RateLimit(60, timedelta(minutes=1))
ORIGIN_REFUSED = "Pages of this Origin may not ask here; see SCHOLIAST_ALLOWED_ORIGINS."

api = Blueprint("api", __name__, url_prefix="/api")


@api.get("/book")
@rate_limit(limits=[BOOK_LIMIT])
async def book() -> ResponseReturnValue:
    """The book that can be asked here, by which model, and where; and what was seen of the page.

    A page that may not open the socket gets only the latter, so that it can say why.
    """
    arrival = Arrival.of(request.scope)
    if arrival.origin is not None and not may_open_socket(arrival):
        return {"error": ORIGIN_REFUSED} | _seen(), 403
    name = book_asked_for()
    pages = await read_pages(name)
    facts = about(pages, seen_here(pages.book.base_url, name))
    facts |= {"protocol": SUBPROTOCOL, "chat": f"{place_of(name)}/ws/chat"}
    return facts | _seen() | _wait()


@api.get("/books")
@rate_limit(limits=[BOOK_LIMIT])
async def books() -> ResponseReturnValue:
    """The names of the books that can be asked here; the one that needs no name is the default."""
    arrival = Arrival.of(request.scope)
    if arrival.origin is not None and not may_open_socket(arrival):
        return {"error": ORIGIN_REFUSED} | _seen(), 403
    there = services().books
    return {"books": sorted(there.names), "default": there.default}


@api.errorhandler(NoSuchBook)
async def no_such_book(error: NoSuchBook) -> ResponseReturnValue:
    """Which there are."""
    return {"error": str(error)} | _seen(), 404


@api.app_errorhandler(RateLimitExceeded)
async def too_many(error: RateLimitExceeded) -> ResponseReturnValue:
    """When to come again."""
    message = f"Too many requests; come again in {error.retry_after} s."
    return {"error": message} | _seen(), 429, {"Retry-After": str(error.retry_after)}


@api.errorhandler(ServiceUnavailable)
@api.errorhandler(StoreError)
async def closed(error: ServiceUnavailable | StoreError) -> ResponseReturnValue:
    """What is missing, and what to do."""
    return {"error": reason_of(error)} | _seen(), 503, {"Retry-After": "5"}


@api.after_request
async def keep_nowhere(response: Response) -> Response:
    """What was seen of one page is not for another."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _wait() -> dict[str, object]:
    """In how many seconds to open a socket, where there is no place for one now."""
    turned_away = services().connections.turns_away(address_key(request.remote_addr or ""))
    return {} if turned_away is None else {"retry_after": turned_away.retry_after}


def _seen() -> dict[str, object]:
    """What was seen of the page that asks; nothing before the settings are known."""
    try:
        rules = services().settings
    except ServiceUnavailable:
        return {}
    arrival = Arrival.of(request.scope)
    facts = arrival.facts(rules.allowed_origins, is_required=rules.require_origin)
    return {"request": facts}
