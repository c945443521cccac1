"""What routes share: the open services, and the pages of the book's present version."""

from __future__ import annotations

import logging
from typing import Any, cast

from quart import current_app, has_request_context, request, websocket

from chains.answering.relevance import gate_facts
from chains.book_names import FOLDER, LONGEST
from chains.errors import ServiceUnavailable, StoreError
from chains.index.book import OWN_SITE
from chains.index.library import Library
from quart_app.door.arrival import Arrival
from quart_app.door.refusals import RareLines
from quart_app.door.root_path import BOOK
from quart_app.pages.contents import Pages
from quart_app.services import Services

SERVICES = "scholiast"
PAGES = "scholiast.pages"
STARTING = "The server is starting; try again in a moment."
NO_ANSWER = "The index of the book does not answer at the moment. Please try again in a while."
NO_INDEX = "The index of the book cannot be read. The server's log says why."

log = logging.getLogger("scholiast.site")
LINES = RareLines()
"""Those of this process."""


def services() -> Services:
    """Those of the app that serves the current request.

    Raises ServiceUnavailable while they are not open.
    """
    opened: Services | None = current_app.extensions.get(SERVICES)
    if opened is None:
        raise ServiceUnavailable("server", "its services are not open yet")
    return opened


def may_open_socket(arrival: Arrival) -> bool:
    """Whether the settings let in a handshake of its Origin. Raises ServiceUnavailable."""
    rules = services().settings
    return arrival.may_open(rules.allowed_origins, is_required=rules.require_origin)


def book_of_path() -> str:
    """The name of the book whose path the request or the handshake at hand is below."""
    scope = request.scope if has_request_context() else websocket.scope
    return services().books.find(cast("dict[str, Any]", scope).get(BOOK))


def book_asked_for() -> str:
    """The name of the book that the query says, as in ``?book=go``, or else the path.

    Raises NoSuchBook.
    """
    query = request.args if has_request_context() else websocket.args
    name = query.get("book")
    return services().books.find(name[: LONGEST + 1]) if name else book_of_path()


def site_root() -> str:
    """The path below which the client has all of this server, without that of a book."""
    scope = cast("dict[str, Any]", request.scope if has_request_context() else websocket.scope)
    name = scope.get(BOOK)
    return str(scope.get("root_path", "")).removesuffix(f"/{FOLDER}/{name}" if name else "")


def place_of(name: str) -> str:
    """Where the client has a book, such as ``/tutor/books/go``; "" for the default one of a server
    below no path."""
    return site_root() + services().books.path(name)


def seen_here(url: str, name: str) -> str:
    """An address of a page of a book, which begins where this server has it if it is on it."""
    return place_of(name) + url if url.startswith(OWN_SITE) else url


def library() -> Library:
    """The book of the request at hand."""
    return services().libraries[book_of_path()]


async def read_pages(name: str | None = None) -> Pages:
    """The pages of a book, by default that of the path, as the index holds it now.

    Raises ServiceUnavailable, StoreError.
    """
    name = book_of_path() if name is None else name
    book = await services().libraries[name].read_book()
    kept: dict[str, Pages] = current_app.extensions.setdefault(PAGES, {})
    if name not in kept or kept[name].book.version != book.version:
        kept[name] = Pages(book)
    return kept[name]


def reason_of(error: ServiceUnavailable | StoreError) -> str:
    """Why there is no book to show, in words for a reader.

    What the error says is only logged: it holds paths, and words of the engine or the system.
    """
    if isinstance(error, StoreError):
        reason = NO_INDEX
    else:
        reason = STARTING if error.service == "server" else NO_ANSWER
    if (others := LINES.due(reason)) is not None:
        log.warning("the book could not be shown: %s%s", error, others)
    return reason


def about(pages: Pages, base_url: str | None = None) -> dict[str, object]:
    """The book and what answers, in figures; with the address of its pages as it is seen here."""
    book = pages.book
    facts = {
        "title": book.title,
        "base_url": book.base_url if base_url is None else base_url,
        "index_version": book.version,
        "files": len(book.files),
        "sections": sum(len(file.sections) for file in book.files.values()),
        "chunks": book.scope.vocabulary.chunks,
        "gate": gate_facts(book.scope, services().settings.gate),
    }
    return {"book": facts, "model": services().model.name}
