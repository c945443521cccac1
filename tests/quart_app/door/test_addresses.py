"""What a reader's address is counted by."""

from __future__ import annotations

import pytest

from quart_app.door.addresses import address_key, site_key


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
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
    assert site_key(address_key(address)) == site
