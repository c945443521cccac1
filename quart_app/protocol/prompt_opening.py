"""The first message on /ws/prompts, by which an author opens it; what follows is chat-v1."""

from __future__ import annotations

from quart_app.protocol.messages import Data, Name, Token


class OpeningData(Data, frozen=True):
    """The author's `token`, and the `prompt` that answers on this socket: with the `text` of a
    draft, or without it as its file stands."""

    token: Token
    prompt: Name
    text: str | None = None


class Opening(Data, frozen=True, tag_field="type", tag="open"):
    """An author opens a socket on which a prompt answers."""

    data: OpeningData
