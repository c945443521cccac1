"""Names of keys in Redis, which hold no address and no session."""

from __future__ import annotations

from hashlib import sha256
from hmac import digest

LENGTH = 32
"""Of 64 hexadecimal digits: as hard to meet by chance as a UUID."""


class RedisNames:
    """Names made with a secret: without it, nobody finds out what one stands for by trying all."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def of(self, prefix: str, text: str) -> str:
        """The name for a text.

        >>> RedisNames("secret").of("scholiast:limit:", "192.0.2.1")
        'scholiast:limit:84edc40821674d125954d6546b5fe475'
        """
        return prefix + digest(self._secret, text.encode(), sha256).hex()[:LENGTH]
