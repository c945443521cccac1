from __future__ import annotations

import asyncio
from contextlib import ExitStack

from quart_app.chat.connections import DRAINING, FULL, TOO_MANY, ConnectionManager


def nothing() -> None:
    """What a connection does that ignores the drain."""


async def test_the_whole_number_is_bounded() -> None:
    connections = ConnectionManager(2, None)
    with connections.admit("a", nothing):
        assert connections.turns_away("b") is None
        with connections.admit("a", nothing):
            assert connections.turns_away("b") == FULL
            assert connections.count == 2
        assert connections.turns_away("b") is None
    assert connections.count == 0
    assert connections.remaining("a") is None


async def test_each_address_is_bounded() -> None:
    connections = ConnectionManager(100, 2)
    with ExitStack() as stack:
        for _ in range(2):
            assert connections.turns_away("a") is None
            stack.enter_context(connections.admit("a", nothing))
        assert connections.turns_away("a") == TOO_MANY
        assert connections.turns_away("b") is None
        assert (connections.remaining("a"), connections.remaining("b")) == (0, 2)
    assert connections.turns_away("a") is None


async def test_a_site_of_many_ipv6_networks_is_bounded_too() -> None:
    connections = ConnectionManager(100, 2)
    with ExitStack() as stack:
        for number in range(20):
            assert connections.remaining(f"2001:db8:1:{number:x}::/64") == min(2, 20 - number)
            assert connections.turns_away(f"2001:db8:1:{number:x}::/64") is None
            stack.enter_context(connections.admit(f"2001:db8:1:{number:x}::/64", nothing))
        assert connections.turns_away("2001:db8:1:ffff::/64") == TOO_MANY
        assert connections.turns_away("2001:db8:2:1::/64") is None
    assert connections.turns_away("2001:db8:1:ffff::/64") is None


async def test_a_drain_makes_all_leave_and_waits_until_they_have() -> None:
    connections = ConnectionManager(100, 100)
    left: list[str] = []
    with ExitStack() as stack:
        for name in ("a", "b"):
            stack.enter_context(connections.admit(name, lambda name=name: left.append(name)))  # type: ignore[misc]
        drain = asyncio.create_task(connections.drain())
        await asyncio.sleep(0)
        assert sorted(left) == ["a", "b"]
        assert connections.turns_away("c") == DRAINING
        assert not drain.done()
    await drain
