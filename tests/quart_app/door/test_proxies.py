"""Whose request it is, when a proxy passes it on, and what only looks like one."""

from __future__ import annotations

from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from chains.errors import SettingError
from quart_app.door.proxies import TrustedProxies, is_trusted, parse_network
from quart_app.serve import serving
from quart_app.settings import WebSettings

NETWORKS = ("10.0.0.0/8", "fd00::/8", "192.0.2.7")
HTTPS = [("X-Forwarded-Proto", "https")]


async def seen(
    peer: str | None, *headers: tuple[str, str], scheme: str = "http", kind: str = "http"
) -> tuple[Any, str]:
    """Client and scheme as the app behind the trusted proxies sees them."""
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    scope = {
        "type": kind,
        "scheme": scheme,
        "client": peer and (peer, 1234),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }
    await TrustedProxies(app, tuple(map(parse_network, NETWORKS)))(scope, app, app)  # type: ignore[arg-type]
    (passed,) = scopes
    return passed["client"] and passed["client"][0], passed["scheme"]


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("203.0.113.1", "203.0.113.1"),
        ("198.51.100.9, 203.0.113.1", "203.0.113.1"),
        ("198.51.100.9, 203.0.113.1, 10.1.2.3, 192.0.2.7", "203.0.113.1"),
        ("10.9.9.9, fd00::5, 10.1.1.1", "10.9.9.9"),
        ("203.0.113.1:4711", "203.0.113.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:DB8:0::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("::ffff:10.1.1.1", "10.1.1.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%eth0]:4711", "fe80::1"),
        (" , 203.0.113.1 ,, ", "203.0.113.1"),
        ("", "10.0.0.1"),
        (",", "10.0.0.1"),
        ("203.0.113.1, unknown", "10.0.0.1"),
        ("203.0.113.1, _hidden, 10.1.1.1", "10.1.1.1"),
        ("203.0.113.1, 999.1.1.1", "10.0.0.1"),
        ("203.0.113.1, 1.2.3.4.5:x", "10.0.0.1"),
        ("203.0.113.1, [::1", "10.0.0.1"),
        ("203.0.113.1, <script>\x00", "10.0.0.1"),
    ],
)
async def test_the_client_is_the_rightmost_hop_that_is_not_trusted(hops: str, client: str) -> None:
    assert await seen("10.0.0.1", ("X-Forwarded-For", hops)) == (client, "http")


async def test_several_headers_are_one_list() -> None:
    first, second = (
        ("X-Forwarded-For", "198.51.100.9"),
        ("X-Forwarded-For", "203.0.113.1, 10.1.1.1"),
    )
    assert await seen("10.0.0.1", first, second) == ("203.0.113.1", "http")


@pytest.mark.parametrize("peer", ["203.0.113.5", "192.0.2.8", "::1", "<local>", None])
async def test_headers_that_an_untrusted_peer_forges_change_nothing(peer: str | None) -> None:
    forged = ("X-Forwarded-For", "10.0.0.1, 198.51.100.9")
    assert await seen(peer, forged, *HTTPS) == (peer, "http")


@pytest.mark.parametrize("peer", ["10.0.0.1", "::ffff:10.0.0.1", "fd00::1", "192.0.2.7"])
async def test_a_trusted_peer_says_whether_it_was_https(peer: str) -> None:
    assert (await seen(peer, *HTTPS))[1] == "https"
    assert (await seen(peer, *HTTPS, scheme="ws", kind="websocket"))[1] == "wss"


@pytest.mark.parametrize(
    ("hops", "schemes", "scheme"),
    [
        ("203.0.113.1", "HTTPS", "https"),
        ("203.0.113.1", "wss", "https"),
        ("203.0.113.1", "http", "http"),
        # The client's own word, before that of the proxy.
        ("203.0.113.1", "https, http", "http"),
        # The outer proxy's word, before that of the inner one.
        ("203.0.113.1, 10.2.2.2", "https, http", "https"),
        ("198.51.100.9, 203.0.113.1, 10.2.2.2", "https, http, http", "http"),
        ("203.0.113.1, 10.2.2.2", "https", "https"),
        ("203.0.113.1", "gopher", "http"),
        ("203.0.113.1", "", "http"),
    ],
)
async def test_the_scheme_is_what_the_outermost_trusted_proxy_said(
    hops: str, schemes: str, scheme: str
) -> None:
    headers = ("X-Forwarded-For", hops), ("X-Forwarded-Proto", schemes)
    assert (await seen("10.0.0.1", *headers))[1] == scheme


async def test_a_trusted_proxy_may_say_that_the_clients_own_connection_was_plain() -> None:
    plain = ("X-Forwarded-Proto", "http")
    assert (await seen("10.0.0.1", plain, scheme="https"))[1] == "http"


async def test_an_ipv4_proxy_may_be_named_as_ipv6_carries_it() -> None:
    networks = (parse_network("::ffff:10.0.0.0/104"), parse_network("::ffff:192.0.2.7"))
    for peer in ("10.1.2.3", "::ffff:10.1.2.3", "192.0.2.7"):
        assert is_trusted(peer, networks)
    for peer in ("11.0.0.1", "192.0.2.8", "::1"):
        assert not is_trusted(peer, networks)
    assert is_trusted("203.0.113.1", (parse_network("::ffff:0:0/96"),))


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "wrong", ["10.0.0.0/33", "nginx", "10.0.0.1/8", "fd00::/129", "1.2.3.4:80"]
)
def test_a_wrong_proxy_is_named(wrong: str) -> None:
    with pytest.raises(SettingError, match="SCHOLIAST_TRUSTED_PROXIES: ") as refused:
        WebSettings.read(trusted_proxies=f"127.0.0.1, {wrong}")
    assert wrong in str(refused.value)
    assert "10.0.0.0/8" in str(refused.value)


async def test_each_reader_behind_a_trusted_proxy_has_connections_of_their_own(
    example: WebSettings,
) -> None:
    update = {"trusted_proxies": (parse_network("127.0.0.1"),), "limit_connections": 1}
    async with serving(example.model_copy(update=update)) as url:
        address = url.replace("http", "ws", 1) + "ws/chat"
        first, second = ({"X-Forwarded-For": f"203.0.113.{n}"} for n in (1, 2))
        async with connect(address, additional_headers=first) as socket:
            await socket.recv()
            async with connect(address, additional_headers=second):
                pass
            with pytest.raises(InvalidStatus) as refused:
                await connect(address, additional_headers=first)
            assert refused.value.response.status_code == 429


async def test_a_forged_address_does_not_give_more_connections(example: WebSettings) -> None:
    settings = example.model_copy(update={"limit_connections": 1})
    async with serving(settings) as url:
        address = url.replace("http", "ws", 1) + "ws/chat"
        async with connect(address, additional_headers={"X-Forwarded-For": "203.0.113.1"}) as one:
            await one.recv()
            with pytest.raises(InvalidStatus) as refused:
                await connect(address, additional_headers={"X-Forwarded-For": "203.0.113.2"})
            assert refused.value.response.status_code == 429
