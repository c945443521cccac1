"""The pages that people see: templates with the book's title and what answers beside it."""

from __future__ import annotations

from quart import render_template

from quart_app.pages.contents import Pages
from quart_app.routes.current import services


async def html(template: str, pages: Pages | None, **values: object) -> str:
    """The rendered `template`; without `pages` it has neither title nor tutor."""
    if pages is not None:
        values |= {"book": pages.book, "notice": _notice()}
    return await render_template(template, **values)


def _notice() -> str:
    """What readers should know of the model; what its operator can do stands after a semicolon."""
    model = services().model
    said = (model.notice or f"answered by {model.name}").partition(";")[0]
    return f"{said[:1].upper()}{said[1:]}. Check what is cited."
