"""The pages for what cannot be shown."""

from __future__ import annotations

from quart import Quart, ResponseReturnValue
from werkzeug.exceptions import NotFound

from chains.errors import ServiceUnavailable, StoreError
from quart_app.routes.current import read_pages, reason_of
from quart_app.routes.html import html

NO_PAGE = "The book has no page at this address. It may have been moved or renamed."


def explain_errors(app: Quart) -> None:
    """Answer what fails with a page, where a blueprint has no answer of its own."""

    @app.errorhandler(NotFound)
    async def not_found(_: NotFound) -> ResponseReturnValue:
        """A page with a link to the contents."""
        try:
            pages = await read_pages()
        except (ServiceUnavailable, StoreError):
            pages = None
        return await html("message.html", pages, heading="No such page", message=NO_PAGE), 404

    @app.errorhandler(ServiceUnavailable)
    @app.errorhandler(StoreError)
    async def closed(error: ServiceUnavailable | StoreError) -> ResponseReturnValue:
        """What is missing, and what to do."""
        values = {"heading": "The book is not open", "message": reason_of(error)}
        return await html("message.html", None, **values), 503, {"Retry-After": "5"}
