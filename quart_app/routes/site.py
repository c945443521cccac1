"""The reader's site: the contents, the chapters and their figures."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

from quart import (
    Blueprint,
    ResponseReturnValue,
    current_app,
    request,
    send_file,
    send_from_directory,
)
from quart.blueprints import BlueprintSetupState
from quart_rate_limiter import RateLimit, RateLimitExceeded, rate_limit
from werkzeug.exceptions import NotFound
from werkzeug.routing import PathConverter

from quart_app.pages.contents import Link
from quart_app.pages.figure_files import TYPES, figure_file, has_figures
from quart_app.pages.found import LONGEST_QUERY, find
from quart_app.pages.links import page_address
from quart_app.pages.llms import llms_txt
from quart_app.pages.outline import outline
from quart_app.pages.rendered_pages import RenderedPages
from quart_app.routes.current import library, place_of, read_pages, services, site_root
from quart_app.routes.file_parts import unless_known
from quart_app.routes.html import html, problem, words_of

FIGURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""An SVG may style itself; it may neither script nor load anything."""

SEARCH_LIMIT = RateLimit(30, timedelta(minutes=1))
NOT_FOR_ROBOTS = {"X-Robots-Tag": "noindex"}
LONGEST_STATIC = 200
"""Characters in the address of a file of our own."""
RENDERED = "scholiast.rendered_pages"

# Windows takes these from its registry, where another program may have put text/plain.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")

STATIC = Path(__file__).parents[1] / "static"

site = Blueprint("site", __name__, template_folder="../templates")


class AnyPath(PathConverter):
    """The path of a file, whatever its name holds; a `path` of Werkzeug's holds no line end."""

    regex = r"(?s:[^/].*?)"


@site.record_once
def know_any_path(state: BlueprintSetupState) -> None:
    """Let the routes below have such paths."""
    state.app.url_map.converters["any_path"] = AnyPath


@site.while_app_serving
async def hold_rendered_pages() -> AsyncGenerator[None, None]:
    """Keep what is rendered as long as the server runs."""
    async with RenderedPages() as current_app.extensions[RENDERED]:
        yield


@site.before_request
async def refuse_long_names() -> None:
    """A longer name than any file may have is an error of the system's, and not a missing file."""
    if request.endpoint == f"{site.name}.static" and len(request.path) > LONGEST_STATIC:
        raise NotFound


@site.get("/")
async def contents() -> ResponseReturnValue:
    """The book's title and its chapters."""
    pages = await read_pages()
    others = f"{site_root()}/books/" if len(services().libraries) > 1 else ""
    return await html("contents.html", pages, parts=pages.parts, others=others)


@site.get("/books/")
async def books() -> ResponseReturnValue:
    """The books of this server, each with a link to its contents."""
    there = services().libraries.items()
    links = [Link(library.latest.title, f"{place_of(name)}/") for name, library in there]
    return await html("books.html", None, books=links)


@site.get("/llms.txt")
async def for_programs() -> ResponseReturnValue:
    """The contents as Markdown."""
    here = f"{request.scheme}://{request.host}{request.root_path}"
    text = llms_txt(await read_pages(), here)
    return text, 200, {"Content-Type": "text/plain; charset=utf-8"}


@site.get("/book/", defaults={"route": ""})
@site.get("/book/<any_path:route>")
async def chapter(route: str) -> ResponseReturnValue:
    """One chapter."""
    pages = await read_pages()
    file = pages.find(route)
    if file is None:
        raise NotFound
    text = await library().read_page(file.file)
    rendered: RenderedPages = current_app.extensions[RENDERED]
    are_here = await asyncio.to_thread(has_figures, Path(pages.book.root))
    here = request.root_path
    page = await rendered.page(pages, file, text, here, has_figures=are_here)
    before, after = pages.neighbours(file)
    values = {"file": file, "page": page, "before": before, "after": after}
    tree = outline(page.headings)
    return await html("chapter.html", pages, page_address(file), outline=tree, **values)


@site.get("/search")
@rate_limit(limits=[SEARCH_LIMIT])
async def search() -> ResponseReturnValue:
    """The sections that have the words `q`."""
    query = " ".join(request.args.get("q", "").split())
    pages = await read_pages()
    words = words_of(pages)
    if len(query) > LONGEST_QUERY:
        message = words.long.format(count=LONGEST_QUERY)
        return await problem(400, words.search, message, pages, headers=NOT_FOR_ROBOTS)
    found = await find(library(), pages, query) if query else ()
    none = words.none if query and not found else ""
    page = await html("search.html", pages, query=query, found=found, problem=none)
    return page, 200, NOT_FOR_ROBOTS


@site.errorhandler(RateLimitExceeded)
async def too_many(error: RateLimitExceeded) -> ResponseReturnValue:
    """When to search again."""
    pages = await read_pages()
    words, seconds = words_of(pages), error.retry_after
    headers = {"Retry-After": str(seconds), **NOT_FOR_ROBOTS}
    message = words.often.format(count=seconds)
    return await problem(429, words.search, message, pages, headers=headers)


@site.get("/prompts")
async def prompts() -> ResponseReturnValue:
    """The page for who edits prompts. It holds none: what it shows, it asks of /api/prompts."""
    return await html("prompts.html", None)


@site.get("/static/<string(maxlength=100):filename>")
async def static(filename: str) -> ResponseReturnValue:
    """What pages look like. Quart's own route would fail at a name that is too long for a file."""
    return await unless_known(await send_from_directory(STATIC, filename, conditional=False))


@site.get("/figures/<any_path:path>")
async def figure(path: str) -> ResponseReturnValue:
    """An image from the book's folder."""
    pages = await read_pages()
    found = await asyncio.to_thread(figure_file, Path(pages.book.root), path)
    if found is None:
        raise NotFound
    kind = TYPES[Path(path).suffix.lower()]
    response = await unless_known(await send_file(found, mimetype=kind))
    response.headers["Content-Security-Policy"] = FIGURE_POLICY
    return response
