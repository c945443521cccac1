"""Threads of the event loop, those that look up names apart from those that do all else.

The C library gives a look-up up no earlier than it likes, and nothing can end its thread: one whose
answer waits no longer goes on for half a minute where a name server is silent. asyncio looks up
names in the same few threads as `asyncio.to_thread` works in, so a handful of questions to a model
whose name hangs would keep pages, files and probes from theirs.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from typing_extensions import override

LOOKUPS = 4
"""At a time. Further ones wait, no longer than the connection that they are for."""

P = ParamSpec("P")
T = TypeVar("T")


def part_name_lookups() -> None:
    """Give the running event loop such threads, for as long as it runs."""
    asyncio.get_running_loop().set_default_executor(_Threads())


class _Threads(ThreadPoolExecutor):
    def __init__(self) -> None:
        super().__init__(thread_name_prefix="asyncio")
        self._lookups = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="names")

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if fn is socket.getaddrinfo or getattr(fn, "__name__", "") == "_getaddrinfo_debug":
            return self._lookups.submit(fn, *args, **kwargs)
        return super().submit(fn, *args, **kwargs)

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._lookups.shutdown(wait=False, cancel_futures=True)
        super().shutdown(wait, cancel_futures=cancel_futures)
