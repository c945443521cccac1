"""chat-v1: what a client sends. `quart_app.chat.inbound` parses it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from quart_app.protocol.messages import Address, BookName, Data, Name, Nonce, Token


class SelectionData(Data, frozen=True):
    """Text that a reader has selected, and where it stands."""

    text: str
    page: Address | None = None
    anchor: Address | None = None


class QuestionData(Data, frozen=True):
    """`context_chunks` holds chunk ids, selected text, or objects with text and place."""

    question: str
    context_chunks: tuple[str | SelectionData, ...] = ()
    session_id: str | None = None
    session_token: Token | None = None
    client_query_id: Name | None = None
    page: Address | None = None
    prompt: Name | None = None
    book: BookName | None = None


class QuestionMessage(Data, frozen=True, tag_field="type", tag="question"):
    """A reader asks."""

    data: QuestionData


class CancelData(Data, frozen=True):
    """Which answer to stop, by one of its two ids."""

    query_id: Name | None = None
    client_query_id: Name | None = None


class Cancel(Data, frozen=True, tag_field="type", tag="cancel"):
    """A reader stops an answer."""

    data: CancelData


class ResumeData(Data, frozen=True):
    """Which answer to resume, by one of its two ids, and from where: −1 is the beginning."""

    session_id: str
    session_token: Token
    last_seq: Annotated[int, Meta(ge=-1)]
    query_id: Name | None = None
    client_query_id: Name | None = None


class Resume(Data, frozen=True, tag_field="type", tag="resume"):
    """A client asks for what it missed of an answer."""

    data: ResumeData


class GetStartersData(Data, frozen=True):
    """`page` is the address of the page being read."""

    page: Address | None = None
    book: BookName | None = None


class GetStarters(Data, frozen=True, tag_field="type", tag="get_starters"):
    """A client asks for questions that the page being read answers well."""

    data: GetStartersData = GetStartersData()


class PingData(Data, frozen=True):
    """`nonce` comes back in the pong."""

    nonce: Nonce | None = None


class Ping(Data, frozen=True, tag_field="type", tag="ping"):
    """A client checks that the server is there."""

    data: PingData = PingData()


ClientMessage = QuestionMessage | Cancel | Resume | GetStarters | Ping
