"""What a reader's address is counted by."""

from __future__ import annotations

import pytest

from quart_app.door.addresses import AddressCounts, address_key, allowances


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("64:ff9b::192.0.2.7", "192.0.2.7"),
        ("64:ff9b::1:c000:207", "64:ff9b::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_an_ipv6_network_is_one_reader(address: str, key: str) -> None:
    assert address_key(address) == key


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::", "2001:db8:1::/48"),
        ("::1", "::/48"),
        ("192.0.2.7", None),
        ("::ffff:192.0.2.7", None),
        ("unix", None),
        ("", None),
    ],
)
def test_of_ipv6_the_site_is_counted_too(address: str, site: str | None) -> None:
    key = address_key(address)
    assert allowances(key) == {key: 1} | ({site: 10} if site else {})


def test_a_site_has_ten_times_what_an_address_may_have() -> None:
    counts = AddressCounts()
    networks = [f"2001:db8:1:{number:x}::/64" for number in range(20)]
    for number, network in enumerate(networks):
        assert counts.left(network, 2) == min(2, 20 - number)
        counts.add(network)
    assert counts.left(networks[0], 2) == counts.left("2001:db8:1:ff::/64", 2) == 0
    assert counts.left("2001:db8:2:1::/64", 2) == 2
    for network in networks:
        counts.remove(network)
    assert counts.left(networks[0], 2) == 2
