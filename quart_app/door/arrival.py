"""What a request or a handshake came with, as the server sees it behind the trusted proxies."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from quart_app.door.addresses import address_key
from quart_app.door.origins import DEFAULT_PORTS, OF_PAGES, is_allowed

API = re.compile(r"(?:/books/[a-z0-9-]+)?/api/")
"""How the paths begin that programs ask for, also below one of a book that is not there."""
PAGE, JSON = "text/html", "application/json"
OF_JSON = "+json"
"""How the names of kinds of JSON end, such as application/problem+json."""
LONGEST_ACCEPT = 1000
"""Characters; a browser sends 150. All of 16 KB would hold the event loop for 15 ms."""
ORIGIN_OF_URL = re.compile(r"https?://[^/?#\s]{1,300}")


@dataclass(frozen=True, slots=True)
class Arrival:
    """The scheme of a request (``http`` or ``https``), its Host as sent, its page, its client."""

    scheme: str
    host: str
    origin: str | None
    """The header; None where there is none, as in requests of programs."""
    referer: str | None
    address: str
    """The client's, as it is counted; empty where it has none."""

    @classmethod
    def of(cls, scope: Any) -> Arrival:
        """That of an ASGI scope, of HTTP or of a websocket."""
        headers = {
            name.lower(): value.decode("latin-1") for name, value in reversed(scope["headers"])
        }
        return cls(
            OF_PAGES.get(scope["scheme"], scope["scheme"]),
            headers.get(b"host", ""),
            headers.get(b"origin"),
            headers.get(b"referer"),
            address_key((scope.get("client") or ("",))[0]),
        )

    @property
    def own_origin(self) -> str:
        """The Origin of pages that this server would have sent at this Host."""
        usual = f":{DEFAULT_PORTS[self.scheme]}"
        return f"{self.scheme}://{self.host.lower().removesuffix(usual)}"

    def may_open(self, allowed: Collection[str], *, is_required: bool) -> bool:
        """Whether a handshake with this Origin is let in; see `is_allowed`."""
        return is_allowed(self.origin, self.own_origin, allowed, is_required=is_required)

    def facts(self, allowed: Collection[str], *, is_required: bool) -> dict[str, object]:
        """For the page that asks: what was seen of it, and whether it may open the socket.

        To pages of its own origin a browser sends no Origin with a GET, though it sends one with
        a handshake; then the Referer says it, unless the page keeps that back.
        """
        match = ORIGIN_OF_URL.match(self.referer or "")
        page = self.origin if self.origin is not None or match is None else match[0]
        may_open = is_allowed(page, self.own_origin, allowed, is_required=is_required)
        return {"scheme": self.scheme, "host": self.host, "origin_allowed": may_open}


def wants_json(path: str, accept: str) -> bool:
    """Whether an error at `path`, below the root path, is to be JSON, by the header Accept.

    >>> wants_json("/api/book", ""), wants_json("/book/a", "application/json, text/html;q=0.9")
    (True, True)
    >>> wants_json("/book/a", "*/*"), wants_json("/book/a", "text/html, application/json")
    (False, False)

    Parameters, which Werkzeug would compare too, count for nothing, and the name of a kind of
    JSON (RFC 6839, 3.1) for as much as JSON:

    >>> wants_json("/book/a", "application/json;charset=utf-8")
    True
    >>> wants_json("/book/a", "Application/Problem+JSON, text/html;q=0.9")
    True
    >>> wants_json("/book/a", "text/html;level=1, application/json;q=0.5")
    False

    Of a header that is longer than any client's, only the beginning is read:

    >>> wants_json("/book/a", 4000 * "a/b," + "application/json")
    False
    """
    if API.match(path):
        return True
    accepted = parse_accept_header(accept[:LONGEST_ACCEPT], MIMEAccept)
    kinds = MIMEAccept([(_plain_kind(kind), quality) for kind, quality in accepted])
    return kinds.best_match([PAGE, JSON], PAGE) == JSON


def _plain_kind(kind: str) -> str:
    name = kind.partition(";")[0].strip()
    return JSON if name.lower().endswith(OF_JSON) else name
