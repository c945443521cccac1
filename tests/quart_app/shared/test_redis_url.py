"""What REDIS_URL may say; its password is in no message."""

from __future__ import annotations

import pytest

from quart_app.shared.redis_url import parse_redis_url, place_of

PASSWORD = "hushhush"


@pytest.mark.parametrize(
    "url",
    [
        "localhost", "http://cache.example", "redis://", f"redis://:{PASSWORD}#1@cache.example",
        f"redis://me:{PASSWORD}", f"redis://cache.example:6379/{PASSWORD}", "unix://",
        f"redis://:1/{PASSWORD}@cache.example:6379", f"redis://cache.example?{PASSWORD}",
        f"redis://cache.example?password={PASSWORD}", "redis://cache.example:0",
    ],
)  # fmt: skip
def test_a_wrong_address_is_refused_with_how_to_write_it_and_never_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="write it as redis://HOST:6379/0 or redis://:PASSW") as e:
        parse_redis_url(url)
    assert PASSWORD not in str(e.value)
    assert "cache.example" not in str(e.value)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://cache.example", "cache.example:6379"),
        ("rediss://me:a%23b@cache.example:7000/3?ssl_ca_certs=/ca.pem", "cache.example:7000"),
        (" redis://[::1]/ ", "[::1]:6379"),
        ("unix:///run/redis.sock?db=2", "/run/redis.sock"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, place: str) -> None:
    assert place_of(parse_redis_url(url)) == place
