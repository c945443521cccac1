"""The sockets that are open: how many there may be, and how they are told to go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class ConnectionManager:
    """Admits, counts and drains connections."""

    def __init__(self, maximum: int) -> None:
        self.draining = asyncio.Event()
        self._maximum = maximum
        self._count = 0
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def is_open(self) -> bool:
        """Whether one more connection would be admitted."""
        return not self.draining.is_set() and self._count < self._maximum

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Count a connection for as long as it lasts."""
        self._count += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._empty.set()

    async def drain(self) -> None:
        """Admit nobody any more, tell every connection to go, and wait until all are gone."""
        self.draining.set()
        await self._empty.wait()
