"""A challenge of the operator's own, which each request and handshake has to pass.

It is an ASGI callable, named by a setting. What it answers itself goes to the client, and where
it sends nothing, the request goes on; so it can show a page, set a cookie and look for it.
"""

from __future__ import annotations

import asyncio
import logging
import pkgutil
import re
import traceback
from collections.abc import Callable
from time import monotonic
from typing import Any, cast

from chains.errors import SettingError
from quart_app.door.inbox import App, Receive, Send
from quart_app.door.proxies import PROBES
from quart_app.door.refusals import Refusal, log_refusal, refuse
from quart_app.door.root_path import local_path

log = logging.getLogger("scholiast.challenge")

TIMEOUT = 5.0
"""Seconds that a challenge may take for one request; it may ask another server."""
PAUSE = 1.0
"""Seconds between two stack traces in the log."""
_NAME = re.compile(r"\w+(?:\.\w+)*:\w+(?:\.\w+)*")
FAILED = Refusal(
    503,
    "The check of this server does not answer. Try again later.",
    f"SCHOLIAST_CHALLENGE failed, or took more than {TIMEOUT:g} s.",
)

NOT_LET_IN = ("The check of this server answered itself.", "SCHOLIAST_CHALLENGE names that check.")


def load_challenge(name: str) -> App:
    """The callable that ``package.module:callable`` names. Raises SettingError."""
    fix = "write it as package.module:callable, and let PYTHONPATH have its folder"
    try:
        found = pkgutil.resolve_name(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (a module may raise anything)
        problem = _import_fault(name, error)
        raise SettingError(f"SCHOLIAST_CHALLENGE: {problem or fix}.") from None
    if ":" not in name or not callable(found):
        raise SettingError(f"SCHOLIAST_CHALLENGE: {name} is no callable; {fix}.")
    return cast("App", found)


def _import_fault(name: str, error: BaseException) -> str:
    """What is wrong where a name cannot be imported, and the fix; "" for one without its form."""
    module, colon, attribute = name.partition(":")
    if not colon or not _NAME.fullmatch(name):
        return ""
    if isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}."):
        return f"there is no module {error.name}; let PYTHONPATH have its folder"
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, AttributeError) and frames[-1].filename == pkgutil.__file__:
        return f"{module} has no {attribute}; name what stands in it"
    place = (frames[-1].filename, frames[-1].lineno)
    if isinstance(error, SyntaxError):
        place = (error.filename or module, error.lineno)
    where = f"line {place[1]} of {place[0]}"
    what = f"{type(error).__name__}, {where}"
    return f"{module} cannot be imported ({what}); run `python -m {module}` to see why"


class Challenged:
    """Asks `challenge` about every request and handshake, but for those of probes.

    `count` gets the status of each handshake that is not let in.
    """

    def __init__(self, app: App, challenge: App, count: Callable[[int], None]) -> None:
        self._app = app
        self._challenge = challenge
        self._count = count
        self._next_trace = 0.0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        is_free = scope["type"] == "lifespan" or local_path(scope) in PROBES
        if is_free or not await self._answers(scope, receive, send):
            await self._app(scope, receive, send)

    async def _answers(self, scope: Any, receive: Receive, send: Send) -> bool:
        """Whether the challenge has answered; where it fails or is too slow, we do.

        It has a task of its own, since it may take its cancellation for an answer, or for a
        reason to try again.
        """
        has_answered = is_over = False

        async def answer(event: Any) -> None:
            nonlocal has_answered
            if is_over:
                raise RuntimeError("a challenge answers nothing after it has returned or is late")
            if not has_answered and (status := _refused_with(event)) is not None:
                self._note(status, scope)
            has_answered = True
            await send(event)

        async def ask() -> BaseException | None:
            nonlocal is_over
            try:
                await self._challenge(scope, receive, answer)
            except BaseException as error:  # noqa: BLE001 (not our code; it may even call exit)
                return error
            finally:
                is_over = True
            return None

        asking = asyncio.create_task(ask())
        try:
            await asyncio.wait({asking}, timeout=TIMEOUT)
        finally:
            is_over = True
            asking.cancel()
        error = await _late(asking) if not asking.done() else asking.result()
        if error is None:
            return has_answered
        self._trace(error)
        if not has_answered:
            await refuse(FAILED, scope, send, self._count)
        return True

    def _note(self, status: int, scope: Any) -> None:
        log_refusal(Refusal(status, *NOT_LET_IN), scope)
        if scope["type"] == "websocket":
            self._count(status)

    def _trace(self, error: BaseException) -> None:
        if monotonic() >= self._next_trace:
            self._next_trace = monotonic() + PAUSE
            log.error("SCHOLIAST_CHALLENGE failed", exc_info=error)


async def _late(asking: asyncio.Task[BaseException | None]) -> TimeoutError:
    """The error of a cancelled challenge, with the place where it was if that is soon known."""
    await asyncio.wait({asking}, timeout=PAUSE)
    error = TimeoutError(f"SCHOLIAST_CHALLENGE took more than {TIMEOUT:g} s")
    error.__cause__ = asking.result() if asking.done() else None
    return error


def _refused_with(event: Any) -> int | None:
    """The status, where the first event of an answer refuses what was asked."""
    if event["type"] == "websocket.close":
        return 403
    if event["type"] == "websocket.http.response.start":
        return int(event["status"])
    is_error = event["type"] == "http.response.start" and event["status"] >= 400
    return int(event["status"]) if is_error else None
