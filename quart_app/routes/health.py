"""/healthz and /readyz: whether the server is well, for probes."""

from __future__ import annotations

import msgspec
from quart import Blueprint, ResponseReturnValue

from chains.book_names import NoSuchBook
from chains.errors import ServiceUnavailable, StoreError
from quart_app.routes.current import about, book_asked_for, read_pages, reason_of, services
from quart_app.services import Services

health = Blueprint("health", __name__)


@health.get("/healthz")
async def healthz() -> ResponseReturnValue:
    """Whether the process lives."""
    return {"status": "alive"}


@health.get("/readyz")
async def readyz() -> ResponseReturnValue:
    """Whether questions can be answered, about which book, by which model, and how many more.

    The book is the one of the path, or of the query, as in ``?book=go``.

    Among the `warnings`, where there are any, are prompts that were edited and cannot be used, and
    a Redis that is gone.
    """
    try:
        pages = await read_pages(book_asked_for())
    except NoSuchBook as error:
        return {"status": "unavailable", "reason": str(error)}, 404
    except (ServiceUnavailable, StoreError) as error:
        return {"status": "unavailable", "reason": reason_of(error)}, 503
    if services().connections.is_draining:
        return {"status": "draining", "reason": "The server is shutting down."}, 503
    limits = msgspec.to_builtins(await services().limits.everybody.limits())
    ready = {"status": "ready"} | about(pages) | {"limits": limits}
    if warnings := _warnings(services()):
        ready["warnings"] = warnings
    return ready


def _warnings(s: Services) -> list[str]:
    return [
        *(s.prompts.warnings() if s.prompts is not None else ()),
        *(s.redis.warnings() if s.redis is not None else ()),
    ]
