"""The pages for what cannot be shown."""

from __future__ import annotations

from typing import Any

from quart import Quart, ResponseReturnValue, has_request_context, request, websocket
from werkzeug.exceptions import NotFound

from chains.book_names import no_such_book
from chains.errors import ServiceUnavailable, StoreError
from quart_app.door.root_path import BOOK_PATH, local_path
from quart_app.routes.current import read_pages, reason_of, services
from quart_app.routes.html import html, words_of

API = "/api/"
NO_SOCKET = "There is no socket at this address."


def explain_errors(app: Quart) -> None:
    """Answer what fails with a page, where a blueprint has no answer of its own."""

    @app.errorhandler(NotFound)
    async def not_found(_: NotFound) -> ResponseReturnValue:
        """A page with a link to the contents; a line for a handshake, which no page would see."""
        if not has_request_context():
            return _no_book(websocket.scope) or NO_SOCKET, 404
        try:
            pages = await read_pages()
            no_book = _no_book(request.scope)
        except (ServiceUnavailable, StoreError):
            pages, no_book = None, None
        if no_book is not None and API in request.path:
            return {"error": no_book}, 404
        words = words_of(pages)
        values = {"heading": words.no_page, "message": no_book or words.no_page_why}
        return await html("message.html", pages, **values), 404

    @app.errorhandler(ServiceUnavailable)
    @app.errorhandler(StoreError)
    async def closed(error: ServiceUnavailable | StoreError) -> ResponseReturnValue:
        """What is missing, and what to do."""
        values = {"heading": "The book is not open", "message": reason_of(error)}
        return await html("message.html", None, **values), 503, {"Retry-After": "5"}


def _no_book(scope: Any) -> str | None:
    """What to say where the path names a book that is not there."""
    match = BOOK_PATH.match(local_path(scope))
    return no_such_book(match["name"], services().books.names) if match else None
