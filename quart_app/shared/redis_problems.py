"""What is wrong with a Redis, and the fix, in one line without its password."""

from __future__ import annotations

import ssl

from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)

_LET_IN = (
    "wants another user or password: write them as redis://USER:PASSWORD@HOST:PORT, "
    "or redis://:PASSWORD@HOST:PORT without a user"
)
_READ_ONLY = "is a replica, which only reads: name the primary in REDIS_URL"
_BY_TYPE: tuple[tuple[type[Exception], str], ...] = (
    (AuthenticationError, _LET_IN),
    (
        OutOfMemoryError,
        "has used up its memory: raise its maxmemory",
    ),
    (ReadOnlyError, _READ_ONLY),
    (NoPermissionError, "does not let its user do this: allow it +@all and the keys scholiast:*"),
    (BusyLoadingError, "still reads its data: wait until it has"),
    (MovedError, "is one node of a cluster: name a Redis that is no cluster"),
    (ClusterError, "is one node of a cluster: name a Redis that is no cluster"),
    (
        TimeoutError,
        "does not answer in time: check its load, and REDIS_URL (rediss:// is for TLS)",
    ),
)
_BY_WORD = {
    "NOAUTH": _LET_IN,
    "HELLO must be called": _LET_IN,
    "without any password configured": "has no password: leave it out of REDIS_URL",
    "DB index is out of range": "has no database of this number: choose a lower one, as in /0",
    "WRONGTYPE": (
        "has a key of another kind in the place of one of ours: give the book a database number "
        "of its own, or delete the keys scholiast:*"
    ),
    "MISCONF": "cannot save its data to disk, and so takes none: see its own log",
    "max number of clients": "has as many clients as it may: raise its maxclients",
    "DENIED": "is in protected mode, which lets in its own machine alone: give it a password",
}


def describe(error: BaseException) -> str:
    """The problem as the rest of a sentence that begins with where the Redis is."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    said = " ".join(map(str, chain))
    for word, problem in _BY_WORD.items():
        if word in said:
            return problem
    for type_, problem in _BY_TYPE:
        if any(isinstance(one, type_) for one in chain):
            return problem
    if any(isinstance(one, ssl.SSLError) for one in chain):
        return "does not speak TLS as REDIS_URL has it: check rediss:// and its certificate"
    if isinstance(error, ResponseError):
        return f"refused a command: {type(error).__name__}; see its own log"
    return "cannot be reached, or is no Redis: check that it runs, and REDIS_URL"
