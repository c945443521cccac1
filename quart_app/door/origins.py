"""Which Origins may come in: the server's own and those on the list, and how one is written."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import IPv6Address

import idna

from chains.bad_values import refuse_zone

DEFAULT_PORTS = {"http": 80, "https": 443}
OF_PAGES = {"ws": "http", "wss": "https"}
"""The scheme of the page that opens such a socket; an Origin is the page's."""
URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>\[[0-9a-f:.]+\]|[^\s/?#@:\[\]*]+)"
    r"(?::(?P<port>\d{1,5}))?(?:[/?#].*)?",
    re.IGNORECASE,
)
PATTERN = re.compile(r"(?P<scheme>https?://)\*(?P<rest>.*)")
"""Such as ``https://*.preview.example``: a star stands for one part of a name, the first."""
NAME = re.compile(r"(?P<scheme>https?://)[a-z0-9_-]+(?P<rest>\..+)")
NO_HOST = re.compile(r"[\x00-\x20\x7f#%/:<>?@\[\\\]^|*]")
"""What no name of a host holds (forbidden domain code points, https://url.spec.whatwg.org), and
the star of a pattern."""


def is_allowed(
    origin: str | None, own: str, allowed: Collection[str], *, is_required: bool = False
) -> bool:
    """Whether a page of `origin` may open a socket here: where it is the server's `own`, or
    among the `allowed`, of which one with a star stands for many.

    Browsers always send an Origin; a client that sends none may, unless one `is_required`.

    >>> is_allowed("https://pr-7.preview.example", "", {"https://*.preview.example"})
    True
    """
    if origin is None:
        return not is_required
    if origin == own:
        return True
    name = NAME.fullmatch(origin)
    pattern = f"{name['scheme']}*{name['rest']}" if name else origin
    return "*" not in origin and (origin in allowed or pattern in allowed)


def parse_origin(text: str) -> str:
    """An origin as it is, or a pattern of some. Raises ValueError for an origin that no browser
    would send so, and for a pattern that anyone can have a name for."""
    refuse_zone(text)
    if pattern := PATTERN.fullmatch(text):
        return _pattern(text, pattern["scheme"], pattern["rest"])
    written = as_browsers_write(text)
    if written is None:
        hint = "write scheme://host[:port], such as https://book.example"
        raise ValueError(f"{text} is no origin of a page; {hint}.")
    if written != text:
        raise ValueError(f"browsers write {written} for {text}; do so too.")
    return text


def _pattern(text: str, scheme: str, rest: str) -> str:
    host = rest.removeprefix(".").split(":")[0].rstrip(".")
    written = as_browsers_write(scheme + rest.removeprefix("."))
    is_number = host.rpartition(".")[2].isdigit()
    if written is None or not rest.startswith(".") or "." not in host or is_number:
        hint = "a star stands for one name below a domain of yours"
        raise ValueError(f"{text} would let in too many; {hint}, as in https://*.preview.example.")
    pattern = written.replace(scheme, f"{scheme}*.", 1)
    if pattern != text:
        raise ValueError(f"browsers write {pattern} for {text}; do so too.")
    return pattern


def as_browsers_write(given: str) -> str | None:
    """The origin of a URL as browsers send it (RFC 6454): in small letters, in ASCII (UTS 46),
    without path and default port. None where it has none.

    >>> as_browsers_write("https://Faß.de:443/page")
    'https://xn--fa-hia.de'
    """
    match = URL.fullmatch(given)
    if match is None:
        return None
    scheme = match["scheme"].lower()
    scheme = OF_PAGES.get(scheme, scheme)
    host = _host(match["host"])
    port = int(match["port"] or DEFAULT_PORTS.get(scheme, 0))
    if host is None or port > 65535 or scheme == "file":  # a file's Origin is null
        return None
    return f"{scheme}://{host}" + ("" if port == DEFAULT_PORTS.get(scheme, 0) else f":{port}")


def _host(given: str) -> str | None:
    try:
        if given.startswith("["):
            return f"[{IPv6Address(given[1:-1])}]"
        name = idna.uts46_remap(given, std3_rules=False, transitional=False)
    except ValueError:
        return None
    # What looks like a slash or a colon may be mapped to one.
    return None if not name or NO_HOST.search(name) else ".".join(map(_label, name.split(".")))


def _label(mapped: str) -> str:
    """A part of a name in ASCII (RFC 3492). `idna.alabel` would refuse names that browsers open,
    such as ``my_host`` and ``☕``."""
    return mapped if mapped.isascii() else f"xn--{mapped.encode('punycode').decode()}"
