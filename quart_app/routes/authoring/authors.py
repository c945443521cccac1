"""/api/ingest and /api/content: what authors call, with the token of the data folder."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from quart import Blueprint, Response, ResponseReturnValue, request
from quart_rate_limiter import rate_limit

from chains.book_names import NoSuchBook
from chains.errors import ServiceUnavailable, StoreError
from quart_app.authors.ingestions import OneIsRunning, OtherFolder
from quart_app.routes.authoring.admission import LOOKS, STARTS, refusal_of_token
from quart_app.routes.authoring.bodies import BadBody, Staged, Wanted, decode
from quart_app.routes.current import (
    book_asked_for,
    book_of_path,
    read_pages,
    reason_of,
    seen_here,
    services,
)

authors = Blueprint("authors", __name__, url_prefix="/api")


@authors.post("/ingest")
@rate_limit(limits=[STARTS])
async def start() -> ResponseReturnValue:
    """Begin an ingestion of the book's folder; 202 with its id."""
    if (refusal := refusal_of_token()) is not None:
        return refusal
    try:
        wanted = decode(await request.get_data() or b"{}", Wanted)
        options = wanted.options()
        kind: Literal["plan", "ingest"] = "plan" if wanted.dry_run else "ingest"
        book = services().books.find(wanted.book) if wanted.book else book_of_path()
        one = services().ingestions.start(kind, options, wanted.path, book)
    except OtherFolder as error:
        return {"error": str(error)}, 403
    except OneIsRunning as error:
        return {"error": str(error), "id": error.id}, 409
    return asdict(one), 202, {"Location": f"{request.root_path}/api/ingest/{one.id}"}


@authors.post("/restore")
@rate_limit(limits=[STARTS])
async def restore() -> ResponseReturnValue:
    """Take over an index that `scholiast restore` has put into the data folder."""
    if (refusal := refusal_of_token()) is not None:
        return refusal
    wanted = decode(await request.get_data(), Staged)
    try:
        book = services().books.find(wanted.book) if wanted.book else book_of_path()
        await services().ingestions.restore(wanted.staged, book)
    except OneIsRunning as error:
        return {"error": str(error), "id": error.id}, 409
    return {"index_version": services().libraries[book].latest.version}


@authors.get("/ingest/<string(maxlength=100):id>")
@rate_limit(limits=[LOOKS])
async def look(id: str) -> ResponseReturnValue:
    """How far it is, and what it did."""
    if (refusal := refusal_of_token()) is not None:
        return refusal
    one = services().ingestions.get(id)
    return ({"error": "There is no such ingestion."}, 404) if one is None else asdict(one)


@authors.delete("/ingest/<string(maxlength=100):id>")
@rate_limit(limits=[STARTS])
async def stop(id: str) -> ResponseReturnValue:
    """End it; the index stays as it was."""
    if (refusal := refusal_of_token()) is not None:
        return refusal
    await services().ingestions.stop(id)
    return await look(id)


@authors.get("/content")
@rate_limit(limits=[LOOKS])
async def content() -> ResponseReturnValue:
    """The chapters of the index, in reading order, with their sections."""
    if (refusal := refusal_of_token()) is not None:
        return refusal
    name = book_asked_for()
    book = (await read_pages(name)).book
    chapters: list[dict[str, Any]] = [
        {
            "file": file.file,
            "title": file.title,
            "url": seen_here(book.url(file), name),
            "sections": [
                {
                    "path": list(section.path),
                    "url": seen_here(book.url(file, section.anchor), name),
                }
                for section in file.sections
            ],
        }
        for file in book.files.values()
    ]
    return {"title": book.title, "index_version": book.version, "chapters": chapters}


@authors.errorhandler(BadBody)
async def malformed(error: BadBody) -> ResponseReturnValue:
    """What is wrong with it."""
    return {"error": str(error)}, 422


@authors.errorhandler(NoSuchBook)
async def no_such_book(error: NoSuchBook) -> ResponseReturnValue:
    """Which there are."""
    return {"error": str(error)}, 404


@authors.errorhandler(ServiceUnavailable)
@authors.errorhandler(StoreError)
async def closed(error: ServiceUnavailable | StoreError) -> ResponseReturnValue:
    """What is missing, and what to do."""
    return {"error": reason_of(error)}, 503, {"Retry-After": "5"}


@authors.after_request
async def keep_nowhere(response: Response) -> Response:
    """It is for who has the token."""
    response.headers["Cache-Control"] = "no-store"
    return response
