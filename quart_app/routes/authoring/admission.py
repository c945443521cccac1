"""Who may call the routes for authors, and how often."""

from __future__ import annotations

from datetime import timedelta
from hmac import compare_digest

from quart import request
from quart_rate_limiter import RateLimit

from quart_app.routes.current import services

STARTS = RateLimit(20, timedelta(minutes=1))
LOOKS = RateLimit(600, timedelta(minutes=1))
REFUSED = (
    "Send `Authorization: Bearer TOKEN` with the token in the file ingest.token of the server's "
    "data folder."
)


def refusal_of_token() -> tuple[dict[str, str], int, dict[str, str]] | None:
    """What who has no token gets, or another one."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and is_token(given.strip()):
        return None
    return {"error": REFUSED}, 401, {"WWW-Authenticate": "Bearer"}


def is_token(given: str) -> bool:
    """Whether it is the author's token; how long this takes says nothing of it."""
    return compare_digest(given.encode(), services().ingest_token.encode())
