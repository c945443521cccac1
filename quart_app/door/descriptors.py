"""How many files this process may have open; each connection is one of them."""

from __future__ import annotations

import logging
import sys

log = logging.getLogger("scholiast.serve")

RESERVED = 256
"""For the index, the model, and what is accepted at once before it can be turned away."""


def make_room(connections: int) -> int:
    """Raise the soft limit of open files for so many connections; returns how many there can be."""
    if sys.platform == "win32":
        return connections
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + RESERVED
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    room = max(1, soft - RESERVED)
    log.warning(
        "the system allows %d open files, so %d connections, not SCHOLIAST_MAX_CONNECTIONS=%d; "
        "raise the hard limit, as by `ulimit -Hn`",
        soft,
        room,
        connections,
    )
    return room
