"""Below which path readers reach the server: its root path, where a proxy has other things, too."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chains.book_names import FOLDER
from chains.book_names import LONGEST as LONGEST_BOOK

if TYPE_CHECKING:
    from quart_app.door.inbox import App, Receive, Send

LONGEST = 100
ROOT_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?")
"""No dot comes first, so that no part is ``..``."""
HINT = (
    f"write /tutor, or /a/tutor: each part after a slash, made of letters, digits and any of "
    f"-._~, and at most {LONGEST} characters in all"
)
BOOK_PATH = re.compile(rf"/{FOLDER}/(?P<name>[a-z0-9-]{{1,{LONGEST_BOOK}}})(?=/|$)")
BOOK = "scholiast.book"
"""Where a scope holds the name of the book that its path names."""
FORWARDED_PREFIX = "scholiast.forwarded_prefix"
"""Where a scope holds the values of X-Forwarded-Prefix that a trusted proxy has sent."""


def parse_root_path(text: str) -> str:
    """The path without a slash at its end. Raises ValueError for what is none.

    >>> parse_root_path("/books/tutor/"), parse_root_path("/")
    ('/books/tutor', '')
    """
    if text == "/":
        return ""
    if len(text) > LONGEST or not ROOT_PATH.fullmatch(text):
        raise ValueError(f"{text!r} is no path below which a server can be; {HINT}.")
    return text.removesuffix("/")


def local_path(scope: Any) -> str:
    """The path of a request below the root path."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


class RootPath:
    """Puts the root path into the scope of each request, as ASGI and Quart want it.

    It is `own`, whether the proxy passes its part of a path on or takes it off. Where that is
    None, it is what a trusted proxy that has taken a prefix off says in X-Forwarded-Prefix.
    """

    def __init__(self, app: App, own: str | None) -> None:
        self._app = app
        self._own = own

    def __call__(self, scope: Any, receive: Receive, send: Send) -> Awaitable[None]:
        """The ASGI application."""
        if scope["type"] in ("http", "websocket"):
            root = _forwarded(scope) if self._own is None else self._own
            if root:
                path = _path(scope)
                if self._own is not None and f"{path}/".startswith(f"{root}/"):
                    path = path[len(root) :]
                scope = {**scope, "root_path": root, "path": root + (path or "/")}
        return self._app(scope, receive, send)


class BookPaths:
    """Takes ``/books/NAME`` for a part of the root path where there is a book of that name.

    So everything that the server has for the one book is there for another, and each address that
    it makes leads back to the same book. `BOOK` in the scope has its name.
    """

    def __init__(self, app: App, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    def __call__(self, scope: Any, receive: Receive, send: Send) -> Awaitable[None]:
        """The ASGI application."""
        if scope["type"] in ("http", "websocket"):
            path = local_path(scope)
            match = BOOK_PATH.match(path)
            if match and match["name"] in self._names:
                root = scope.get("root_path", "") + match[0]
                path = root + (path[match.end() :] or "/")
                scope = {**scope, "root_path": root, "path": path, BOOK: match["name"]}
        return self._app(scope, receive, send)


def _forwarded(scope: Any) -> str:
    """The prefix that a trusted proxy names; "" where that is nothing or nothing clear."""
    try:
        (value,) = scope.get(FORWARDED_PREFIX, ())
        return parse_root_path(value)
    except ValueError:
        return ""


def _path(scope: Any) -> str:
    """A request may name the whole address of what it wants (RFC 9112, 3.2.2)."""
    path = str(scope["path"])
    try:
        return path if path.startswith("/") else urlsplit(path).path
    except ValueError:  # it names no host; `quart_app.door.hosts` refuses it
        return ""
