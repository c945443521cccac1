"""The websocket that routes see."""

from __future__ import annotations

from typing import Any, cast

from quart.wrappers import Websocket
from typing_extensions import override

from quart_app.door.inbox import INBOX


class InboxWebsocket(Websocket):
    """Quart's, which frees the place of each frame that a route has taken from its inbox."""

    @override
    async def receive(self) -> str:
        frame = cast("str", await super().receive())
        cast("dict[str, Any]", self.scope)[INBOX].take(frame)
        return frame
