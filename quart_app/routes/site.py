"""The reader's site: the contents, the chapters, their figures, and whether the server is well."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quart import Blueprint, Response, ResponseReturnValue, current_app, render_template, send_file
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable

from chains.errors import ServiceUnavailable as IndexUnavailable
from chains.errors import StoreError
from quart_app.pages.contents import Pages
from quart_app.services import Services

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FIGURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""An SVG may style itself; it may neither script nor load anything."""
FIGURES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}

PAGES = "scholiast.pages"

log = logging.getLogger("scholiast.site")

# Windows takes these from its registry, where another program may have put text/plain.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")

site = Blueprint("site", __name__, static_folder="../static", template_folder="../templates")


@site.get("/")
async def contents() -> ResponseReturnValue:
    """The book's title and its chapters."""
    pages = await read_pages()
    return await _html("contents.html", pages, parts=pages.parts())


@site.get("/book/", defaults={"route": ""})
@site.get("/book/<path:route>")
async def chapter(route: str) -> ResponseReturnValue:
    """One chapter."""
    pages = await read_pages()
    file = pages.find(route)
    if file is None:
        raise NotFound
    with _reaching_index():
        text = await _services().library.read_page(file.file)
    page = await asyncio.to_thread(pages.render, file, text)
    before, after = pages.neighbours(file)
    return await _html("chapter.html", pages, file=file, page=page, before=before, after=after)


@site.get("/figures/<path:path>")
async def figure(path: str) -> ResponseReturnValue:
    """An image from the book's folder."""
    pages = await read_pages()
    kind = FIGURES.get(Path(path).suffix.lower())
    found = await asyncio.to_thread(_inside, Path(pages.book.root), path)
    if kind is None or found is None:
        raise NotFound
    response = await send_file(found, mimetype=kind, conditional=True)
    response.headers["Content-Security-Policy"] = FIGURE_POLICY
    return response


@site.get("/healthz")
async def healthz() -> ResponseReturnValue:
    """Whether the process lives."""
    return {"status": "alive"}


@site.get("/readyz")
async def readyz() -> ResponseReturnValue:
    """Whether questions can be answered, about which book, by which model."""
    try:
        pages = await read_pages()
    except ServiceUnavailable as error:
        return {"status": "unavailable", "reason": error.description}, 503
    if _services().connections.is_draining:
        return {"status": "draining", "reason": "The server is shutting down."}, 503
    return {"status": "ready"} | about(pages)


def about(pages: Pages) -> dict[str, object]:
    """The book and what answers, in figures."""
    book = pages.book
    facts = {
        "title": book.title,
        "base_url": book.base_url,
        "index_version": book.version,
        "files": len(book.files),
        "sections": sum(len(file.sections) for file in book.files.values()),
    }
    return {"book": facts, "model": _services().model.name}


@site.app_errorhandler(NotFound)
async def not_found(_: HTTPException) -> ResponseReturnValue:
    """A way back to the contents."""
    try:
        pages = await read_pages()
    except ServiceUnavailable:
        pages = None
    message = "The book has no page at this address. It may have been moved or renamed."
    return await _html("message.html", pages, heading="No such page", message=message), 404


@site.errorhandler(ServiceUnavailable)
async def unavailable(error: HTTPException) -> ResponseReturnValue:
    """What is missing, and what to do."""
    values = {"heading": "The book is not open", "message": error.description}
    return await _html("message.html", None, **values), 503, {"Retry-After": "5"}


@site.after_app_request
async def add_headers(response: Response) -> Response:
    """For whatever the app answers; a route's own policy stays."""
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-cache")
    return response


def _services() -> Services:
    services: Services | None = current_app.extensions.get("scholiast")
    if services is None:
        raise ServiceUnavailable("The server is starting; try again in a moment.")
    return services


async def read_pages() -> Pages:
    """Those of the book's present version. Raises werkzeug's ServiceUnavailable."""
    try:
        with _reaching_index():
            book = await _services().library.read_book()
    except StoreError as error:
        raise ServiceUnavailable(str(error)) from None
    pages: Pages | None = current_app.extensions.get(PAGES)
    if pages is None or pages.book.version != book.version:
        pages = current_app.extensions[PAGES] = Pages(book)
    return pages


@contextmanager
def _reaching_index() -> Iterator[None]:
    """A Qdrant server that does not answer is told as such; the reason is for the log."""
    try:
        yield
    except IndexUnavailable as error:
        log.warning("a page could not be shown: %s", error)
        raise ServiceUnavailable(
            "The index of the book does not answer at the moment. Please try again in a while."
        ) from None


async def _html(template: str, pages: Pages | None, **values: object) -> str:
    if pages is not None:
        values |= {"book": pages.book, "notice": _notice()}
    return await render_template(template, **values)


def _notice() -> str:
    """What readers should know of the model; what its operator can do stands after a semicolon."""
    model = _services().model
    said = (model.notice or f"answered by {model.name}").partition(";")[0]
    return f"{said[:1].upper()}{said[1:]}. Check what is cited."


def _inside(root: Path, path: str) -> Path | None:
    """The file at `path` below `root`, links followed; None if it is elsewhere or missing."""
    try:
        found = (root / path).resolve(strict=True)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None
    return found if found.is_file() and found.is_relative_to(root.resolve()) else None
