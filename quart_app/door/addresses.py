"""What a reader's address is counted by."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network

SUBSCRIBER = 64
"""Bits of an IPv6 address that belong to one subscriber, who may choose the rest."""
SITE = 48
"""Bits that a whole site has in common; whoever is given such a network has 65,536 of 64 bits."""
SITE_ALLOWANCE = 10
"""How many times what one subscriber may take all those of a site may take together."""


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
    return str(ip_network((int(parsed), SUBSCRIBER), strict=False))


def site_key(key: str) -> str | None:
    """Of what `address_key` returned for an IPv6 address, the network of its site.

    >>> site_key("2001:db8:1:2::/64"), site_key("192.0.2.7")
    ('2001:db8:1::/48', None)
    """
    if not key.endswith(f"::/{SUBSCRIBER}"):
        return None
    return str(IPv6Network(key).supernet(new_prefix=SITE))
