"""The running server, as a command asks it to ingest: over HTTP, with the data folder's token."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from types import FrameType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from chains.errors import IndexInUse, SettingError, StoreError

TIMEOUT = 10.0
PAUSE = 0.2
"""Seconds between two looks at how far it is."""
PATIENCE = 60.0
"""Seconds without an answer after which the server is given up."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A server on this machine, and its token."""

    url: str
    token: str

    @classmethod
    def of(cls, url: str, data: Path) -> Self:
        """The server of a data folder. Raises StoreError where its token cannot be read."""
        from quart_app.authors.token import FILE, read_token

        token = read_token(data)
        if token is None:
            raise StoreError(
                f"The index in {data} is in use by the server at {url}, whose token in "
                f"{data / FILE} cannot be read; run this as the server's user, or stop it first."
            )
        return cls(url, token)

    def run(self, body: dict[str, object], progress: Callable[[int, int], None]) -> dict[str, Any]:
        """Have it ingest, and wait for the result: the fields of a Report, or of a Plan.

        Ctrl-C or SIGTERM here ends it there, too. Raises SettingError or StoreError with what the
        server says.
        """
        came: list[int] = []
        with _at_the_end(signal.default_int_handler):
            with _at_the_end(lambda number, _frame: came.append(number)):
                one = self._ask("POST", "api/ingest", body)
            try:
                if came:  # before there was anything to end
                    raise KeyboardInterrupt
                while one["status"] == "running":
                    if one["total"]:
                        progress(one["done"], one["total"])
                    time.sleep(PAUSE)
                    one = self._look(one["id"])
            except KeyboardInterrupt:
                self._ask("DELETE", f"api/ingest/{one['id']}")
                raise
        if one["status"] == "done":
            result: dict[str, Any] = one["result"]
            return result
        message = one["message"] or "The ingestion was stopped; the index is as it was."
        raise SettingError(message) if one["is_setting"] else StoreError(message)

    def restore(self, staged: str, book: str) -> None:
        """Have it take over a staged index. Raises StoreError with what the server says."""
        self._ask("POST", "api/restore", {"staged": staged, "book": book})

    def has_open(self, book: str) -> bool:
        """Whether it serves the book of that name. Raises NotReached."""
        return book in self._ask("GET", "api/books")["books"]

    def _look(self, id: str) -> dict[str, Any]:
        """How far it is; a server that is busy for a moment is asked again."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self._ask("GET", f"api/ingest/{id}")
            except NotReached:
                if time.monotonic() > end:
                    raise
                time.sleep(PAUSE)

    def _ask(self, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
        from quart_app.commands.chat_client import any_certificate

        request = Request(  # noqa: S310 - the address is our own server's
            self.url + path,
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        # No proxy: it runs on this machine.
        opener = build_opener(ProxyHandler({}), HTTPSHandler(context=any_certificate()))
        try:
            with opener.open(request, timeout=TIMEOUT) as response:
                said: dict[str, Any] = json.load(response)
        except HTTPError as error:
            raise self._refused(error) from None
        except (OSError, HTTPException, ValueError) as error:
            raise NotReached(
                f"The server at {self.url}, which has the index open, does not answer ({error}); "
                "try again, or stop it first."
            ) from None
        return said

    def _refused(self, error: HTTPError) -> StoreError:
        try:
            why = json.load(error)["error"]
        except (OSError, ValueError, KeyError, TypeError):
            why = f"HTTP {error.code}; stop it first"
        kind = {404: IndexInUse, 409: IndexInUse, 429: NotReached, 503: NotReached}.get(
            error.code, StoreError
        )
        return kind(f"The server at {self.url} says: {why}")


@contextmanager
def _at_the_end(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM call this, in the main thread, which alone gets them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


class NotReached(IndexInUse):
    """It has the index, and may answer in a moment."""
