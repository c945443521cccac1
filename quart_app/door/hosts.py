"""By which names the server is asked: its own, or any.

A page of another site can give its own name the address of a server on this machine (DNS
rebinding). It is then of the server's own Origin, and only its Host gives it away.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterator
from ipaddress import AddressValueError, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chains.bad_values import refuse_zone
from quart_app.door.origins import as_browsers_write
from quart_app.door.proxies import PROBES
from quart_app.door.refusals import Refusal, refuse
from quart_app.door.root_path import local_path

if TYPE_CHECKING:
    from quart_app.door.inbox import App, Receive, Send

ANY = "*"
"""The rule that every name fits."""
BELOW = "*."
"""How a rule for all names below one begins."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The names of this machine for itself."""
HOST = re.compile(
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,254})(?::(?P<port>[1-9][0-9]{0,4}))?"
)
NOT_IN_HOST = re.compile(r"[/?#@\s]")
LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")

NO_HOST = Refusal(
    400,
    "The Host of this request is missing or is no name of a server.",
    "SCHOLIAST_ALLOWED_HOSTS has the names that may be asked for.",
)
WRONG_HOST = Refusal(
    421,
    "This server does not answer for this Host; see SCHOLIAST_ALLOWED_HOSTS.",
    "If readers come by this name, add it there.",
)
TWO_ORIGINS = Refusal(
    400,
    "The request has more than one Origin.",
    "Browsers send one. A proxy must pass it on as it is.",
)


def parse_host(text: str) -> str | None:
    """The name or address of a Host header as it is compared, without its port; None for others.

    A port that there is not makes it none: Quart would redirect to ``http:///``.

    >>> parse_host("Book.Example.:8000"), parse_host("[0::1]:80"), parse_host("a:b")
    ('book.example', '[::1]', None)
    """
    match = HOST.fullmatch(text)
    if match is None or int(match["port"] or 1) > 65535:
        return None
    host = match["host"].lower()
    if host.startswith("["):
        try:
            return f"[{IPv6Address(host[1:-1])}]"
        except AddressValueError:
            return None
    name = host.removesuffix(".")
    return name if all(map(LABEL.fullmatch, name.split("."))) else None


def parse_host_rule(text: str) -> str:
    """A name, an address, ``*.`` and a name, or ``*``, as it is compared. Raises ValueError.

    >>> parse_host_rule("*.Faß.example"), parse_host_rule("::1")
    ('*.xn--fa-hia.example', '[::1]')
    """
    if text == ANY:
        return text
    refuse_zone(text)
    below = BELOW if text.startswith(BELOW) else ""
    name = _bracketed(text.removeprefix(below))
    written = None if NOT_IN_HOST.search(name) else as_browsers_write(f"http://{name}")
    host = None if written is None else parse_host(written.removeprefix("http://"))
    if host is None:
        hint = "write a name without scheme and path, such as book.example or *.book.example"
        raise ValueError(f"{text} is no name of a server; {hint}.")
    return below + host


def hosts_of(
    bound: str, name: str, given: frozenset[str], *, is_behind_proxy: bool
) -> frozenset[str]:
    """The rules for a server that listens at the address `bound`, which was asked for as `name`.

    Those that are `given`, and what this machine itself calls the server. Where none are given,
    the latter alone for a server that only this machine reaches, and `ANY` for others. A proxy
    on this machine is reached by everybody.
    """
    address = ip_address(bound)
    address = getattr(address, "ipv4_mapped", None) or address
    is_open = not given and (is_behind_proxy or not address.is_loopback)
    if is_open or ANY in given:
        return frozenset({ANY})
    own = filter(None, map(parse_host, map(_bracketed, (bound, name))))
    return given | LOOPBACK | set(own)


class KnownHosts:
    """Answers a Host that fits none of the `rules` with 421, and one that is no name with 400.

    So it does with more than one Origin, of which each reader of the headers could take another.
    Probes are answered also if they ask for an address, or without a Host: no page can do that
    in the name of another site. `count` gets the status of each handshake that is not let in.
    """

    def __init__(
        self, app: App, rules: Collection[str], count: Callable[[int], None] | None = None
    ) -> None:
        self._app = app
        self._count = count
        self._is_open = ANY in rules
        self._names = {rule for rule in rules if not rule.startswith(BELOW)}
        self._endings = tuple(rule[1:] for rule in rules if rule.startswith(BELOW))

    def __call__(self, scope: Any, receive: Receive, send: Send) -> Awaitable[None]:
        """The ASGI application."""
        if scope["type"] in ("http", "websocket"):
            if len(_values(scope, b"origin")) > 1:
                return refuse(TWO_ORIGINS, scope, send, self._count)
            for asked in _asked(scope):
                if (refusal := self._refusal(asked, local_path(scope))) is not None:
                    return refuse(refusal, scope, send, self._count)
        return self._app(scope, receive, send)

    def _refusal(self, asked: str, path: str) -> Refusal | None:
        host = parse_host(asked)
        if host is None:
            may_lack = self._is_open or path in PROBES
            return None if not asked and may_lack else NO_HOST
        if self._is_open or host in self._names or host.endswith(self._endings):
            return None
        return None if path in PROBES and _is_address(host) else WRONG_HOST


def _asked(scope: Any) -> Iterator[str]:
    """The Host, and that of a target in absolute form, which goes before it (RFC 9112, 3.2.2)."""
    yield ",".join(host.decode("latin-1") for host in _values(scope, b"host"))
    target = scope.get("raw_path") or b"/"
    if not target.startswith(b"/") and target != b"*":
        try:
            yield urlsplit(target.decode("latin-1")).netloc or "?"
        except ValueError:
            yield "?"


def _values(scope: Any, header: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name.lower() == header]


def _is_address(host: str) -> bool:
    """Whether a parsed host is an IP address, which no name server has a say in."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _bracketed(host: str) -> str:
    """An IPv6 address in the brackets that it has in a URL; anything else as it is."""
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
