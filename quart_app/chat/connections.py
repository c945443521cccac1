"""The sockets that are open: how many there may be, from whom, and how they are made to leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from quart_app.door.addresses import AddressCounts
from quart_app.door.refusals import Refusal

DRAINING = Refusal(
    503, "The server is restarting. Try again in a few seconds.", "It is stopping.", 5
)
FULL = Refusal(
    503,
    "The server has no free connection. Try again later.",
    "More may be open with a larger SCHOLIAST_MAX_CONNECTIONS.",
    10,
)
TOO_MANY = Refusal(
    429,
    "Too many connections from this address. Close one first.",
    "More may be open with a larger SCHOLIAST_LIMIT_CONNECTIONS. If it is the address of a proxy, "
    "name it in SCHOLIAST_TRUSTED_PROXIES.",
    30,
)


class ConnectionManager:
    """Admits, counts and drains connections: at most `maximum`, of each address `per_address`.

    Addresses are keys of `address_key`; an IPv6 site of many has more, see `allowances`.
    """

    def __init__(self, maximum: int, per_address: int | None) -> None:
        self._maximum = maximum
        self._per_address = per_address
        self._draining = False
        self._addresses = AddressCounts()
        self._places: set[Place] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def count(self) -> int:
        """How many are open now."""
        return len(self._places)

    @property
    def is_draining(self) -> bool:
        """Whether new connections are refused."""
        return self._draining

    @property
    def per_address(self) -> int | None:
        """How many one address may have open; None for any number."""
        return self._per_address

    def remaining(self, address: str) -> int | None:
        """How many more the address may open."""
        if self._per_address is None:
            return None
        return self._addresses.left(address, self._per_address)

    def turns_away(self, address: str) -> Refusal | None:
        """Why one more connection from `address` would not be admitted, if so."""
        if self._draining:
            return DRAINING
        if self.count >= self._maximum:
            return FULL
        remaining = self.remaining(address)
        return TOO_MANY if remaining is not None and remaining <= 0 else None

    def admit(self, address: str, leave: Callable[[], None]) -> Place:
        """A context that counts a connection; `leave` is called when it should go."""
        return Place(self, address, leave)

    def enter(self, place: Place) -> None:
        """A connection begins."""
        self._places.add(place)
        self._addresses.add(place.address)
        self._empty.clear()

    def exit(self, place: Place) -> None:
        """A connection has ended."""
        self._places.remove(place)
        self._addresses.remove(place.address)
        if not self._places:
            self._empty.set()

    async def drain(self) -> None:
        """Refuse new connections, make the open ones leave, and wait until all are gone."""
        self._draining = True
        for place in list(self._places):
            place.leave()
        await self._empty.wait()


@dataclass(eq=False, slots=True)
class Place:
    """One connection's place among those of `manager`, held for the length of a block."""

    manager: ConnectionManager
    address: str
    leave: Callable[[], None]

    def __enter__(self) -> None:
        self.manager.enter(self)

    def __exit__(self, *_: object) -> None:
        self.manager.exit(self)
