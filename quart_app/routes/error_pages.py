"""The answers for what cannot be shown: JSON for who wants that, and a page for everybody else."""

from __future__ import annotations

from typing import Any

from quart import Quart, Response, ResponseReturnValue, has_request_context, request, websocket
from werkzeug.exceptions import HTTPException, NotFound

from chains.book_names import no_such_book
from chains.errors import ServiceUnavailable, StoreError
from quart_app.door.root_path import BOOK_PATH, local_path
from quart_app.routes.current import read_pages, reason_of, services
from quart_app.routes.html import problem, words_of

NO_SOCKET = "There is no socket at this address."
NOTHING_HERE = "There is nothing at this address."
SAID = {
    400: "The server cannot read this request.",
    405: "This address cannot be asked for in this way.",
    408: "The request took too long.",
    413: "The request is longer than the 64 KB that can be sent.",
    500: "Something went wrong on the server; its log says what.",
}
"""What is said of a status in place of the words of Werkzeug."""
OTHERWISE = "The server cannot answer this request."
NOT_ANSWERED = "This cannot be answered"
KEPT = ("Allow", "Retry-After")
"""Headers of an error that say what its client may do."""


def explain_errors(app: Quart) -> None:
    """Answer what fails in one form, where a blueprint has no answer of its own."""
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(HTTPException, _failed)
    app.register_error_handler(ServiceUnavailable, _closed)
    app.register_error_handler(StoreError, _closed)
    app.after_request(_say_where)


async def _not_found(_: NotFound) -> ResponseReturnValue:
    """A link to the contents; a line for a handshake, which no page would see."""
    if not has_request_context():
        return _no_book(websocket.scope) or NO_SOCKET, 404
    try:
        pages = await read_pages()
        no_book = _no_book(request.scope)
    except (ServiceUnavailable, StoreError):
        pages, no_book = None, None
    words = words_of(pages)
    why = no_book or words.no_page_why
    return await problem(404, words.no_page, why, pages, as_json=no_book or NOTHING_HERE)


async def _failed(error: HTTPException) -> ResponseReturnValue:
    """Whatever else Quart or Werkzeug refuse, or fail at."""
    status = error.code or 500
    said = SAID.get(status, OTHERWISE)
    if not has_request_context():
        return said, status
    headers = {name: value for name, value in error.get_headers() if name in KEPT}
    return await problem(status, NOT_ANSWERED, said, headers=headers)


async def _closed(error: ServiceUnavailable | StoreError) -> ResponseReturnValue:
    """What is missing, and what to do."""
    headers = {"Retry-After": "5"}
    return await problem(503, "The book is not open", reason_of(error), headers=headers)


async def _say_where(response: Response) -> Response:
    """A redirect of Werkzeug's has a page that is not of our site."""
    if 300 < response.status_code < 400 and response.location is not None:
        response.set_data(f"This page is at {response.location}\n")
        response.content_type = "text/plain; charset=utf-8"
    return response


def _no_book(scope: Any) -> str | None:
    """What to say where the path names a book that is not there."""
    match = BOOK_PATH.match(local_path(scope))
    return no_such_book(match["name"], services().books.names) if match else None
