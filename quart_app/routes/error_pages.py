"""The pages for what cannot be shown."""

from __future__ import annotations

from quart import Quart, ResponseReturnValue
from werkzeug.exceptions import NotFound

from chains.errors import ServiceUnavailable, StoreError
from quart_app.routes.current import read_pages, reason_of
from quart_app.routes.html import html, words_of


def explain_errors(app: Quart) -> None:
    """Answer what fails with a page, where a blueprint has no answer of its own."""

    @app.errorhandler(NotFound)
    async def not_found(_: NotFound) -> ResponseReturnValue:
        """A page with a link to the contents."""
        try:
            pages = await read_pages()
        except (ServiceUnavailable, StoreError):
            pages = None
        words = words_of(pages)
        values = {"heading": words.no_page, "message": words.no_page_why}
        return await html("message.html", pages, **values), 404

    @app.errorhandler(ServiceUnavailable)
    @app.errorhandler(StoreError)
    async def closed(error: ServiceUnavailable | StoreError) -> ResponseReturnValue:
        """What is missing, and what to do."""
        values = {"heading": "The book is not open", "message": reason_of(error)}
        return await html("message.html", None, **values), 503, {"Retry-After": "5"}
