"""What a reader's address is counted by."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

NETWORK = 64
"""Bits of an IPv6 address that belong to one subscriber, who may choose the rest."""


def address_key(address: str) -> str:
    """Of an IPv6 address its network, so that nobody is many; anything else as it is.

    >>> address_key("2001:db8:1:2:3:4:5:6"), address_key("192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7')
    """
    try:
        parsed = ip_address(address)
    except ValueError:  # a unix socket has none
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), NETWORK), strict=False))
