"""Names and times of what servers that share answers keep in Redis."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from uuid import uuid4

from quart_app.shared.redis_names import RedisNames

ANSWER = "scholiast:answer:"
BEAT = 1.0
"""Seconds between two signs of life of a server."""
ALIVE = 4
"""Seconds after which a server that gave none counts as dead."""
LEAST_RUNNING = 60
"""Seconds that the stream of an answer under way is kept at least; it is renewed meanwhile."""
MAILBOX = 60
"""Seconds that a server's mailbox is kept after the last message to it."""


def alive(server: str) -> str:
    """The key that a living server renews."""
    return f"scholiast:server:{server}:alive"


def dead(server: str) -> str:
    """The key that others write who waited in vain for a sign of life of a server."""
    return f"scholiast:server:{server}:dead"


def mailbox(server: str) -> str:
    """The stream of what other servers ask of one."""
    return f"scholiast:server:{server}"


@dataclass(frozen=True)
class StreamNames:
    """Names of answers' streams, made with a secret, and how long they are kept.

    `server` is this server's own name, and `window` that of resuming, in seconds.
    """

    names: RedisNames
    window: float
    server: str = field(default_factory=lambda: uuid4().hex)

    def of(self, query_id: str) -> str:
        """The stream of an answer."""
        return self.names.of(ANSWER, query_id)

    @property
    def running_s(self) -> int:
        """Seconds that a stream is kept from its last renewal on, while its answer goes on."""
        return max(LEAST_RUNNING, self.ended_s)

    @property
    def ended_s(self) -> int:
        """Seconds that the stream of an answer that has ended is kept without a reader."""
        return max(1, ceil(self.window))
