"""Which pages may read what the server answers: those that may open the socket.

The path decides, so that a page can read errors too. Vary names Origin in every answer, or a
cache would give one page what it holds for another. Why the book is not shown may be read by any
page: one that may not open the socket learns that by it. So may the script that says it.
"""

from __future__ import annotations

from quart import Quart, Response, request
from quart_cors import route_cors

from quart_app.door.arrival import Arrival
from quart_app.routes.current import services

EXACT = {"/widget.js"}
API = "/api/"
BELOW = ("/widget/", API)
EXPLAINED = {403, 429, 503}
"""Answers of the API that hold nothing of the book, but why it is not shown."""
HEADERS = ("Content-Type",)
"""What a page may send."""
EXPOSED = ("Retry-After",)
EXPLAINING = "/widget/more-"
"""The beginning of the address of the script that writes to the console what can be mended."""
MAX_AGE = 600
"""Seconds for which a browser need not ask again."""


def share(app: Quart) -> None:
    """Let pages of the allowed origins embed the widget and call the API."""

    @app.before_request
    async def answer_preflight() -> Response | None:
        is_preflight = request.method == "OPTIONS" and request.access_control_request_method
        return Response(status=204) if is_preflight and _is_shared(request.path) else None

    @app.after_request
    async def add_permission(response: Response) -> Response:
        if not _is_shared(request.path):
            return response
        arrival = Arrival.of(request.scope)
        may_read = arrival.may_open(services().settings.allowed_origins, is_required=True)
        is_explained = request.path.startswith(API) and response.status_code in EXPLAINED
        is_for_all = is_explained or request.path.startswith(EXPLAINING)
        reader = (may_read and arrival.origin) or arrival.own_origin
        origins = {"*" if is_for_all else reader}

        @route_cors(
            allow_headers=HEADERS,
            allow_origin=origins,
            expose_headers=EXPOSED,
            max_age=MAX_AGE,
            provide_automatic_options=False,
        )
        async def finished() -> Response:
            return response

        shared = await finished()
        shared.vary.add("Origin")  # left out for a star, but others get no star
        return shared


def _is_shared(path: str) -> bool:
    return path in EXACT or path.startswith(BELOW)
