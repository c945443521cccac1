"""The pages that people see: templates with the book's title and what answers beside it."""

from __future__ import annotations

import asyncio
import json

from quart import Response, current_app, render_template, request

from chains.language.languages import LANGUAGES
from quart_app.door.arrival import JSON, wants_json
from quart_app.door.root_path import local_path
from quart_app.pages.contents import Pages
from quart_app.pages.sidebar import sidebar
from quart_app.pages.site_words import ENGLISH, SiteWords, site_words
from quart_app.routes.current import services

UNNAMED = {"und", "xx"}
"""Codes of our own, which browsers would not know."""


async def html(template: str, pages: Pages | None, present: str = "", **values: object) -> str:
    """The rendered `template`; without `pages` it has neither title nor tutor.

    `present` is the address of the chapter that it shows, as the contents have it.
    """
    values |= {"words": words_of(pages), "lang": "en", "present": present}
    if pages is not None:
        language = LANGUAGES[pages.book.language]
        values |= {
            "book": pages.book,
            "notice": _notice(),
            "groups": sidebar(pages.parts, present),
            "lang": "en" if language.code in UNNAMED else language.code,
            "is_right_to_left": language.is_right_to_left,
        }
    await _compile_templates()
    return await render_template(template, **values)


async def problem(
    status: int,
    heading: str,
    message: str,
    pages: Pages | None = None,
    *,
    as_json: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """What cannot be shown, and why: a page, or JSON with `as_json`, by default the `message`."""
    if wants_json(local_path(request.scope), request.headers.get("Accept", "")):
        said = json.dumps({"error": as_json or message})
        response = Response(said, status, headers, content_type=JSON)
    else:
        page = await html("message.html", pages, heading=heading, message=message)
        response = Response(page, status, headers)
    response.vary.add("Accept")
    return response


async def _compile_templates() -> None:
    """Compile all of them in a thread before the first page: each would hold the event loop."""
    templates = current_app.jinja_env
    if not templates.cache:
        names = templates.list_templates()
        await asyncio.to_thread(lambda: [templates.get_template(name) for name in names])


def words_of(pages: Pages | None) -> SiteWords:
    """What the site says in the language of the book; in English without one."""
    return ENGLISH if pages is None else site_words(LANGUAGES[pages.book.language].code)


def _notice() -> str:
    """What readers should know of the model; what its operator can do stands after a semicolon."""
    model = services().model
    said = (model.notice or f"answered by {model.name}").partition(";")[0]
    return f"{said[:1].upper()}{said[1:]}. Check what is cited."
