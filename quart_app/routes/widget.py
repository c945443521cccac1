"""The widget for pages of any site: /widget.js, and below /widget/ files that never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from gzip import compress
from hashlib import sha256

from quart import Blueprint, Response, ResponseReturnValue, request

from quart_app.pages.bundle import NOT_BUILT, NOTICES, Bundle
from quart_app.routes.file_parts import unless_known

FRESH = "public, max-age=300, stale-while-revalidate=86400"
"""For a day a page uses the copy that it has, while it fetches the newer one."""
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Script:
    """A file as it is sent, plain or gzipped, and how long it may be kept."""

    plain: bytes
    gzipped: bytes
    tag: str
    caching: str
    type: str = "text/javascript; charset=utf-8"


def embed(bundle: Bundle | None) -> Blueprint:
    """The routes of the widget, gzipped once; without a bundle they say that it is not built."""
    blueprint = Blueprint("embed", __name__)
    scripts = _scripts(bundle) if bundle else {}

    @blueprint.get("/widget.js", defaults={"name": ""})
    @blueprint.get("/widget/<path:name>")
    async def script(name: str) -> ResponseReturnValue:
        if bundle is None:
            return _text(NOT_BUILT, 503)
        found = scripts.get(name)
        return _text(_gone(request.root_path, bundle), 404) if found is None else await _send(found)

    @blueprint.after_request
    async def let_pages_embed(response: Response) -> Response:
        # A page with a Cross-Origin-Embedder-Policy loads nothing else from other origins.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        # The scripts are minified; what is left of a comment in them would be paid by each reader.
        response.headers["Link"] = f'<{request.root_path}/widget/{NOTICES}>; rel="license"'
        return response

    return blueprint


def _scripts(bundle: Bundle) -> Mapping[str, Script]:
    """By their names below /widget/; "" is /widget.js."""
    later = {name: _pack(content, FOREVER) for name, content in bundle.later.items()}
    pinned = bundle.path.removeprefix("widget/")
    widget, same = (_pack(bundle.widget, caching) for caching in (FRESH, FOREVER))
    notices = replace(_pack(bundle.notices, FRESH), type="text/plain; charset=utf-8")
    texts = {NOTICES: notices} if bundle.notices else {}
    return {"": widget, pinned: same, **texts, **later}


def _pack(content: bytes, caching: str) -> Script:
    return Script(content, compress(content, 9, mtime=0), sha256(content).hexdigest()[:32], caching)


async def _send(script: Script) -> Response:
    is_gzipped = request.accept_encodings.quality("gzip") > 0
    response = Response(script.gzipped if is_gzipped else script.plain, content_type=script.type)
    if is_gzipped:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = script.caching
    response.set_etag(script.tag, weak=True)  # one for both forms
    return await unless_known(response)


def _gone(root_path: str, bundle: Bundle) -> str:
    return (
        f"There is no such script here. The present widget is {root_path}/{bundle.path}; "
        "`scholiast status --embed` prints the line to paste."
    )


def _text(message: str, status: int) -> Response:
    response = Response(f"{message}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
