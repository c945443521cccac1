"""/mcp beside Quart's app: who may come in, how often, how much they may send, and for how long.

It stands within the door, so Host, proxies, root path, TLS and challenge are checked before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from quart_app.answers.limit_store import Charge
from quart_app.answers.limits import Limits
from quart_app.assistants.book_tools import BookTools
from quart_app.assistants.mcp_server import Caller, make_server
from quart_app.assistants.mcp_words import in_our_words
from quart_app.door.addresses import allowances
from quart_app.door.arrival import Arrival
from quart_app.door.inbox import App, Receive, Send
from quart_app.door.refusals import Refusal, refuse
from quart_app.door.root_path import local_path

PATH = "/mcp"
LONGEST_BODY = 64 * 1024
"""Bytes of a request; the longest question takes 12 KB."""
LONGEST_REQUEST = 30.0
"""Seconds for all of a request, whose search has 10."""
REQUESTS = 120
"""How many an address may make in a minute, besides the limits of questions."""
MOST_AT_ONCE = 50
"""Requests of all assistants that are worked at."""
HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]

LATER = 5
"""Seconds until those may come again who were too many."""

POST_ONLY = Refusal(405, "Send MCP messages here by POST; there are no streams.", "Clients try.")
NOT_ALLOWED = Refusal(
    403,
    "Pages of this Origin may not ask here; see SCHOLIAST_ALLOWED_ORIGINS.",
    "It is the same list as for the socket.",
)
TOO_OFTEN = Refusal(
    429, f"At most {REQUESTS} requests a minute; try again soon.", "It is an assistant.", LATER
)
BUSY = Refusal(
    503, "Too many assistants ask at once; try again soon.", "They wait for the index.", LATER
)
TOO_SLOW = Refusal(408, "The request took too long.", f"It had {LONGEST_REQUEST:g} s.")


@dataclass(frozen=True, slots=True)
class Rules:
    """Whom to let in: as the socket does, by Origin; `limits` are those of questions."""

    allowed_origins: Collection[str]
    require_origin: bool
    limits: Limits


@asynccontextmanager
async def assistants(
    app: App, rules: Rules, tools_of: Callable[[Any], BookTools]
) -> AsyncIterator[App]:
    """`app` with /mcp beside it, for the length of the block.

    `tools_of` gives the tools by the ASGI scope of a request.
    """

    def caller_of(scope: Any) -> Caller:
        arrival = Arrival.of(scope)

        async def admit() -> str | None:
            # No session is known of, so questions are counted by address under each setting.
            address = arrival.address
            exceeded = await rules.limits.take_question(address, address, is_new_session=False)
            return None if exceeded is None else exceeded.message

        here = f"{arrival.scheme}://{arrival.host}{scope.get('root_path', '')}"
        return Caller(tools_of(scope), here, admit)

    manager = StreamableHTTPSessionManager(
        make_server(caller_of),
        json_response=True,
        stateless=True,
        max_request_body_size=LONGEST_BODY,
    )
    async with manager.run():
        yield _Beside(app, manager, rules)


class _Beside:
    """Answers /mcp by the manager, and everything else by the app."""

    def __init__(self, app: App, manager: StreamableHTTPSessionManager, rules: Rules) -> None:
        self._app = app
        self._manager = manager
        self._rules = rules
        self._at_work = 0

    def __call__(self, scope: Any, receive: Receive, send: Send) -> Awaitable[None]:
        """The ASGI application."""
        if scope["type"] == "http" and local_path(scope) == PATH:
            return self._answer(scope, receive, send)
        return self._app(scope, receive, send)

    async def _answer(self, scope: Any, receive: Receive, send: Send) -> None:
        has_begun = False

        async def send_marked(event: Any) -> None:
            nonlocal has_begun
            has_begun = True
            await send(_marked(event))

        refusal = await self._refusal(scope)
        try:
            async with asyncio.timeout(LONGEST_REQUEST):
                # A body that does not come takes no place among those that are worked at.
                body = await _body(receive) if refusal is None else b""
                if body is None:
                    return
                if refusal is None and self._at_work >= MOST_AT_ONCE:
                    refusal = BUSY
                if refusal is not None:
                    await refuse(refusal, scope, send_marked)
                    return
                with self._working():
                    answer = in_our_words(scope, send_marked)
                    await self._manager.handle_request(scope, _again(body, receive), answer)
        except TimeoutError:
            if not has_begun:
                await refuse(TOO_SLOW, scope, send_marked)

    @contextmanager
    def _working(self) -> Iterator[None]:
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1

    async def _refusal(self, scope: Any) -> Refusal | None:
        arrival, rules = Arrival.of(scope), self._rules
        if not arrival.may_open(rules.allowed_origins, is_required=rules.require_origin):
            return NOT_ALLOWED
        charges = [
            Charge(f"mcp {key}", REQUESTS * times, 60)
            for key, times in allowances(arrival.address).items()
        ]
        if await rules.limits.store.take(charges) is not None:
            return TOO_OFTEN
        return None if scope["method"] == "POST" else POST_ONLY


async def _body(receive: Receive) -> bytes | None:
    """The body, or its beginning where it is longer than it may be; None if the client leaves."""
    body, is_whole = b"", False
    while not is_whole and len(body) <= LONGEST_BODY:
        event = await receive()
        if event["type"] != "http.request":
            return None
        body += event.get("body", b"")
        is_whole = not event.get("more_body")
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was received already, and then what else comes."""
    events = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_event() -> Any:
        return events.pop() if events else await receive()

    return next_event


def _marked(event: Any) -> Any:
    """An event of a response, with the headers that each of them has."""
    if event["type"] != "http.response.start":
        return event
    more = [*HEADERS]
    if event["status"] == POST_ONLY.status:
        more.append((b"allow", b"POST"))
    if event["status"] in (TOO_OFTEN.status, BUSY.status):
        more.append((b"retry-after", b"%d" % LATER))
    return {**event, "headers": [*event.get("headers", ()), *more]}
