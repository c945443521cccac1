"""What a client is sent first: its session, what answers, and every limit that it can hit."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from quart_app.protocol.bounds import LONGEST_QUESTION, LONGEST_SELECTION, MOST_SELECTIONS
from quart_app.protocol.messages import FEATURES, RESUME_ANYWHERE, SUBPROTOCOL
from quart_app.protocol.server_messages import BookInfo, Limit, WelcomeData
from quart_app.services import Services

RELEASE = version("scholiast")
CONCURRENT = 1
"""Answers at a time on a connection."""


async def welcome(services: Services, address: str, name: str) -> WelcomeData:
    """The welcome for a new connection from `address` about a book, in a new session."""
    book = services.libraries[name].latest  # a welcome need not ask the index
    session_id = services.sessions.new_id()
    questions = await services.limits.question_limits(address, session_id)
    return WelcomeData(
        session_id=session_id,
        session_token=services.sessions.token(session_id),
        server_version=RELEASE,
        features=(*FEATURES, *([RESUME_ANYWHERE] if services.answers.are_shared else [])),
        protocol=SUBPROTOCOL,
        resume_window_s=round(services.answers.window),
        session_lifetime_s=services.settings.session_lifetime,
        limits=(*questions, *_others(services, address)),
        model=services.model.label,
        book=BookInfo(book.title, book.version, name or None),
    )


def _others(services: Services, address: str) -> Iterator[Limit]:
    """Those of connections and messages; what is off is left out."""
    yield Limit("concurrent", CONCURRENT, CONCURRENT)
    if services.limits.messages is not None:
        yield Limit("messages", services.limits.messages, services.limits.messages)
    if services.connections.per_address is not None:
        left = services.connections.remaining(address)
        yield Limit("connections", services.connections.per_address, left)
    yield Limit("idle_s", round(services.settings.idle_timeout))
    yield Limit("frame_bytes", services.frame_bytes)
    yield Limit("question_length", LONGEST_QUESTION)
    yield Limit("selections", MOST_SELECTIONS)
    yield Limit("selection_length", LONGEST_SELECTION)
