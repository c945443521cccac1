"""What stands between the server and its readers: proxies that are believed, and whether it is TLS.

Where the peer of a connection is a trusted proxy, X-Forwarded-For says whose request it is and
X-Forwarded-Proto how the reader's own connection came in. X-Forwarded-Prefix is for `RootPath`.
Anybody else may write what they like.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TYPE_CHECKING, Any

from quart_app.door.refusals import Refusal, refuse
from quart_app.door.root_path import FORWARDED_PREFIX, local_path

if TYPE_CHECKING:
    from quart_app.door.inbox import App, Receive, Send

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PROBES = {"/healthz", "/readyz"}
STRICT = (b"strict-transport-security", b"max-age=31536000")
"""For a year, and for this name alone (RFC 6797): others of its domain are not ours."""
NOT_SECURE = Refusal(
    403,
    "This server takes secure connections only: use https:// and wss://.",
    "SCHOLIAST_REQUIRE_TLS is set. Behind a proxy that ends TLS, name it in "
    "SCHOLIAST_TRUSTED_PROXIES, and let it set X-Forwarded-Proto.",
)
SECURE = {"https": True, "wss": True, "http": False, "ws": False}
"""The schemes that X-Forwarded-Proto may name; some proxies name that of the socket."""
MAPPED = 96
"""Bits of an IPv6 address before the IPv4 address that it carries (RFC 4291, 2.5.5.2)."""
ZONE = re.compile(r"%[^\]]*")
"""Behind an IPv6 address, the network card by which one machine reaches it (RFC 4007, 11)."""
HOP = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[\d.]+)(?::\d+)?|(?P<bare>[0-9a-fA-F:.]+)")


def parse_network(text: str) -> Network:
    """An address or a network; an IPv4 one also where IPv6 carries it, as `_address` has it.

    Raises ValueError for what is neither.

    >>> parse_network("::ffff:10.0.0.0/104")
    IPv4Network('10.0.0.0/8')
    """
    try:
        network = ip_network(text)
        mapped = getattr(network.network_address, "ipv4_mapped", None)
        bits = network.prefixlen - MAPPED
        return network if mapped is None or bits < 0 else IPv4Network((mapped, bits))
    except ValueError as error:
        hint = "write one as 127.0.0.1, 10.0.0.0/8 or fd00::/8"
        raise ValueError(f"{error}; {hint}.") from None


def is_trusted(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether the address of a connection is that of a trusted proxy."""
    parsed = _address(address) if networks else None
    return parsed is not None and any(parsed in network for network in networks)


class TrustedProxies:
    """Puts the reader's own address and scheme into the scope of what a trusted proxy passes on."""

    def __init__(self, app: App, networks: tuple[Network, ...]) -> None:
        self._app = app
        self._networks = networks

    def __call__(self, scope: Any, receive: Receive, send: Send) -> Awaitable[None]:
        """The ASGI application."""
        if self._networks and scope["type"] in ("http", "websocket") and scope.get("client"):
            peer = _address(scope["client"][0])
            if peer is not None and self._trusts(peer):
                scope = self._seen_through(peer, scope)
        return self._app(scope, receive, send)

    def _seen_through(self, peer: Address, scope: Any) -> Any:
        passed, client = 0, peer
        for hop in _hops(scope):
            # What a trusted proxy could not name is not guessed from what was said before it.
            if hop is None:
                break
            client = hop
            if not self._trusts(hop):
                break
            passed += 1
        seen = {**scope, "client": (str(client), 0)}
        seen[FORWARDED_PREFIX] = _values(scope, b"x-forwarded-prefix")
        if (is_secure := _is_secure(scope, passed)) is not None:
            plain = "ws" if scope["type"] == "websocket" else "http"
            seen["scheme"] = plain + "s" * is_secure
        return seen

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


class SecureOnly:
    """Answers plain requests, but for those of probes, with 403.

    What it lets through is answered with Strict-Transport-Security, so that a browser which came
    once by https never asks without it. `count` gets the status of each handshake that is refused.
    """

    def __init__(self, app: App, count: Callable[[int], None] | None = None) -> None:
        self._app = app
        self._count = count

    def __call__(self, scope: Any, receive: Receive, send: Send) -> Awaitable[None]:
        """The ASGI application."""
        if scope["type"] == "lifespan":
            return self._app(scope, receive, send)
        if not SECURE[scope["scheme"]]:
            if local_path(scope) in PROBES:
                return self._app(scope, receive, send)
            return refuse(NOT_SECURE, scope, send, self._count)

        async def send_strictly(event: Any) -> None:
            if event["type"].endswith("http.response.start"):
                event = {**event, "headers": [*event["headers"], STRICT]}
            await send(event)

        return self._app(scope, receive, send_strictly)


def _hops(scope: Any) -> Iterator[Address | None]:
    """Those of X-Forwarded-For, the nearest first; None for one that is no address."""
    return map(_address, reversed(_values(scope, b"x-forwarded-for")))


def _is_secure(scope: Any, passed: int) -> bool | None:
    """What the farthest of `passed` + 1 trusted proxies said; None where that is nothing clear."""
    schemes = _values(scope, b"x-forwarded-proto")
    # One value for all of them is what the farthest said and the nearer ones passed on.
    return SECURE.get(schemes[-1 - min(passed, len(schemes) - 1)].lower()) if schemes else None


def _values(scope: Any, name: bytes) -> list[str]:
    """The values of a header that is a list, whether in one line or in several (RFC 9110, 5.3)."""
    lines = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
    return [value for one in ",".join(lines).split(",") if (value := one.strip())]


def _address(text: str) -> Address | None:
    """The address, its port and brackets taken off; an IPv4 one also where IPv6 carries it."""
    match = HOP.fullmatch(ZONE.sub("", text))
    if match is None:
        return None
    try:
        address = ip_address(match["v6"] or match["v4"] or match["bare"])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
