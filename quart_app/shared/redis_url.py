"""The address of a Redis, as REDIS_URL has it; no message repeats a part that may be a password."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import SplitResult, parse_qs, urlsplit

from pydantic import SecretStr

from chains.errors import SettingError

PORT = 6379
WRITE_IT = (
    "write it as redis://HOST:6379/0 or redis://:PASSWORD@HOST:6379/0, with rediss:// for TLS, or "
    "as unix:///PATH; special characters of a password percent-encoded, as %23 for #"
)
OPTIONS = {
    "db", "ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname", "ssl_keyfile",
}  # fmt: skip
"""Of redis-py, what may stand behind a question mark."""


def parse_redis_url(text: str) -> SecretStr:
    """The address, checked. Raises ValueError with what to write."""
    url = SecretStr(text.strip())
    try:
        is_known = _is_known(urlsplit(url.get_secret_value()))
    except ValueError:
        is_known = False
    if not is_known:
        raise ValueError(WRITE_IT) from None
    return url


def _is_known(parts: SplitResult) -> bool:
    """Whether redis-py reads all of it as it was meant; it passes over much that it does not."""
    options = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    if parts.fragment or not options.keys() <= OPTIONS:
        return False
    if parts.scheme == "unix":
        return not parts.hostname and len(parts.path) > 1
    database = parts.path.removeprefix("/") or "0"
    is_counted = database.isascii() and database.isdigit()
    port = PORT if parts.port is None else parts.port  # raises ValueError where it is none
    return parts.scheme in ("redis", "rediss") and bool(parts.hostname) and is_counted and port > 0


def place_of(url: SecretStr) -> str:
    """Where it is, for people: nothing of user and password.

    >>> place_of(SecretStr("redis://me:secret@cache.example/2"))
    'cache.example:6379'
    """
    parts = urlsplit(url.get_secret_value())
    if parts.scheme == "unix":
        return parts.path
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or PORT}"


def require_sharing(secret: SecretStr | None) -> str:
    """The secret of the sessions. Raises SettingError where servers cannot share."""
    if find_spec("redis") is None:
        raise SettingError("REDIS_URL needs one more package: pip install 'scholiast[redis]'")
    if secret is None:
        raise SettingError(
            "REDIS_URL needs SCHOLIAST_SESSION_SECRET too: a long random text, the same on all "
            "servers that use this Redis"
        )
    return secret.get_secret_value()
