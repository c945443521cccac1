"""What costs the operator: many who are one, and what everybody may ask together."""

from __future__ import annotations

from contextlib import AsyncExitStack
from ipaddress import ip_network
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from quart_app.answers.rates import parse_rates
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.talking import ask, receive

ZMP = "What is the zero moment point?"


@pytest.fixture
def proxied(example: WebSettings) -> WebSettings:
    """Settings for a test that says which address it comes from."""
    return example.model_copy(update={"trusted_proxies": (ip_network("127.0.0.1"),)})


async def come(url: str, address: str) -> ClientConnection:
    """A socket past its welcome, of a reader at `address`."""
    socket = await connect(
        url.replace("http", "ws", 1) + "ws/chat", additional_headers={"X-Forwarded-For": address}
    )
    await receive(socket)
    return socket


async def test_an_ipv6_site_of_many_networks_may_take_ten_times_as_much_and_no_more(
    proxied: WebSettings,
) -> None:
    update: dict[str, Any] = {"limit_questions": parse_rates("1/hour"), "limit_connections": 2}
    async with serving(proxied.model_copy(update=update)) as url, AsyncExitStack() as sockets:

        async def ending(address: str) -> dict[str, Any]:
            socket = await sockets.enter_async_context(await come(url, address))
            return (await ask(socket, ZMP))[-1]

        asked = [await ending(f"2001:db8:1:{number}::1") for number in range(20)]
        assert [message["type"] for message in asked] == ["response_end"] * 10 + ["error"] * 10
        assert asked[-1]["data"]["reason"] == "hour"
        with pytest.raises(InvalidStatus) as refused:
            await come(url, "2001:db8:1:ff::1")
        assert refused.value.response.status_code == 429
        assert (await ending("2001:db8:2::1"))["type"] == "response_end"
