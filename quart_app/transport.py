"""What Hypercorn has no switch for: frames as they are, and connections that can be cut."""

from __future__ import annotations

import hypercorn.asyncio.run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config
from hypercorn.protocol import ws_stream
from typing_extensions import override

_OPEN: set[Connection] = set()


class Connection(TCPServer):
    """A client's connection, remembered while it lasts."""

    @override
    async def run(self) -> None:
        _OPEN.add(self)
        try:
            await super().run()
        finally:
            _OPEN.discard(self)


def cut(config: Config) -> None:
    """Drop what is still connected to the server of `config`.

    A client that reads nothing would keep its handler, and so the process, for good.
    """
    for connection in list(_OPEN):
        if connection.config is config:
            connection.writer.transport.abort()


# permessage-deflate costs twice the CPU and 180 KiB a connection.
setattr(ws_stream, "server_extensions_handshake", lambda *_: None)  # noqa: B010 (mypy)
setattr(hypercorn.asyncio.run, "TCPServer", Connection)  # noqa: B010
