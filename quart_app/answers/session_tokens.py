"""What opens a session: an HMAC over its id and the time until which it may be opened."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from time import time

from itsdangerous import Signer
from pydantic import SecretStr

from chains.errors import SettingError
from chains.regular_files import read_regular

logger = logging.getLogger("scholiast.sessions")

FILE = "session.secret"
SECRET_BYTES = 32


class SessionTokens:
    """Issues tokens, ``<expiry>.<signature>`` with the expiry in Unix seconds, and checks them."""

    def __init__(self, secret: str, lifetime: int, clock: Callable[[], float] = time) -> None:
        self._signer = Signer(
            secret, salt="scholiast.session", key_derivation="hmac", digest_method=sha256
        )
        self._lifetime = lifetime
        self._clock = clock

    def issue(self, session_id: str) -> str:
        """A token that opens the session for its whole lifetime from now on."""
        return self._token(session_id, str(int(self._clock()) + self._lifetime))

    def opens(self, session_id: str, token: str) -> bool:
        """Whether the token was issued for this session and is still good."""
        expiry = token.partition(".")[0]
        if not (expiry.isascii() and expiry.isdigit()):
            return False
        # Compared as a whole: the library's own check would pass over what is no base64.
        is_ours = compare_digest(self._token(session_id, expiry).encode(), token.encode())
        return is_ours and int(expiry) > self._clock()

    def _token(self, session_id: str, expiry: str) -> str:
        return f"{expiry}.{self._signer.get_signature(f'{session_id}.{expiry}').decode()}"


def load_secret(data: Path, given: SecretStr | None = None) -> str:
    """The one `given`, else that of the data folder, which is made if it is not there.

    Where it cannot be made, it is one for this run alone. Raises SettingError.
    """
    if given is not None:
        return given.get_secret_value()
    file = data / FILE
    if not _is_made(file):
        return secrets.token_urlsafe(SECRET_BYTES)
    try:
        secret = read_regular(file).decode("ascii").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingError(
            f"{file} cannot be used ({reason}); set SCHOLIAST_SESSION_SECRET."
        ) from None
    if len(secret) < SECRET_BYTES:
        raise SettingError(f"{file} holds no secret; remove it, and a new one is made.")
    return secret


def _is_made(file: Path) -> bool:
    """Whether there is such a file, now or already; a line in the log where there is not."""
    try:
        _make(file)
    except OSError as error:
        logger.warning(
            "%s cannot be made (%s): sessions end with this server; set SCHOLIAST_SESSION_SECRET.",
            file,
            error.strerror,
        )
        return False
    return True


def _make(file: Path) -> None:
    """A random secret for its owner alone, unless there is one; whole or not at all."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(SECRET_BYTES))
        os.link(fresh, file)
    except FileExistsError:  # another server on this folder was first
        pass
    finally:
        fresh.unlink()
