"""What a reader's address is counted by."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

SUBSCRIBER = 64
"""Bits of an IPv6 address that belong to one subscriber, who may choose the rest."""
SITE = 48
"""Bits that a whole site has in common; who is given such a network has 65,536 of 64 bits."""
NAT64 = IPv6Network("64:ff9b::/96")
"""Where a translator puts readers of IPv4 for a server that has IPv6 alone (RFC 6052, 2.1): all
of them are in one network of 64 bits."""
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
    if parsed in NAT64:
        return str(IPv4Address(parsed.packed[-4:]))
    return str(ip_network((int(parsed), SUBSCRIBER), strict=False))


def allowances(key: str) -> dict[str, int]:
    """By what a client with this `address_key` is counted, and how many times what one address
    may have each of these may have.

    >>> allowances("2001:db8:1:2::/64"), allowances("192.0.2.7")
    ({'2001:db8:1:2::/64': 1, '2001:db8:1::/48': 10}, {'192.0.2.7': 1})
    """
    if not key.endswith(f"::/{SUBSCRIBER}"):
        return {key: 1}
    return {key: 1, str(IPv6Network(key).supernet(new_prefix=SITE)): SITE_ALLOWANCE}


class AddressCounts:
    """How many of something each address has, by its `address_key`."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, address: str) -> None:
        """It has one more."""
        self._counts.update([*allowances(address)])

    def remove(self, address: str) -> None:
        """It has one less."""
        for key in allowances(address):
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]

    def left(self, address: str, most: int) -> int:
        """How many more it may have, where an address may have `most`."""
        return min(most * times - self._counts[key] for key, times in allowances(address).items())
