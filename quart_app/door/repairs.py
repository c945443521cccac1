"""What Hypercorn and asyncio have no switch for is put in place of their own parts.

Hypercorn's `TCPServer` becomes `Connection`, its `H11Protocol` becomes `Http1`, its `HTTPStream`
becomes `BodyStream` and its `WSStream` becomes `PacedStream`, where it makes them. A test names
everything of Hypercorn that these lean on (test_repairs.py).
"""

from __future__ import annotations

import logging

import hypercorn.asyncio.run
import hypercorn.protocol
from hypercorn.protocol import h11, ws_stream

from quart_app.door.connection import Connection
from quart_app.door.http1 import BodyStream, Http1
from quart_app.door.stream import PacedStream

GONE = {"socket.send() raised exception.", "SSL connection is closed"}
"""What asyncio logs of each further write to a client that has gone."""


def install_repairs() -> None:
    """Let every server that Hypercorn starts in this process use our parts; twice is as once."""
    # permessage-deflate costs twice the CPU and 180 KiB a connection.
    setattr(ws_stream, "server_extensions_handshake", _no_extensions)  # noqa: B010 (mypy)
    setattr(hypercorn.asyncio.run, "TCPServer", Connection)  # noqa: B010
    setattr(hypercorn.protocol, "H11Protocol", Http1)  # noqa: B010
    setattr(h11, "HTTPStream", BodyStream)  # noqa: B010
    setattr(h11, "WSStream", PacedStream)  # noqa: B010
    # Over TLS nothing tells that a client has gone until the event loop has its next turn.
    logging.getLogger("asyncio").addFilter(_says_more)


def _no_extensions(requested: object, supported: object) -> None:
    """None is agreed on, whatever a client offers."""


def _says_more(record: logging.LogRecord) -> bool:
    return record.msg not in GONE
